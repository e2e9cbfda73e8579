package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// noon is the moment at which all pages of the gallery were drawn.
func noon() time.Time { return time.Date(2026, time.November, 23, 12, 3, 4, 0, time.UTC) }

// ago is a moment before noon.
func ago(d time.Duration) time.Time { return noon().Add(-d) }

const (
	requestID   = "01KAQ4M7XW9T3C"
	operationID = "01KAQ4M2N8V5RZ0DPJ6Y3HE7TB"
	keyID       = "5f3a9c1e-7b42-4d8e-9a60-2c1d8e4f7b95"
	finishHref  = "/subusers/2214/roles?finish=" + operationID
)

// frame is the frame of a signed-in admin.
func frame(heading string, section page.Section, crumbs ...ui.Link) page.Frame {
	return page.Frame{
		Heading:         heading,
		Account:         page.Account{ID: 4021877, Name: "Nordlys Kundeservice", Environment: "Demo"},
		Operator:        page.Operator{Name: "Ada Admin", Roles: []string{"admin"}, CanSignOut: true},
		MayViewAuditLog: true,
		Section:         section,
		Crumbs:          crumbs,
		RequestID:       requestID,
		Version:         "0.1.0",
	}
}

// asOperator changes who is looking.
func asOperator(f page.Frame, name, role string) page.Frame {
	f.Operator.Name, f.Operator.Roles, f.MayViewAuditLog = name, []string{role}, role != "viewer"
	return f
}

// signedOutFrame is the frame of somebody who is not signed in.
func signedOutFrame(heading string) page.Frame {
	return page.Frame{Heading: heading, RequestID: requestID, Version: "0.1.0"}
}

func subusersCrumb() ui.Link { return ui.Link{Text: "Subusers", Href: "/subusers"} }

func meCrumb() ui.Link { return ui.Link{Text: "Your sign-in", Href: "/me"} }

func loginCrumb() ui.Link { return ui.Link{Text: "zofia_wojcik", Href: "/subusers/2214"} }

func fresh(back string) page.Freshness {
	return page.Freshness{AsOf: ago(2 * time.Minute), Return: back}
}

// role builds a held role; the ids are those of the catalogue in roles.go.
func directRole(name string, id int64) page.RoleAssignment {
	return page.RoleAssignment{ID: id, Name: name}
}

func privilegedDirectRole(name string, id int64) page.RoleAssignment {
	return page.RoleAssignment{ID: id, Name: name, Privileged: true}
}

func inheritedRole(name string, id int64, through string) page.RoleAssignment {
	return page.RoleAssignment{ID: id, Name: name, Inherited: true, InheritedFrom: through}
}

// ownerRoles is what comes with Owner.
func ownerRoles() []page.RoleAssignment {
	return []page.RoleAssignment{
		privilegedDirectRole("Owner", 1),
		{ID: 2, Name: "Admin", Privileged: true, Inherited: true, InheritedFrom: "Owner"},
		inheritedRole("Developer", 4, "Admin"),
		inheritedRole("Supervisor", 5, "Admin"),
		inheritedRole("Support", 3, "Supervisor"),
		inheritedRole("Accountant", 7, "Owner"),
		inheritedRole("UserManager", 8, "Admin"),
		inheritedRole("CallListManager", 6, "Admin"),
	}
}

