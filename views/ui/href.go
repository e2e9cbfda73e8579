package ui

import (
	"context"

	"github.com/a-h/templ"
)

// href is the address of a link: ours through Path, a foreign one checked to be a web address.
func href(ctx context.Context, l Link) templ.SafeURL {
	if l.External {
		return templ.URL(l.Href)
	}
	return Path(ctx, l.Href)
}
