// Package search contains the page that searches people, keys, roles, pages and actions.
package search

import (
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Page is the search with its results.
type Page struct {
	Frame      page.Frame
	Freshness  page.Freshness
	Query      string
	Groups     []Group // none is empty
	Incomplete bool    // principals, or roles of principals, were not read, so that matches may be missing
	RolesKnown bool    // the catalogue was read
}

// Group is the results of one kind.
type Group struct {
	Title string
	Hits  []Hit
	Total int      // number of all matches
	More  *ui.Link // to the other matches, nil when there are none or no page shows them
}

// Hit is one result.
type Hit struct {
	Text string
	Href string
	Note string // "" for none
	Mark string // a word after the text: "privileged"; "" for none
}

// Destination is a page or an action that the search finds.
type Destination struct {
	Text     string
	Href     string
	Keywords string // other words for it, which the page does not show
	Action   bool
	AnyOf    []policy.Permission // of which the operator needs one; empty for every operator with a dashboard role
}
