package ui

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// signInPath is the only page that may redirect to another origin: the company's sign-in.
const signInPath = "/sign-in"

// mayLeaveSite reports whether following the link may end on another origin. htmx must leave such links to the browser,
// because the content security policy allows requests to this origin only.
func (l Link) mayLeaveSite() bool {
	path, _, _ := strings.Cut(l.Href, "?")
	return !l.External && path == signInPath
}

// href returns the address of a link: with the base path, or, for an external one, checked to be a web address.
func href(ctx context.Context, l Link) templ.SafeURL {
	if l.External {
		return templ.URL(l.Href)
	}
	return Path(ctx, l.Href)
}
