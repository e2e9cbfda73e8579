package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

func subuserListStates() []State {
	state := func(name string, m subusers.List) State {
		return State{Area: "subusers", Page: "list", Name: name, Component: subusers.ListPage(m)}
	}
	return []State{
		state("one-page", ordinaryList()),
		state("many-pages", manyList()),
		state("found", foundList()),
		state("no-match", noMatchList()),
		state("empty-account", emptyList()),
		state("cold", coldList()),
		state("never-read", neverReadList()),
		state("stale", staleList()),
		state("incomplete", incompleteList()),
		state("roles-not-told", rolesUnknownList()),
		state("no-match-told", rolesUnknownNoMatchList()),
		state("no-catalogue", noCatalogueList()),
		state("viewer", viewerList()),
	}
}

func ordinaryList() subusers.List {
	return subusers.List{
		Frame:     frame("Subusers", page.Subusers),
		Freshness: fresh("/subusers"),
		Roles:     roleOptions(""),
		Sort:      "login",
		Rows:      subuserRows(),
		Matches:   len(subuserRows()), Total: len(subuserRows()), Page: 1, Pages: 1, PerPage: 50,
		MayCreate: true, MayExport: true, MaySelect: true,
	}
}

func roleOptions(selected string) []ui.Option {
	var options []ui.Option
	for _, name := range []string{
		"Accountant", "Admin", "CallListManager", "Developer", "Owner", "Payer", "PhoneNumberManager",
		"Supervisor", "Support", "UserManager",
	} {
		options = append(options, ui.Option{Value: name, Text: name, Selected: name == selected})
	}
	return options
}

func manyList() subusers.List {
	m := ordinaryList()
	m.Matches, m.Total, m.Page, m.Pages, m.PerPage = 10_000, 10_000, 2, 715, 14
	m.Sort, m.Desc = "roles", true
	m.Frame = refreshing(m.Frame)
	m.Freshness.Refreshing, m.Freshness.LoadedRows = true, 3000
	return m
}

func foundList() subusers.List {
	m := ordinaryList()
	m.Query, m.Role, m.Roles = "team lead", "Supervisor", roleOptions("Supervisor")
	m.Rows = []subusers.Row{subuserRows()[6], subuserRows()[13]}
	m.Rows[1].RolesKnown, m.Rows[1].KeysKnown = false, false
	m.Matches = 2
	return m
}

func noMatchList() subusers.List {
	m := ordinaryList()
	m.Query, m.Rows, m.Matches = "<b>O'Brien</b> & sons", nil, 0
	return m
}

func emptyList() subusers.List {
	m := ordinaryList()
	m.Rows, m.Matches, m.Total = nil, 0, 0
	return m
}

func coldList() subusers.List {
	m := emptyList()
	m.Frame = refreshing(m.Frame)
	m.Freshness = page.Freshness{Refreshing: true, LoadedRows: 4200}
	return m
}

func neverReadList() subusers.List {
	m := emptyList()
	m.Freshness = page.Freshness{Return: "/subusers", LastError: &page.ReadError{
		Title: "Voximplant does not accept the console's key",
		Text: "The key may have been deleted, or it lacks the role Owner. Put a valid credentials file in place and " +
			"press Refresh.",
		Vendor: page.VendorQuote("GetSubUsers", 100, "Authorization failed"),
	}}
	return m
}

func staleList() subusers.List {
	m := ordinaryList()
	m.Freshness = page.Freshness{AsOf: ago(26 * time.Hour), Return: "/subusers", LastError: vendorDownError()}
	return m
}

func incompleteList() subusers.List {
	m := ordinaryList()
	m.Freshness.Incomplete = true
	return m
}

func rolesUnknownList() subusers.List {
	m := ordinaryList()
	m.Freshness.RolesUnknown = len(m.Rows)
	for i := range m.Rows {
		m.Rows[i].Roles, m.Rows[i].RolesKnown = nil, false
	}
	return m
}

func rolesUnknownNoMatchList() subusers.List {
	m := noMatchList()
	m.Query, m.Role, m.Roles = "", "Owner", roleOptions("Owner")
	m.Freshness.RolesUnknown = 1
	return m
}

func noCatalogueList() subusers.List {
	m := ordinaryList()
	m.Frame.Banners = []ui.Banner{{
		Tone: ui.Warning, Title: "The role catalogue could not be read, so every role counts as privileged",
		Text: "Until it can be read, no role can be granted or revoked.",
	}}
	m.Rows = []subusers.Row{
		{
			ID:          2213,
			Login:       "tove_h",
			Description: "Tove Håkansson",
			RolesKnown:  true,
			Roles:       []page.RoleAssignment{{Name: "Owner"}, {Name: "Admin", Inherited: true}},
		},
	}
	m.Matches, m.Total = 1, 1
	return m
}

func viewerList() subusers.List {
	m := ordinaryList()
	m.Frame = asOperator(m.Frame, "Vera Viewer", "viewer")
	m.Frame.Flash = &ui.Flash{Tone: ui.Done, Text: "The account is being read anew."}
	m.MayCreate, m.MaySelect, m.Rows = false, false, subuserRows()[:3]
	m.Matches, m.Total = 3, 3
	return m
}
