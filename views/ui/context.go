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
)

// WithBase returns a context with the path under which the console is served, such as "/voxwarden". "" and "/" mean the
// root of the host.
func WithBase(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey, strings.TrimRight(base, "/"))
}

// WithToken returns a context with the token that every form of a page sends in a hidden field named "token".
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey, token)
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

// Path returns the address of a page of the console. path begins with "/" and may have a query. Every link, form and
// asset goes through Path, so that the console can be served under any base path.
//
// Path returns the address of the overview for a path that does not begin with a single slash: it could lead to another
// site.
func Path(ctx context.Context, path string) templ.SafeURL {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		path = "/"
	}
	base, _ := ctx.Value(baseKey).(string)
	return templ.SafeURL(base + path)
}

// token returns the token of the page's forms, "" when there is none.
func token(ctx context.Context) string {
	t, _ := ctx.Value(tokenKey).(string)
	return t
}
