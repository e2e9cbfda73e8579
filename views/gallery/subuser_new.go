package gallery

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/rolefacts"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// notPrivileged is the reason why an editor cannot tick a privileged role.
const notPrivileged = "Only an admin can grant or revoke a privileged role."

func subuserNewStates() []State {
	form := func(name string, m subusers.New) State {
		return State{Area: "subusers", Page: "new", Name: name, Component: subusers.NewPage(m)}
	}
	created := func(name string, m subusers.Created) State {
		return State{Area: "subusers", Page: "created", Name: name, Component: subusers.CreatedPage(m)}
	}
	return []State{
		form("empty", emptyNew()),
		form("editor", editorNew()),
		form("errors", errorsNew()),
		form("found", foundNew()),
		form("copied", copiedNew()),
		form("refused", refusedNew()),
		form("not-sent", notSentNew()),
		form("busy", busyNew()),
		form("no-catalogue", noCatalogueNew()),
		created("applied", appliedCreated()),
		created("not-seen", unconfirmedCreated()),
		created("not-complete", incompleteCreated()),
		created("unknown", unknownCreated()),
	}
}

func emptyNew() subusers.New {
	return subusers.New{
		Frame:       frame("New subuser", page.Subusers, subusersCrumb()),
		OperationID: operationID,
		Groups:      roleGroups(true),
		Copy:        newSubuserCopy(),
	}
}

func newSubuserCopy() page.RoleCopy {
	return page.RoleCopy{Path: "/subusers/new", Kind: access.Subuser}
}

// foundNew is the form with the results of a search for roles to copy.
func foundNew() subusers.New {
	m := emptyNew()
	m.Login, m.Description, m.PasswordDropped = "zofia_wojcik", "Zofia Wójcik, team lead Gdańsk", true
	m.Copy.Query, m.Copy.Searched, m.Copy.Matches = "gdańsk", true, 12
	m.Copy.Hits = []page.RoleCopyHit{
		{ID: "2301", Name: "anna_kowalska", Description: "Anna Kowalska, Gdańsk", Roles: []string{"Supervisor", "Support"}},
		{ID: "2302", Name: "team_gdansk", Description: "Calls back in Polish, Czech and German", Roles: []string{
			"Developer", "Supervisor", "Support", "CallListManager", "Accountant", "Payer",
		}},
		{ID: "2303", Name: "trainee_gdansk"},
	}
	return m
}

// copiedNew is the form of an editor after the roles of another subuser were ticked.
func copiedNew() subusers.New {
	m := editorNew()
	m.Login = "zofia_wojcik"
	m.Copy = copiedRoles(m.Copy, "anna_kowalska")
	m.Copy.Message = page.CopiedRolesText("anna_kowalska", 4, []string{"Owner"})
	m.Copy.Skipped = []page.SkippedRole{{Name: "Owner", Reason: notPrivileged}}
	m.Groups[0].Boxes[2].Checked, m.Groups[1].Boxes[0].Checked, m.Groups[1].Boxes[1].Checked = true, true, true
	return m
}

// copiedRoles returns the part of a form after roles were copied.
func copiedRoles(part page.RoleCopy, name string) page.RoleCopy {
	part.Query, part.Source, part.IDs = name, name, []int64{4, 5, 3}
	part.Message = page.CopiedRolesText(name, 3, nil)
	part.Ticked = []page.RoleNames{
		{Group: "Management", Names: []string{"Developer"}},
		{Group: "Contact centre", Names: []string{"Supervisor", "Support"}},
	}
	return part
}

// roleGroups returns the checkboxes of a new subuser for an admin or an editor.
func roleGroups(admin bool) []page.RoleGroup {
	groups := []page.RoleGroup{
		{Name: "Management", Boxes: []page.RoleBox{
			{ID: 1, Name: "Owner", Privileged: true, Offered: admin},
			{ID: 2, Name: "Admin", Privileged: true, Offered: admin},
			{ID: 4, Name: "Developer", Offered: true},
			{ID: 8, Name: "UserManager", Offered: true},
		}},
		{Name: "Contact centre", Boxes: []page.RoleBox{
			{ID: 5, Name: "Supervisor", Offered: true},
			{ID: 3, Name: "Support", Offered: true, GUIOnly: true},
			{ID: 6, Name: "CallListManager", Offered: true},
		}},
		{Name: "Money", Boxes: []page.RoleBox{
			{ID: 7, Name: "Accountant", Offered: true, GUIOnly: true},
			{ID: 9, Name: "Payer", Offered: true},
			{ID: 10, Name: "PhoneNumberManager", Offered: true},
		}},
	}
	for _, group := range groups {
		for i, box := range group.Boxes {
			group.Boxes[i].Facts = roleFacts(box.Name)
		}
	}
	if !admin {
		groups[0].Boxes[0].DisabledReason, groups[0].Boxes[1].DisabledReason = notPrivileged, notPrivileged
	}
	return groups
}

