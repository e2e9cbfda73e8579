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
		Heading:   heading,
		Account:   page.Account{ID: 4021877, Name: "Nordlys Kundeservice", Environment: "Demo"},
		Operator:  page.Operator{Name: "Ada Admin", Roles: []string{"admin"}, SignOut: true},
		MayRecord: true,
		Section:   section,
		Crumbs:    crumbs,
		RequestID: requestID,
		Version:   "0.1.0",
	}
}

// as changes who is looking.
func as(f page.Frame, name, role string) page.Frame {
	f.Operator.Name, f.Operator.Roles, f.MayRecord = name, []string{role}, role != "viewer"
	return f
}

// stranger is the frame of somebody who is not signed in.
func stranger(heading string) page.Frame {
	return page.Frame{Heading: heading, RequestID: requestID, Version: "0.1.0"}
}

func subusersCrumb() ui.Link { return ui.Link{Text: "Subusers", Href: "/subusers"} }

func meCrumb() ui.Link { return ui.Link{Text: "Your sign-in", Href: "/me"} }

func loginCrumb() ui.Link { return ui.Link{Text: "zofia_wojcik", Href: "/subusers/2214"} }

func fresh(back string) page.Freshness {
	return page.Freshness{AsOf: ago(2 * time.Minute), Return: back}
}

// role builds a held role; the ids are those of the catalogue in roles.go.
func held(name string, id int64) page.HeldRole { return page.HeldRole{ID: id, Name: name} }

func privileged(name string, id int64) page.HeldRole {
	return page.HeldRole{ID: id, Name: name, Privileged: true}
}

func inherited(name string, id int64, through string) page.HeldRole {
	return page.HeldRole{ID: id, Name: name, Inherited: true, Through: through}
}

// ownerRoles is what comes with Owner.
func ownerRoles() []page.HeldRole {
	return []page.HeldRole{
		privileged("Owner", 1),
		{ID: 2, Name: "Admin", Privileged: true, Inherited: true, Through: "Owner"},
		inherited("Developer", 4, "Admin"), inherited("Supervisor", 5, "Admin"), inherited("Support", 3, "Supervisor"),
		inherited("Accountant", 7, "Owner"), inherited("UserManager", 8, "Admin"), inherited("CallListManager", 6, "Admin"),
	}
}

// people are the rows of an ordinary list.
func people() []subusers.Row {
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
				Roles:       []page.HeldRole{held("Support", 3)},
			},
		),
		known(
			subusers.Row{
				ID:          2203,
				Login:       "bjorn_aasen",
				Description: "Bjørn Åsen, billing",
				Roles:       []page.HeldRole{held("Accountant", 7), held("Payer", 9)},
			},
		),
		known(subusers.Row{ID: 2204, Login: "callcentre_kiosk_03", Description: "", Roles: nil}),
		known(
			subusers.Row{
				ID:          2205,
				Login:       "chloe_dubois",
				Description: "Chloé Dubois, développement",
				Roles:       []page.HeldRole{held("Developer", 4)},
				Keys:        3,
			},
		),
		known(
			subusers.Row{
				ID:          2206,
				Login:       "dmitri_sokolov",
				Description: "Дмитрий Соколов, ночная смена 🌙",
				Roles:       []page.HeldRole{held("Supervisor", 5), inherited("Support", 3, "Supervisor")},
			},
		),
		known(
			subusers.Row{
				ID:          2207,
				Login:       "eszter_kovacs",
				Description: "Eszter Kovács, team lead outbound",
				Roles: []page.HeldRole{
					held("CallListManager", 6),
					held("Supervisor", 5),
					inherited("Support", 3, "Supervisor"),
				},
			},
		),
		known(
			subusers.Row{
				ID:          2208,
				Login:       "hakan_yilmaz",
				Description: "Hakan Yılmaz, platform",
				Roles: []page.HeldRole{
					privileged("Admin", 2),
					inherited("Developer", 4, "Admin"),
					inherited("Supervisor", 5, "Admin"),
					inherited("Support", 3, "Supervisor"),
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
				Roles: []page.HeldRole{held("UserManager", 8)},
				Keys:  1,
			},
		),
		known(
			subusers.Row{
				ID:          2210,
				Login:       "lucia_fernandez",
				Description: "Lucía Fernández, numbers and contracts",
				Roles:       []page.HeldRole{held("PhoneNumberManager", 10)},
			},
		),
		known(
			subusers.Row{
				ID:          2211,
				Login:       "marek_novotny",
				Description: "Marek Novotný",
				Roles:       []page.HeldRole{held("Support", 3)},
			},
		),
		known(
			subusers.Row{
				ID:          2212,
				Login:       "oluwaseun_adebayo",
				Description: "Olúwáṣeun Adébáyọ̀, quality",
				Roles:       []page.HeldRole{held("Supervisor", 5), inherited("Support", 3, "Supervisor")},
			},
		),
		known(
			subusers.Row{
				ID:          2213,
				Login:       "tove_h",
				Description: "Tove Håkansson",
				Roles: []page.HeldRole{
					privileged("Owner", 1),
					{ID: 2, Name: "Admin", Privileged: true, Inherited: true, Through: "Owner"},
				},
			},
		),
		known(
			subusers.Row{
				ID:          2214,
				Login:       "zofia_wojcik",
				Description: "Zofia Wójcik, team lead Gdańsk",
				Roles:       []page.HeldRole{held("Supervisor", 5), inherited("Support", 3, "Supervisor")},
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
			Act:        "Change of roles",
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
			Act:        "Change of roles",
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
			Act:        "New subuser",
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
		Act:        "Change of roles",
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

func refusal() *ui.QuoteProps {
	return page.VendorsWords("SetSubUserRoles", 435, "Invalid role set.")
}

func troubleDown() *page.Trouble {
	return &page.Trouble{
		Title: "Voximplant cannot be reached",
		Text: "No connection could be made. The console tries again by itself; if this lasts, look at the network of the " +
			"machine it runs on.",
		At: ago(20 * time.Second),
	}
}
