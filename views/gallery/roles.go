package gallery

import (
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/roles"
	"github.com/voxwarden/voxwarden/views/ui"
)

func roleStates() []State {
	list := func(name string, m roles.List) State {
		return State{Area: "roles", Page: "list", Name: name, Component: roles.ListPage(m)}
	}
	show := func(name string, m roles.Show) State {
		return State{Area: "roles", Page: "show", Name: name, Component: roles.ShowPage(m)}
	}
	return []State{
		list("ordinary", ordinaryCatalogue()),
		list("one-group-no-holders", oneGroupCatalogue()),
		list("no-catalogue", roles.List{
			Frame: frame("Roles", page.Roles), Freshness: page.Freshness{Return: "/roles"},
			LastError: page.NewReadError(
				page.RateLimited,
				"",
				page.VendorQuote("GetRoles", 340, "Rate limit exceed"),
				ago(20*time.Second),
			),
		}),
		show("privileged", privilegedRole()),
		show("many", widelyAssignedRole()),
		show("unassigned", unassignedRole()),
		show("not-published", notPublishedRole()),
		list("roles-unknown", rolesUnknownCatalogue()),
		show("some-unknown", someRolesUnknownRole()),
		show("none-known", rolesUnknownRole()),
	}
}

func ordinaryCatalogue() roles.List {
	ref := func(id int64, name string) page.RoleRef { return page.RoleRef{ID: id, Name: name} }
	owner, admin, supervisor := ref(1, "Owner"), ref(2, "Admin"), ref(5, "Supervisor")
	return roles.List{
		Frame:          frame("Roles", page.Roles),
		Freshness:      fresh("/roles"),
		CatalogueKnown: true,
		GroupsKnown:    true,
		KeyFreshness:   fresh(""),
		Groups: []roles.Group{
			{Name: "Management", Roles: []roles.Row{
				{
					ID:           1,
					Name:         "Owner",
					Privileged:   true,
					Contains:     []page.RoleRef{admin, ref(7, "Accountant")},
					SubuserCount: 2,
					KeyCount:     15,
				},
				{
					ID:           2,
					Name:         "Admin",
					Privileged:   true,
					Contains:     []page.RoleRef{ref(4, "Developer"), supervisor, ref(8, "UserManager"), ref(6, "CallListManager")},
					PartOf:       []page.RoleRef{owner},
					SubuserCount: 3,
				},
				{ID: 4, Name: "Developer", PartOf: []page.RoleRef{admin}, SubuserCount: 4},
				{ID: 8, Name: "UserManager", PartOf: []page.RoleRef{admin}, SubuserCount: 3},
			}},
			{Name: "Contact centre", Roles: []roles.Row{
				{
					ID:           5,
					Name:         "Supervisor",
					Contains:     []page.RoleRef{ref(3, "Support")},
					PartOf:       []page.RoleRef{admin},
					SubuserCount: 8,
				},
				{ID: 3, Name: "Support", GUIOnly: true, PartOf: []page.RoleRef{supervisor}, SubuserCount: 1234},
				{ID: 6, Name: "CallListManager", PartOf: []page.RoleRef{admin}, SubuserCount: 2},
			}},
			{Name: "Money", Roles: []roles.Row{
				{ID: 7, Name: "Accountant", GUIOnly: true, PartOf: []page.RoleRef{owner}, SubuserCount: 4},
				{ID: 9, Name: "Payer", SubuserCount: 1},
				{ID: 10, Name: "PhoneNumberManager", SubuserCount: 0},
			}},
		},
	}
}

func oneGroupCatalogue() roles.List {
	m := ordinaryCatalogue()
	m.GroupsKnown = false
	m.Groups = []roles.Group{{Roles: append(m.Groups[0].Roles, m.Groups[1].Roles...)}}
	m.LastError = vendorDownError()
	m.Freshness, m.KeyFreshness = page.Freshness{Return: "/roles"}, page.Freshness{}
	return m
}

func rolesUnknownCatalogue() roles.List {
	m := ordinaryCatalogue()
	m.Freshness.RolesUnknown = 40
	m.Groups = []roles.Group{m.Groups[2]}
	return m
}

