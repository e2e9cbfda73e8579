package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

// noon returns the current time of all gallery pages.
func noon() time.Time { return time.Date(2026, time.November, 23, 12, 3, 4, 0, time.UTC) }

// ago returns the time d before noon.
func ago(d time.Duration) time.Time { return noon().Add(-d) }

const (
	requestID   = "01KAQ4M7XW9T3C"
	operationID = "01KAQ4M2N8V5RZ0DPJ6Y3HE7TB"
	keyID       = "5f3a9c1e-7b42-4d8e-9a60-2c1d8e4f7b95"
	finishHref  = "/subusers/2214/roles?finish=" + operationID
)

// frame returns the frame for a signed-in admin.
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

// asOperator returns the frame for another operator.
func asOperator(f page.Frame, name, role string) page.Frame {
	f.Operator.Name, f.Operator.Roles, f.MayViewAuditLog = name, []string{role}, role != "viewer"
	return f
}

// signedOutFrame returns the frame without a signed-in operator.
func signedOutFrame(heading string) page.Frame {
	return page.Frame{Heading: heading, RequestID: requestID, Version: "0.1.0"}
}

func subusersCrumb() ui.Link { return ui.Link{Text: "Subusers", Href: "/subusers"} }

func meCrumb() ui.Link { return ui.Link{Text: "Your sign-in", Href: "/me"} }

func loginCrumb() ui.Link { return ui.Link{Text: "zofia_wojcik", Href: "/subusers/2214"} }

func fresh(back string) page.Freshness {
	return page.Freshness{AsOf: ago(2 * time.Minute), Return: back}
}

// directRole returns a direct assignment. The ids are those of the catalogue in roles.go.
func directRole(name string, id int64) page.RoleAssignment {
	return page.RoleAssignment{ID: id, Name: name}
}

func privilegedDirectRole(name string, id int64) page.RoleAssignment {
	return page.RoleAssignment{ID: id, Name: name, Privileged: true}
}

func inheritedRole(name string, id int64, through string) page.RoleAssignment {
	return page.RoleAssignment{ID: id, Name: name, Inherited: true, InheritedFrom: through}
}

// ownerRoles returns Owner and all roles inherited from it.
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

// subuserRows returns the rows of an ordinary list.
func subuserRows() []principals.Row {
	return []principals.Row{
		subuserRow(2201, "agnes_lindqvist", "Agnes Lindqvist, managing director", 1, ownerRoles()...),
		subuserRow(2202, "amir_haddad", "أمير حداد، فريق الدعم في مالمو", 0, directRole("Support", 3)),
		subuserRow(2203, "bjorn_aasen", "Bjørn Åsen, billing", 0, directRole("Accountant", 7), directRole("Payer", 9)),
		subuserRow(2204, "callcentre_kiosk_03", "", 0),
		subuserRow(2205, "chloe_dubois", "Chloé Dubois, développement", 3, directRole("Developer", 4)),
		subuserRow(
			2206,
			"dmitri_sokolov",
			"Дмитрий Соколов, ночная смена 🌙",
			0,
			directRole("Supervisor", 5),
			inheritedRole("Support", 3, "Supervisor"),
		),
		subuserRow(2207, "eszter_kovacs", "Eszter Kovács, team lead outbound", 0, directRole("CallListManager", 6),
			directRole("Supervisor", 5),
			inheritedRole("Support", 3, "Supervisor")),
		subuserRow(2208, "hakan_yilmaz", "Hakan Yılmaz, platform", 2, privilegedDirectRole("Admin", 2),
			inheritedRole("Developer", 4, "Admin"),
			inheritedRole("Supervisor", 5, "Admin"),
			inheritedRole("Support", 3, "Supervisor")),
		subuserRow(
			2209,
			"integration_freshdesk",
			"Signs in for the Freshdesk plug-in; ask Chloé before changing anything, the plug-in stops working "+
				"when its roles change",
			1,
			directRole("UserManager", 8),
		),
		subuserRow(
			2210,
			"lucia_fernandez",
			"Lucía Fernández, numbers and contracts",
			0,
			directRole("PhoneNumberManager", 10),
		),
		subuserRow(2211, "marek_novotny", "Marek Novotný", 0, directRole("Support", 3)),
		subuserRow(
			2212,
			"oluwaseun_adebayo",
			"Olúwáṣeun Adébáyọ̀, quality",
			0,
			directRole("Supervisor", 5),
			inheritedRole("Support", 3, "Supervisor"),
		),
		subuserRow(2213, "tove_h", "Tove Håkansson", 0, privilegedDirectRole("Owner", 1),
			page.RoleAssignment{ID: 2, Name: "Admin", Privileged: true, Inherited: true, InheritedFrom: "Owner"}),
		subuserRow(
			2214,
			"zofia_wojcik",
			"Zofia Wójcik, team lead Gdańsk",
			1,
			directRole("Supervisor", 5),
			inheritedRole("Support", 3, "Supervisor"),
		),
	}
}

// subuserRow returns a subuser with that number of keys.
func subuserRow(id int64, login, description string, keys int, roles ...page.RoleAssignment) principals.Row {
	return principals.Row{
		Principal: &access.Principal{
			Ref:         access.SubuserRef(id),
			Name:        login,
			Description: description,
			RolesKnown:  true,
			Keys:        make([]access.NamedKey, keys),
			KeysKnown:   true,
		},
		Roles: roles,
	}
}

// history returns operations on one subuser, newest first.
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

// openOperation returns an operation with a lost answer.
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
	return page.NewReadError(page.Unreachable, "", nil, ago(20*time.Second))
}
