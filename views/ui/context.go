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

// WithBase keeps the path under which the console is served, such as "/voxwarden", for the links of a page.
// "" and "/" mean the root of the host.
func WithBase(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey, strings.TrimRight(base, "/"))
}

// WithToken keeps a token that every form of a page sends along in a hidden field called "token".
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey, token)
}

// ReasonPart is a piece of a text. Href is a full https address that the piece names, "" when it names none.
type ReasonPart struct{ Text, Href string }

// WithReasonSplitter keeps what takes a reason apart at the tickets that it names.
func WithReasonSplitter(ctx context.Context, split func(text string) []ReasonPart) context.Context {
	return context.WithValue(ctx, reasonSplitterKey, split)
}

// splitReason are the pieces of a reason: all of it in one where nothing knows of tickets.
func splitReason(ctx context.Context, text string) []ReasonPart {
	if split, ok := ctx.Value(reasonSplitterKey).(func(string) []ReasonPart); ok {
		return split(text)
	}
	return []ReasonPart{{Text: text}}
}

// Path is the address of a page of ours: path begins with "/" and may carry a query. Every link, form and
// asset goes through it, so that the console can be served under any path.
//
// A path that does not begin with a single slash is not ours; its answer is the front page.
func Path(ctx context.Context, path string) templ.SafeURL {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		path = "/"
	}
	base, _ := ctx.Value(baseKey).(string)
	return templ.SafeURL(base + path)
}

// token answers the hidden token of this page's forms, "" when there is none.
func token(ctx context.Context) string {
	t, _ := ctx.Value(tokenKey).(string)
	return t
}