// subuserRows are the rows of an ordinary list.
func subuserRows() []subusers.Row {
	known := func(r subusers.Row) subusers.Row { r.RolesKnown, r.KeysKnown = true, true; return r }
	return []subusers.Row{
		known(
			subusers.Row{
				ID:          2201,
				Login:       "agnes_lindqvist",
				Description: "Agnes Lindqvist, managing director",
				Roles:       ownerRoles(),
				Keys:        1,
			},
		),
		known(
			subusers.Row{
				ID:          2202,
				Login:       "amir_haddad",
				Description: "أمير حداد، فريق الدعم في مالمو",
				Roles:       []page.RoleAssignment{directRole("Support", 3)},
			},
		),
		known(
			subusers.Row{
				ID:          2203,
				Login:       "bjorn_aasen",
				Description: "Bjørn Åsen, billing",
				Roles:       []page.RoleAssignment{directRole("Accountant", 7), directRole("Payer", 9)},
			},
		),
		known(subusers.Row{ID: 2204, Login: "callcentre_kiosk_03", Description: "", Roles: nil}),
		known(
			subusers.Row{
				ID:          2205,
				Login:       "chloe_dubois",
				Description: "Chloé Dubois, développement",
				Roles:       []page.RoleAssignment{directRole("Developer", 4)},
				Keys:        3,
			},
		),
		known(
			subusers.Row{
				ID:          2206,
				Login:       "dmitri_sokolov",
				Description: "Дмитрий Соколов, ночная смена 🌙",
				Roles:       []page.RoleAssignment{directRole("Supervisor", 5), inheritedRole("Support", 3, "Supervisor")},
			},
		),
		known(
			subusers.Row{
				ID:          2207,
				Login:       "eszter_kovacs",
				Description: "Eszter Kovács, team lead outbound",
				Roles: []page.RoleAssignment{
					directRole("CallListManager", 6),
					directRole("Supervisor", 5),
					inheritedRole("Support", 3, "Supervisor"),
				},
			},
		),
		known(
			subusers.Row{
				ID:          2208,
				Login:       "hakan_yilmaz",
				Description: "Hakan Yılmaz, platform",
				Roles: []page.RoleAssignment{
					privilegedDirectRole("Admin", 2),
					inheritedRole("Developer", 4, "Admin"),
					inheritedRole("Supervisor", 5, "Admin"),
					inheritedRole("Support", 3, "Supervisor"),
				},
				Keys: 2,
			},
		),
		known(
			subusers.Row{
				ID:    2209,
				Login: "integration_freshdesk",
				Description: "Signs in for the Freshdesk plug-in; ask Chloé before changing anything, the plug-in stops working " +
					"when its roles change",
				Roles: []page.RoleAssignment{directRole("UserManager", 8)},
				Keys:  1,
			},
		),
		known(
			subusers.Row{
				ID:          2210,
				Login:       "lucia_fernandez",
				Description: "Lucía Fernández, numbers and contracts",
				Roles:       []page.RoleAssignment{directRole("PhoneNumberManager", 10)},
			},
		),
		known(
			subusers.Row{
				ID:          2211,
				Login:       "marek_novotny",
				Description: "Marek Novotný",
				Roles:       []page.RoleAssignment{directRole("Support", 3)},
			},
		),
		known(
			subusers.Row{
				ID:          2212,
				Login:       "oluwaseun_adebayo",
				Description: "Olúwáṣeun Adébáyọ̀, quality",
				Roles:       []page.RoleAssignment{directRole("Supervisor", 5), inheritedRole("Support", 3, "Supervisor")},
			},
		),
		known(
			subusers.Row{
				ID:          2213,
				Login:       "tove_h",
				Description: "Tove Håkansson",
				Roles: []page.RoleAssignment{
					privilegedDirectRole("Owner", 1),
					{ID: 2, Name: "Admin", Privileged: true, Inherited: true, InheritedFrom: "Owner"},
				},
			},
		),
		known(
			subusers.Row{
				ID:          2214,
				Login:       "zofia_wojcik",
				Description: "Zofia Wójcik, team lead Gdańsk",
				Roles:       []page.RoleAssignment{directRole("Supervisor", 5), inheritedRole("Support", 3, "Supervisor")},
				Keys:        1,
			},
		),
	}
}

// history is what was done to somebody, newest first.
func history() []page.Operation {
	return []page.Operation{
		{
			ID:         operationID,
			ActionName: "Change of roles",
			TargetName: "zofia_wojcik",
			TargetHref: "/subusers/2214",
			Actor:      "Ada Admin",
			At:         ago(3 * time.Hour),
			Result:     page.Applied,
			Confirmed:  true,
			Linked:     true,
			Summary:    "+ Supervisor, − CallListManager",
			Reason:     "TKT-4417: leads the Gdańsk team from today",
		},
		{
			ID:         "01KAQ0A9D3X7M5QK2WTR8Y6ZHC",
			ActionName: "Change of roles",
			TargetName: "zofia_wojcik",
			TargetHref: "/subusers/2214",
			Actor:      "Emre Editor",
			At:         ago(26 * time.Hour),
			Result:     page.Refused,
			Confirmed:  true,
			Linked:     true,
			Summary:    "+ Supervisor",
			Reason:     "TKT-4417",
		},
		{
			ID:         "01K9V2B6N1C8F4SJ7XQE5D0GHA",
			ActionName: "New subuser",
			TargetName: "zofia_wojcik",
			TargetHref: "/subusers/2214",
			Actor:      "Ada Admin",
			At:         ago(40 * 24 * time.Hour),
			Result:     page.Applied,
			Confirmed:  true,
			Linked:     true,
			Summary:    "+ CallListManager",
			Reason:     "Starts on Monday",
		},
	}
}

// openOperation is an operation whose answer was lost.
func openOperation() page.Operation {
	return page.Operation{
		ID:         "01KAQ4HZ2E9K6B3VTWN0C7RMPD",
		ActionName: "Change of roles",
		TargetName: "dmitri_sokolov",
		TargetHref: "/subusers/2206",
		Actor:      "Emre Editor",
		At:         ago(90 * time.Second),
		Result:     page.Unknown,
		Open:       true,
		Linked:     true,
		Summary:    "+ CallListManager",
	}
}

func vendorRefusal() *ui.QuoteProps {
	return page.VendorQuote("SetSubUserRoles", 435, "Invalid role set.")
}

func vendorDownError() *page.ReadError {
	return &page.ReadError{
		Title: "Voximplant cannot be reached",
		Text: "No connection could be made. The console tries again by itself; if this lasts, look at the network of the " +
			"machine it runs on.",
		At: ago(20 * time.Second),
	}
}
