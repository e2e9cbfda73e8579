package page

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/ui"
)

// RoleCopy is the part of a form for a principal that ticks the roles of another principal of the same kind.
//
// It posts: copy_from, copied_from, copied (one per role that was ticked by copying), and of the pressed button
// step=find or copy, the id of the other principal. A GET of the form with copy_from or copy, role and copied shows the
// same part. The script sends role only with offered, the roles that the form offers.
type RoleCopy struct {
	Path     string // of the form
	Kind     access.Kind
	Query    string // what is typed in the search field
	Searched bool
	Hits     []RoleCopyHit // the first ones
	Matches  int
	NoHits   string // a sentence: why there are no hits
	Problem  string // a sentence: why nothing was copied; "" for none
	Source   string // name of the principal with the roles that were copied; "" for none
	Message  string // a sentence: what was copied
	Ticked   []RoleNames
	Skipped  []SkippedRole
	IDs      []int64 // roles that are ticked because they were copied
	Focus    bool    // the message takes the focus
}

// Fill replaces everything except the form that the part belongs to.
func (c *RoleCopy) Fill(with RoleCopy) {
	with.Path, with.Kind = c.Path, c.Kind
	*c = with
}

// RoleCopyHit is one principal that a search found.
type RoleCopyHit struct {
	ID, Name, Description string
	Roles                 []string // the direct ones
}

// RoleNames are the roles of one group. Group is "" when the groups are not known.
type RoleNames struct {
	Group string
	Names []string
}

// SkippedRole is a role of the other principal that could not be ticked.
type SkippedRole struct{ Name, Reason string }

// Texts of the part that copies roles.
const (
	CopySourceGone   = "It does not exist any more. Choose another one."
	CopySourceUnread = "Its roles could not be read. "
	// RoleNotInCatalogue is the reason why a role of the other principal is not ticked.
	RoleNotInCatalogue = "The role catalogue does not contain it."
	// RoleInherited is the reason why a role of the other principal is not ticked.
	RoleInherited = "It is inherited already."
	CopyNotChosen = "Choose one of the results, or empty this field."
)

// CopyFromRequired is the error of a search without a text.
func CopyFromRequired(kind access.Kind) string {
	if kind == access.Key {
		return "Type a part of the name or the description of a key."
	}
	return "Type a part of the login or the description of a subuser."
}

// CopyNotFound explains a search without results in a list that is read completely, partly or not yet.
func CopyNotFound(kind access.Kind, f Freshness) string {
	plural := InfoOf(kind).Plural
	switch {
	case f.Cold():
		return "The " + plural + " are still being read. Try again in a moment."
	case f.MayLackMatches(true):
		return "No " + plural + " are known to match, and some could not be read."
	default:
		return "No " + plural + " match."
	}
}

// hint explains the search field.
func (c RoleCopy) hint() string {
	if c.Kind == access.Key {
		return "Search keys by name or description, then choose one to tick its direct roles."
	}
	return "Search subusers by login or description, then choose one to tick its direct roles."
}

// foundText returns how many principals were found.
func (c RoleCopy) foundText() string {
	switch {
	case !c.Searched:
		return ""
	case c.Matches == 0:
		return c.NoHits
	case c.Matches > len(c.Hits):
		return "The first " + ui.Number(len(c.Hits)) + " of " + ui.Number(c.Matches) + " found. Type more to find fewer."
	default:
		return ui.Number(c.Matches) + " found"
	}
}

// maxHitRoles is the number of roles that a result names.
const maxHitRoles = 4

func (h RoleCopyHit) rolesText() string {
	switch n := len(h.Roles); {
	case n == 0:
		return "no direct roles"
	case n > maxHitRoles:
		return strings.Join(h.Roles[:maxHitRoles], ", ") + " " + MoreText(n-maxHitRoles)
	default:
		return ui.List(h.Roles)
	}
}

// liveSearch returns the attributes of the search field: the results follow what is typed. Nothing else of the form is
// sent, since the form may hold a password.
func (c RoleCopy) liveSearch(ctx context.Context) templ.Attributes {
	return templ.Attributes{
		"aria-controls": "copy-hits",
		"hx-get":        string(ui.Path(ctx, c.Path)),
		"hx-trigger":    "input delay:200ms",
		"hx-target":     "#copy-hits",
		"hx-select":     "#copy-hits",
		"hx-swap":       "outerHTML",
		"hx-sync":       "this:replace",
		"hx-status:4xx": "swap:none",
		"hx-status:5xx": "swap:none",
	}
}

// choice returns the attributes of the button of a result. The response depends on the ticked roles only.
func (c RoleCopy) choice(ctx context.Context) templ.Attributes {
	return templ.Attributes{
		"hx-get":        string(ui.Path(ctx, c.Path)),
		"hx-include":    "#f-role, [name=offered], [name=copied], [name=copied_from]",
		"hx-target":     "#role-fields",
		"hx-select":     "#role-fields",
		"hx-swap":       "outerHTML",
		"hx-status:4xx": "swap:none",
		"hx-status:5xx": "swap:none",
	}
}
