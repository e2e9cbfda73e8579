package ui

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// signInPath is the one page of ours that may send the browser on to another origin: to the company's sign-in.
const signInPath = "/sign-in"

// mayLeaveSite says whether following a link may end on another origin. The script must leave such a link to the
// browser: the content security policy lets it fetch from here alone.
func (l Link) mayLeaveSite() bool {
	path, _, _ := strings.Cut(l.Href, "?")
	return !l.External && path == signInPath
}

// href is the address of a link: ours through Path, a foreign one checked to be a web address.
func href(ctx context.Context, l Link) templ.SafeURL {
	if l.External {
		return templ.URL(l.Href)
	}
	return Path(ctx, l.Href)
}
