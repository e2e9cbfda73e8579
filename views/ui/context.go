package ui

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

type contextKey int

const (
	baseKey contextKey = iota
	tokenKey
	reasonSplitterKey
	addressKey
	drawnKey
)

// WithBase returns a context with the path under which the console is served, such as "/voxwarden". "" and "/" mean the
// root of the host.
func WithBase(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey, Base(strings.TrimRight(base, "/")))
}

// WithToken returns a context with the token that every form of a page sends in a hidden field named "token".
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey, token)
}

// WithAddress returns a context with the address of the page: path and query, with the base.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey, address)
}

// formAddress returns the address to which a form at path is sent. It is never that of the page itself: a browser that
// cannot reach the console would replace the form in its history with an error page, and Back would not lead to the
// form.
func formAddress(ctx context.Context, path string) templ.SafeURL {
	address := Path(ctx, path)
	if current, _ := ctx.Value(addressKey).(string); current == string(address) {
		return address + "?sent"
	}
	return address
}

// ReasonPart is a piece of a reason. Href is the full https address of the ticket that it names, "" for plain text.
type ReasonPart struct{ Text, Href string }

// WithReasonSplitter returns a context with the function that splits a reason at its ticket numbers.
func WithReasonSplitter(ctx context.Context, split func(text string) []ReasonPart) context.Context {
	return context.WithValue(ctx, reasonSplitterKey, split)
}

// splitReason returns the pieces of a reason: a single one without a splitter in ctx.
func splitReason(ctx context.Context, text string) []ReasonPart {
	if split, ok := ctx.Value(reasonSplitterKey).(func(string) []ReasonPart); ok {
		return split(text)
	}
	return []ReasonPart{{Text: text}}
}

// Base is the path under which the console is served, without a slash at the end; "" is the root of the host.
type Base string

// BaseOf returns the base of WithBase. Path does it too; a component with many links asks once.
func BaseOf(ctx context.Context) Base {
	base, _ := ctx.Value(baseKey).(Base)
	return base
}

// Path returns the address of a page of the console. path begins with "/" and may have a query. Every link, form and
// asset goes through Path, so that the console can be served under any base path.
//
// Path returns the address of the overview for a path that does not begin with a single slash: it could lead to another
// site.
func Path(ctx context.Context, path string) templ.SafeURL { return BaseOf(ctx).Path(path) }

// Path returns the address of a page as the function Path does.
func (b Base) Path(path string) templ.SafeURL {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		path = "/"
	}
	return templ.SafeURL(string(b) + path)
}

// token returns the token of the page's forms, "" when there is none.
func token(ctx context.Context) string {
	t, _ := ctx.Value(tokenKey).(string)
	return t
}
