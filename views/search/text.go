package search

import (
	"net/url"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Titles of the groups without a section of their own.
const (
	ActionsTitle = "Actions"
	PagesTitle   = "Pages"
)

// Destinations returns the pages and actions of the console that need no id.
func Destinations() []Destination {
	section := func(s page.Section, keywords string, anyOf ...policy.Permission) Destination {
		return Destination{Text: s.Title(), Href: s.Link().Href, Keywords: keywords, AnyOf: anyOf}
	}
	subuser, key := page.InfoOf(access.Subuser), page.InfoOf(access.Key)
	return []Destination{
		{
			Text:     subuser.CreateText,
			Href:     "/subusers/new",
			Keywords: "create add person people user login",
			Action:   true,
			AnyOf:    []policy.Permission{policy.SubusersCreate},
		},
		{
			Text:     key.CreateText,
			Href:     "/keys/new",
			Keywords: "create add service account credentials",
			Action:   true,
			AnyOf:    []policy.Permission{policy.KeysCreate},
		},
		{
			Text:     "Import subusers",
			Href:     subuser.ImportHref,
			Keywords: "create add people users csv excel file",
			Action:   true,
			AnyOf:    []policy.Permission{policy.SubusersCreate},
		},
		{
			Text:     "Find roles by method",
			Href:     "/roles/finder",
			Keywords: "finder api methods least privilege",
			Action:   true,
			AnyOf:    []policy.Permission{policy.RolesView},
		},
		section(page.Overview, "home start dashboard", policy.OverviewView),
		section(page.Subusers, "people users logins", policy.SubusersView),
		section(page.Keys, "service accounts", policy.KeysView),
		section(page.Roles, "catalogue", policy.RolesView),
		{
			Text:     "Matrix",
			Href:     "/roles/matrix",
			Keywords: "roles access review table",
			AnyOf:    []policy.Permission{policy.RolesView},
		},
		section(page.AuditLog, "history operations events", policy.AuditView, policy.AuditOwn),
		{
			Text:     "Bulk changes",
			Href:     "/bulk",
			Keywords: "imports",
			AnyOf:    []policy.Permission{policy.AuditView, policy.AuditOwn},
		},
		{
			Text:     "Drift",
			Href:     "/drift",
			Keywords: "changes made outside findings",
			AnyOf:    []policy.Permission{policy.SubusersView},
		},
		section(page.Me, "me profile permissions sign out"),
		{
			Text:     "Sessions",
			Href:     "/sessions",
			Keywords: "operators signed in end",
			AnyOf:    []policy.Permission{policy.SessionsEnd},
		},
	}
}

// PrincipalsGroup returns the results for principals of a kind, with a link to the list when it has more matches.
func PrincipalsGroup(kind access.Kind, hits []Hit, matches int, query string) Group {
	info := page.InfoOf(kind)
	g := Group{Title: info.Section.Title(), Hits: hits, Total: matches}
	if matches > len(hits) {
		g.More = &ui.Link{
			Text: "All " + ui.Count(matches, info.Singular, info.Plural),
			Href: info.Section.Link().Href + "?" + url.Values{"q": {query}}.Encode(),
		}
	}
	return g
}

// RolesGroup returns the results for roles. The catalogue has no filter, so the link to it has no number.
func RolesGroup(hits []Hit, matches int) Group {
	g := Group{Title: page.Roles.Title(), Hits: hits, Total: matches}
	if matches > len(hits) {
		g.More = &ui.Link{Text: page.MoreText(matches-len(hits)) + ": show all roles", Href: page.Roles.Link().Href}
	}
	return g
}

// mayLackMatches reports whether something was not read that may match.
func (m Page) mayLackMatches() bool { return m.Freshness.Cold() || m.Incomplete || !m.RolesKnown }

// countText returns the number of results.
func (m Page) countText() string {
	total := 0
	for _, g := range m.Groups {
		total += g.Total
	}
	text := ui.Count(total, "result", "results")
	if m.mayLackMatches() {
		text += ", some may be missing"
	}
	return text
}
