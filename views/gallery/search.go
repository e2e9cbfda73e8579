package gallery

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/search"
)

func searchStates() []State {
	state := func(name string, m search.Page) State {
		return State{Area: "search", Page: "search", Name: name, Component: search.SearchPage(m)}
	}
	nothing := emptySearch()
	nothing.Query = "zeppelin"
	cold := emptySearch()
	cold.Freshness, cold.RolesKnown = page.Freshness{Refreshing: true, LoadedRows: 3_000}, false
	cold.Groups = []search.Group{destinationsGroup(search.PagesTitle, false)}
	incomplete := foundSearch()
	incomplete.Incomplete = true
	outdated := foundSearch()
	outdated.Freshness.LastError = vendorDownError()
	return []State{
		state("empty", unaskedSearch()),
		state("results", foundSearch()),
		state("no-match", nothing),
		state("cold", cold),
		state("incomplete", incomplete),
		state("outdated", outdated),
	}
}

func emptySearch() search.Page {
	return search.Page{Frame: frame("Search", page.Search), Freshness: fresh("/search"), RolesKnown: true}
}

// destinationsGroup returns the group of all actions, or of all pages.
func destinationsGroup(title string, actions bool) search.Group {
	g := search.Group{Title: title}
	for _, d := range search.Destinations() {
		if d.Action == actions {
			g.Hits = append(g.Hits, search.Hit{Text: d.Text, Href: d.Href})
		}
	}
	g.Total = len(g.Hits)
	return g
}

func unaskedSearch() search.Page {
	m := emptySearch()
	m.Groups = []search.Group{
		destinationsGroup(search.ActionsTitle, true),
		destinationsGroup(search.PagesTitle, false),
	}
	return m
}

func foundSearch() search.Page {
	m := emptySearch()
	m.Query = "o"
	var subusers []search.Hit
	for _, row := range subuserRows()[:8] {
		p := row.Principal
		subusers = append(subusers, search.Hit{Text: page.Name(*p), Href: p.Path(), Note: p.Description})
	}
	keys := []search.Hit{{Text: "Access console", Href: "/keys/" + keyID, Note: "Voxwarden, production"}}
	roles := []search.Hit{
		{Text: "Owner", Href: "/roles/1", Note: "Management", Mark: "privileged"},
		{Text: "Support", Href: "/roles/3", Note: "Contact centre"},
	}
	m.Groups = []search.Group{
		destinationsGroup(search.ActionsTitle, true),
		search.PrincipalsGroup(access.Subuser, subusers, 1_204, m.Query),
		search.PrincipalsGroup(access.Key, keys, 1, m.Query),
		search.RolesGroup(roles, 14),
		destinationsGroup(search.PagesTitle, false),
	}
	return m
}