func someRolesUnknownRole() roles.Show {
	m := privilegedRole()
	m.Freshness.RolesUnknown = 1
	return m
}

func rolesUnknownRole() roles.Show {
	m := privilegedRole()
	m.Freshness.RolesUnknown, m.Subusers = 41, nil
	return m
}

func privilegedRole() roles.Show {
	return roles.Show{
		Frame:      frame("Admin", page.Roles, ui.Link{Text: "Roles", Href: "/roles"}),
		Freshness:  fresh("/roles/2"),
		ID:         2,
		Name:       "Admin",
		Group:      "Management",
		Privileged: true,

		PrivilegedReason: roles.PrivilegedByConfig,
		Contains: []page.RoleRef{
			{ID: 4, Name: "Developer"},
			{ID: 5, Name: "Supervisor"},
			{ID: 8, Name: "UserManager"},
		},
		PartOf:     []page.RoleRef{{ID: 1, Name: "Owner"}},
		Published:  publishedRole("Admin"),
		Methods:    publishedRole("Admin").Methods(),
		AlsoCovers: []page.RoleRef{{ID: 3, Name: "Support"}, {ID: 6, Name: "CallListManager"}, {ID: 9, Name: "Payer"}},
		AuditLinks: []ui.Link{
			{Text: roles.GrantsLink, Href: "/audit?change=granted&role=2"},
			{Text: roles.RevocationsLink, Href: "/audit?change=revoked&role=2"},
		},
		KeysKnown:     true,
		SubusersKnown: true,
		Subusers: []roles.AssignedPrincipal{
			{Principal: *subuserRows()[0].Principal, Inherited: true, InheritedFrom: "Owner"},
			{Principal: *subuserRows()[7].Principal},
			{Principal: *subuserRows()[1].Principal, Inherited: true},
		},
	}
}

func widelyAssignedRole() roles.Show {
	m := privilegedRole()
	m.SubuserCount, m.KeyCount = 10_000, 120
	m.SubuserPages = ui.PagerProps{
		Label: roles.SubuserPagesLabel, Page: 1, Pages: 200, Next: "/roles/2?page=2", Last: "/roles/2?page=200",
	}
	m.Keys = []roles.AssignedPrincipal{{Principal: access.Principal{Ref: access.KeyRef(keyID), Name: "Reports"}}}
	m.KeyPages = ui.PagerProps{
		Label: roles.KeyPagesLabel, Page: 1, Pages: 3, Next: "/roles/2?keys=2", Last: "/roles/2?keys=3",
	}
	m.Export = "/subusers.csv?role=Admin"
	return m
}

func unassignedRole() roles.Show {
	return roles.Show{
		Frame:     frame("PhoneNumberManager", page.Roles, ui.Link{Text: "Roles", Href: "/roles"}),
		Freshness: page.Freshness{AsOf: ago(26 * time.Hour), LastError: vendorDownError(), Return: "/roles/10"},
		Published: publishedRole("PhoneNumberManager"),
		Methods:   publishedRole("PhoneNumberManager").Methods(),
		ID:        10, Name: "PhoneNumberManager", GUIOnly: true, SubusersKnown: true,
	}
}

// notPublishedRole returns a role that no source names.
func notPublishedRole() roles.Show {
	m := unassignedRole()
	m.Frame.Heading, m.Name, m.ID, m.GUIOnly, m.KeysKnown = "Night desk", "Night desk", 88, false, true
	m.Published, m.Methods = publishedRole(m.Name), rolefacts.MethodSet{}
	return m
}

func publishedRole(name string) rolefacts.Role {
	role, _ := rolefacts.Find(name)
	return role
}

