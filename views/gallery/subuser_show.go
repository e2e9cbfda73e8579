package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

func subuserShowStates() []State {
	state := func(name string, m subusers.Show) State {
		return State{Area: "subusers", Page: "show", Name: name, Component: subusers.ShowPage(m)}
	}
	return []State{
		state("ordinary", ordinaryShow()),
		state("after-change", afterChangeShow()),
		state("editor", editorShow()),
		state("auditor", auditorShow()),
		state("owner-for-editor", ownerShow()),
		state("nothing-known", nothingKnownShow()),
		state("open-operation", openOperationShow()),
	}
}

func ordinaryShow() subusers.Show {
	return subusers.Show{
		Frame:       frame("zofia_wojcik", page.Subusers, subusersCrumb()),
		ID:          2214,
		Login:       "zofia_wojcik",
		Description: "Zofia Wójcik, team lead Gdańsk",
		Roles: []page.RoleAssignment{
			directRole("Supervisor", 5),
			{ID: 3, Name: "Support", Inherited: true, InheritedFrom: "Supervisor", GUIOnly: true},
		},
		RolesKnown:     true,
		KeysKnown:      true,
		Keys:           []subusers.KeyRef{{ID: "b0c7f1de-55f0-4c15-8a0e-3f6d0e9f4a21", Name: "wallboard Gdańsk"}},
		ReadAt:         ago(time.Second),
		History:        history(),
		MayChangeRoles: true,
		MayViewKeys:    true,
		Actions: []ui.Link{
			{
				Text: "Edit",
				Href: "/subusers/2214/edit",
			}, {Text: "Password", Href: "/subusers/2214/password"}, {Text: "Re-issue access", Href: "/subusers/2214/re-issue"},
			{
				Text: "Compare",
				Href: "/subusers/compare?a=2214",
			}, {Text: "New subuser with these roles", Href: "/subusers/new?from=2214"},
			{Text: "Delete", Href: "/subusers/2214/delete"},
		},
	}
}

// editorShow is what an editor sees of somebody without privileged roles: all that an admin does, but other people's
// operations without their reasons.
func editorShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = asOperator(m.Frame, "Emre Editor", "editor")
	m.History = withheldHistory()
	m.ReasonsWithheld = true
	return m
}

// auditorShow is for looking only, at all of it.
func auditorShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = asOperator(m.Frame, "Aino Auditor", "auditor")
	m.Actions = compareAction()
	m.MayChangeRoles, m.RolesReadOnlyReason = false, "Your role in this console does not allow changing roles."
	return m
}

func compareAction() []ui.Link { return []ui.Link{{Text: "Compare", Href: "/subusers/compare?a=2214"}} }

// withheldHistory is a history for somebody who may not see the reasons of others.
func withheldHistory() []page.Operation {
	lines := history()
	for i := range lines {
		lines[i].Reason, lines[i].Linked = "", false
	}
	return lines
}

func afterChangeShow() subusers.Show {
	m := ordinaryShow()
	m.Frame.Flash = &ui.Flash{
		Tone: ui.Done,
		Text: "The roles of zofia_wojcik were changed.",
		Link: &ui.Link{Text: "See the operation", Href: "/audit/" + operationID},
	}
	m.ReadBack = page.ReadBack{At: noon(), Roles: "Supervisor, Support"}
	return m
}

func ownerShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = asOperator(frame("agnes_lindqvist", page.Subusers, subusersCrumb()), "Emre Editor", "editor")
	m.ID, m.Login, m.Description = 2201, "agnes_lindqvist", "Agnes Lindqvist, managing director"
	m.Roles, m.Keys, m.History = ownerRoles(), nil, nil
	m.Actions = []ui.Link{
		{Text: "Compare", Href: "/subusers/compare?a=2201"},
		{Text: "New subuser with these roles", Href: "/subusers/new?from=2201"},
	}
	m.MayChangeRoles = false
	m.RolesReadOnlyReason = "This subuser holds a privileged role: only an admin may change their roles."
	return m
}

func nothingKnownShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = asOperator(m.Frame, "Vera Viewer", "viewer")
	m.Description, m.Roles, m.RolesKnown, m.Keys, m.KeysKnown = "", nil, false, nil, false
	m.MayChangeRoles = false
	m.RolesReadOnlyReason = "Your role in this console does not allow changing roles."
	m.ReasonsWithheld = true
	m.Actions, m.History = compareAction(), withheldHistory()
	return m
}

func openOperationShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = frame("dmitri_sokolov", page.Subusers, subusersCrumb())
	m.ID, m.Login, m.Description = 2206, "dmitri_sokolov", "Дмитрий Соколов, ночная смена 🌙"
	m.Roles, m.Keys = nil, nil
	m.History = []page.Operation{openOperation(), {
		ID:         "01K9TT4D7H2N9XWQ5RB8ZCEJ6M",
		ActionName: "New subuser",
		TargetName: "dmitri_sokolov",
		Actor:      "An operator with a remarkably long display name, Ph.D.",
		At:         ago(41 * 24 * time.Hour),
		Result:     page.Applied,
		Linked:     true,
	}}
	m.Frame.Banners = []ui.Banner{page.UnresolvedBanner(openOperation())}
	return m
}
