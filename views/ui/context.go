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
	splitKey
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

// Part is a piece of a text. Href is a full https address that the piece names, "" when it names none.
type Part struct{ Text, Href string }

// WithSplit keeps what takes a reason apart at the tickets that it names.
func WithSplit(ctx context.Context, split func(text string) []Part) context.Context {
	return context.WithValue(ctx, splitKey, split)
}

// partsOf are the pieces of a reason: all of it in one where nothing knows of tickets.
func partsOf(ctx context.Context, text string) []Part {
	if split, ok := ctx.Value(splitKey).(func(string) []Part); ok {
		return split(text)
	}
	return []Part{{Text: text}}
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
