package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

func subuserListStates() []State {
	state := func(name string, m principals.List) State {
		return State{Area: "subusers", Page: "list", Name: name, Component: principals.ListPage(m)}
	}
	return []State{
		state("one-page", ordinaryList()),
		state("many-pages", manyList()),
		state("found", foundList()),
		state("undescribed", undescribedList()),
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

func ordinaryList() principals.List {
	m := principals.List{
		Listing:   page.NewListing(access.Subuser),
		Frame:     frame("Subusers", page.Subusers),
		Kind:      access.Subuser,
		MayCreate: true,
		MaySelect: true,
	}
	m.Export, m.Sort, m.Roles, m.Freshness = "/subusers.csv", "name", roleOptions(""), fresh("/subusers")
	return withRows(m, subuserRows()...)
}

// undescribedList returns the list of subusers without roles and description.
func undescribedList() principals.List {
	m := withRows(ordinaryList(), subuserRows()[0])
	m.Rows[0].Principal.Description, m.Rows[0].Principal.Roles, m.Rows[0].Roles = "", nil, nil
	m.Role, m.Undescribed, m.Total, m.Matches = "-", true, 90, 80
	return m
}

// withRows returns the list with these rows only.
func withRows(m principals.List, rows ...principals.Row) principals.List {
	m.Rows, m.RowCount, m.Matches, m.Total, m.Page, m.Pages = rows, len(rows), len(rows), len(rows), 1, 1
	return m
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

func manyList() principals.List {
	m := ordinaryList()
	m.Matches, m.Total, m.Page, m.Pages, m.PerPage = 10_000, 10_000, 2, 715, 14
	m.Sort, m.Desc = "roles", true
	m.Frame = refreshing(m.Frame)
	m.Freshness.Refreshing, m.Freshness.LoadedRows = true, 3000
	return m
}

func foundList() principals.List {
	m := ordinaryList()
	m.Query, m.Role, m.Roles = "team lead", "Supervisor", roleOptions("Supervisor")
	m.Rows = []principals.Row{subuserRows()[6], subuserRows()[13]}
	m.Rows[1].Principal.RolesKnown, m.Rows[1].Principal.KeysKnown = false, false
	m.Matches, m.RowCount = 2, 2
	return m
}

func noMatchList() principals.List {
	m := ordinaryList()
	m.Query, m.Rows, m.RowCount, m.Matches = "<b>O'Brien</b> & sons", nil, 0, 0
	return m
}

func emptyList() principals.List {
	return withRows(ordinaryList())
}

func coldList() principals.List {
	m := emptyList()
	m.Frame = refreshing(m.Frame)
	m.Freshness = page.Freshness{Refreshing: true, LoadedRows: 4200}
	return m
}

func neverReadList() principals.List {
	m := emptyList()
	m.Freshness = page.Freshness{Return: "/subusers", LastError: &page.ReadError{
		Title: "Voximplant does not accept the console's key",
		Text: "The key may have been deleted, or it lacks the role Owner. Put a valid credentials file in place and " +
			"press Refresh.",
		Vendor: page.VendorQuote("GetSubUsers", 100, "Authorization failed"),
	}}
	return m
}

func staleList() principals.List {
	m := ordinaryList()
	m.Freshness = page.Freshness{AsOf: ago(26 * time.Hour), Return: "/subusers", LastError: vendorDownError()}
	return m
}

func incompleteList() principals.List {
	m := ordinaryList()
	m.Freshness.Incomplete = true
	return m
}

func rolesUnknownList() principals.List {
	m := ordinaryList()
	m.Freshness.RolesUnknown = len(m.Rows)
	for i := range m.Rows {
		m.Rows[i].Roles, m.Rows[i].Principal.RolesKnown = nil, false
	}
	return m
}

func rolesUnknownNoMatchList() principals.List {
	m := noMatchList()
	m.Query, m.Role, m.Roles = "", "Owner", roleOptions("Owner")
	m.Freshness.RolesUnknown = 1
	return m
}

func noCatalogueList() principals.List {
	m := ordinaryList()
	m.Frame.Banners = []ui.Banner{{
		Tone: ui.Warning, Title: "Every role counts as privileged: the role catalogue is not known",
		Text: "Until it is read, no role can be granted or revoked.",
	}}
	roles := []page.RoleAssignment{{Name: "Owner"}, {Name: "Admin", Inherited: true}}
	return withRows(m, subuserRow(2213, "tove_h", "Tove Håkansson", 0, roles...))
}

func viewerList() principals.List {
	m := ordinaryList()
	m.Frame = asOperator(m.Frame, "Vera Viewer", "viewer")
	m.Frame.Flash = &ui.Flash{Tone: ui.Done, Text: "The account is being read anew."}
	m.MayCreate, m.MaySelect = false, false
	return withRows(m, subuserRows()[:3]...)
}