func matrixStates() []State {
	state := func(name string, m roles.Matrix) State {
		return State{Area: "roles", Page: "matrix", Name: name, Component: roles.MatrixPage(m)}
	}
	m := roles.Matrix{
		Frame: frame("Matrix", page.Roles, ui.Link{Text: "Roles", Href: "/roles"}),
		Kind:  access.Subuser,
		Columns: []page.RoleRef{
			{ID: 1, Name: "Owner"},
			{ID: 2, Name: "Admin"},
			{ID: 3, Name: "Support"},
			{ID: 5, Name: "Supervisor"},
			{ID: 7, Name: "Accountant"},
			{ID: 77, Name: "PhoneNumberManager"},
		},
		Allows: []roles.RoleSentence{
			{Role: page.RoleRef{ID: 1, Name: "Owner"}, Sentence: publishedRole("Owner").Sentence},
			{Role: page.RoleRef{ID: 3, Name: "Support"}, Sentence: publishedRole("Support").Sentence},
		},
		Rows: []roles.MatrixRow{
			{
				Principal:   page.PrincipalRef{Path: "/subusers/2201", Name: "agnes_lindqvist"},
				Assignments: []roles.AssignmentKind{"direct", "inherited", "inherited", "", "", ""},
			},
			{
				Principal:   page.PrincipalRef{Path: "/subusers/2214", Name: "zofia_wojcik"},
				Assignments: []roles.AssignmentKind{"", "", "inherited", "direct", "", ""},
			},
			{
				Principal:   page.PrincipalRef{Path: "/subusers/2206", Name: "dmitri_sokolov"},
				Assignments: []roles.AssignmentKind{"not known", "not known", "not known", "not known", "not known", "not known"},
			},
		},
		Listing: page.Listing{
			Path:        "/roles/matrix",
			Export:      "/roles/matrix.csv",
			SearchLabel: "Search subusers",
			Placeholder: "Login, description or role",
			DefaultSort: "name",
			RowCount:    3,
			Matches:     1204,
			Total:       1204,
			Page:        1,
			Pages:       7,
			PerPage:     200,
			Freshness:   fresh("/roles/matrix"),
		},
	}
	none := m
	none.Rows, none.Matches, none.Query = nil, 0, "zeppelin"
	keys := m
	keys.Kind, keys.Of = access.Key, "keys"
	keys.SearchLabel, keys.Placeholder = "Search keys", "Name, description, id or role"
	keys.Matches, keys.Total, keys.Pages = 2, 2, 1
	keys.RowCount, keys.Freshness.Kind = 2, access.Key
	keys.Rows = []roles.MatrixRow{
		{
			Principal:   page.PrincipalRef{Path: "/keys/" + keyID, Name: "Access console"},
			Assignments: []roles.AssignmentKind{"direct", "inherited", "inherited", "", "", ""},
		},
		{
			Principal:   page.PrincipalRef{Path: "/keys/0b6c2f7a-1d3e-4f58-8a91-7c2e5d4b3a10", Name: "wallboard Gdańsk"},
			Assignments: []roles.AssignmentKind{"", "", "inherited", "direct", "", ""},
		},
	}
	return []State{
		state("ordinary", m),
		state("many", manyAssignments(m)),
		state("keys", keys),
		state("no-match", none),
	}
}

// manyAssignments returns a matrix of the size of an access review.
func manyAssignments(m roles.Matrix) roles.Matrix {
	m.Columns, m.Rows = nil, nil
	for i, name := range []string{
		"Owner", "Admin", "Support", "Developer", "Supervisor", "CallListManager", "Accountant", "UserManager",
		"Payer", "PhoneNumberManager", "Scenarios",
		"CallsSMS", "CallHistory", "Verification", "UserUpdate", "Records", "Queues", "Applications", "Push",
		"SIP", "Billing", "Messaging",
	} {
		m.Columns = append(m.Columns, page.RoleRef{ID: int64(i + 1), Name: name})
	}
	for i := range 3 {
		for j, p := range subuserRows() {
			id := p.Principal.SubuserID() + int64(100*i)
			row := roles.MatrixRow{
				Principal:   page.PrincipalRef{Path: access.SubuserRef(id).Path(), Name: p.Principal.Name},
				Assignments: make([]roles.AssignmentKind, len(m.Columns)),
			}
			if i > 0 {
				row.Principal.Name = fmt.Sprintf("zz_agent_%d%02d", i, j)
			}
			row.Assignments[(5*i+j)%len(m.Columns)], row.Assignments[(7*i+3*j+2)%len(m.Columns)] = roles.Direct, roles.Inherited
			m.Rows = append(m.Rows, row)
		}
	}
	m.RowCount = len(m.Rows)
	return m
}
