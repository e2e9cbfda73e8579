package gallery

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

func finderStates() []State {
	state := func(name string, m roles.Finder) State {
		return State{Area: "roles", Page: "finder", Name: name, Component: roles.FinderPage(m)}
	}
	nothing := emptyFinder()
	nothing.Query = "zeppelin"
	unknown := emptyFinder()
	unknown.CatalogueKnown, unknown.LastError = false, vendorDownError()
	return []State{
		state("empty", emptyFinder()),
		state("covers", chosenFinder()),
		state("no-match", nothing),
		state("no-catalogue", unknown),
	}
}

func emptyFinder() roles.Finder {
	return roles.Finder{
		Frame:          frame(roles.FinderHeading, page.Roles, ui.Link{Text: "Roles", Href: "/roles"}),
		CatalogueKnown: true,
		Groups: []ui.Link{
			{Text: "Accounts", Href: "/roles/finder?q=Accounts"},
			{Text: "Call lists", Href: "/roles/finder?q=Call+lists"},
		},
	}
}

// chosenFinder returns the page with methods of every kind chosen, and a search.
func chosenFinder() roles.Finder {
	m := emptyFinder()
	m.Groups, m.Query, m.MoreFound, m.Incomplete = nil, "list", 3, true
	m.Chosen = methodsNamed("AddUser", "CreateCallList", "GetRoles", "AddSecret", "A2PSendSms")
	m.Found = methodsNamed("CancelCallListBatch", "GetCallLists")
	m.NeedNoRole, m.NotPublished = methodsNamed("GetRoles"), methodsNamed("AddSecret")
	m.Unavailable, m.Untried = methodsNamed("A2PSendSms"), []string{"ACDStats", "CallHistory"}
	chosen := rolefacts.NewMethodSet(m.Chosen...)
	lists, users := publishedRole("Call list manager").Methods(), publishedRole("User manager").Methods()
	grant := "grant=6&grant=8"
	m.Covers = []roles.Cover{
		{
			Roles: []roles.CoverRole{
				{RoleRef: page.RoleRef{ID: 6, Name: "CallListManager"}},
				{RoleRef: page.RoleRef{ID: 8, Name: "UserManager"}},
			},
			Allowed:    lists.Union(users),
			Extra:      lists.Union(users).Without(chosen),
			NewKey:     "/keys/new?" + grant,
			NewSubuser: "/subusers/new?" + grant,
		},
		{
			Roles:   []roles.CoverRole{{RoleRef: page.RoleRef{ID: 1, Name: "Owner"}, Privileged: true}},
			Allowed: publishedRole("Owner").Methods(),
			Extra:   publishedRole("Owner").Methods().Without(chosen),
		},
	}
	return m
}

func methodsNamed(names ...string) []rolefacts.Method {
	return slices.DeleteFunc(rolefacts.Methods(), func(m rolefacts.Method) bool { return !slices.Contains(names, m.Name) })
}