func roleFacts(name string) page.RoleFacts {
	role, _ := rolefacts.Find(name)
	return page.NewRoleFacts(role, role.Methods())
}

func editorNew() subusers.New {
	m := emptyNew()
	m.Frame = asOperator(m.Frame, "Emre Editor", "editor")
	m.Groups, m.ReasonRequired = roleGroups(false), true
	return m
}

func errorsNew() subusers.New {
	m := emptyNew()
	m.Frame.Failed = true
	m.Login, m.Description, m.Reason, m.ReasonRequired, m.PasswordDropped = "7up", "Zoë 🚀", "", true, true
	m.Groups[1].Boxes[1].Checked = true
	m.Errors = []ui.FieldError{
		{Field: "login", Text: "Begin the login with a letter and make it 5 to 20 characters long."},
		{Field: "password", Text: "Add a digit and a special character to the password, or leave it empty."},
		{Field: "role", Text: "Choose the roles again: the form was older than the list of roles."},
		{Field: "reason", Text: "Say why, in a few words."},
	}
	return m
}

func refusedNew() subusers.New {
	m := emptyNew()
	m.Frame.Failed = true
	m.Login, m.Description, m.Reason = "zofia_wojcik", "Zofia Wójcik, team lead Gdańsk", "TKT-4417"
	m.Vendor = page.VendorQuote("AddSubUser", 436, "Sub user login is not unique.")
	m.Advice = "The login is taken, perhaps on another account. Choose another one."
	m.Errors = []ui.FieldError{{Field: "login", Text: "Choose another login: this one is taken."}}
	return m
}

func notSentNew() subusers.New {
	m := emptyNew()
	m.Login, m.Description, m.PasswordDropped = "zofia_wojcik", "Zofia Wójcik", true
	m.NotSent = "No connection to Voximplant could be made, so the request never left. Send the form again when " +
		"Voximplant can be reached."
	return m
}

func busyNew() subusers.New {
	m := emptyNew()
	m.Login = "zofia_wojcik"
	busy := openOperation()
	busy.ActionName, busy.TargetName = "New subuser", "zofia_wojcik"
	m.Busy = &busy
	return m
}

func noCatalogueNew() subusers.New {
	m := emptyNew()
	m.Groups = nil
	m.RolesDisabledReason = "Voximplant's list of roles could not be read, so no role can be given now. The " +
		"subuser can be " +
		"created without roles, and get them later."
	return m
}

func appliedCreated() subusers.Created {
	return subusers.Created{
		Frame:    frame("Subuser zofia_wojcik was created", page.Subusers, subusersCrumb()),
		ID:       2214,
		Login:    "zofia_wojcik",
		Password: "not-a-real-Passw0rd!",
		PanelURL: "https://manage.voximplant.com/auth/sub_log_in?account=nordlys",
		Roles: []page.RoleAssignment{
			directRole("Supervisor", 5),
			inheritedRole("Support", 3, "Supervisor"),
		},
		RolesRead:   true,
		Result:      page.Applied,
		Confirmed:   true,
		OperationID: operationID,
	}
}

func unconfirmedCreated() subusers.Created {
	m := appliedCreated()
	m.Confirmed, m.PanelURL, m.Roles, m.RolesRead, m.Unsaved = false, "", nil, false, true
	return m
}

func incompleteCreated() subusers.Created {
	m := appliedCreated()
	m.Confirmed, m.Roles = false, []page.RoleAssignment{directRole("Support", 3)}
	return m
}

func unknownCreated() subusers.Created {
	m := appliedCreated()
	m.Frame.Heading = "We do not know yet whether zofia_wojcik was created"
	m.ID, m.Result, m.Confirmed, m.RolesRead = 0, page.Unknown, false, false
	m.Roles = []page.RoleAssignment{directRole("Supervisor", 0)}
	return m
}
