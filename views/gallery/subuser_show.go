package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

func subuserShowStates() []State {
	state := func(name string, m principals.Show) State {
		return State{Area: "subusers", Page: "show", Name: name, Component: principals.ShowPage(m)}
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

func ordinaryShow() principals.Show {
	return principals.Show{
		Frame: frame("zofia_wojcik", page.Subusers, subusersCrumb()),
		Principal: access.Principal{
			Ref:         access.SubuserRef(2214),
			Name:        "zofia_wojcik",
			Description: "Zofia Wójcik, team lead Gdańsk",
			RolesKnown:  true,
			Keys:        []access.NamedKey{{ID: "b0c7f1de-55f0-4c15-8a0e-3f6d0e9f4a21", Name: "wallboard Gdańsk"}},
			KeysKnown:   true,
			Facts:       &access.Facts{FirstSeen: ago(40 * 24 * time.Hour)},
		},
		Roles: []page.RoleAssignment{
			directRole("Supervisor", 5),
			{ID: 3, Name: "Support", Inherited: true, InheritedFrom: "Supervisor", GUIOnly: true},
		},
		ReadAt:         ago(time.Second),
		History:        history(),
		MayChangeRoles: true,
		MayViewKeys:    true,
		Actions: []ui.Link{
			{Text: "Edit", Href: "/subusers/2214/edit"},
			{Text: "Password", Href: "/subusers/2214/password"},
			{Text: "Re-issue access", Href: "/subusers/2214/re-issue"},
			{Text: "Compare", Href: "/subusers/compare?a=2214"},
			{Text: "New subuser with these roles", Href: "/subusers/new?from=2214"},
			{Text: "Delete", Href: "/subusers/2214/delete"},
		},
	}
}

// editorShow returns the page of a subuser without privileged roles for an editor: like an admin's, but without the
// reasons of other operators.
func editorShow() principals.Show {
	m := ordinaryShow()
	m.Frame = asOperator(m.Frame, "Emre Editor", "editor")
	m.History = withheldHistory()
	m.ReasonsWithheld = true
	return m
}

// auditorShow returns the page for an auditor, who sees everything and changes nothing.
func auditorShow() principals.Show {
	m := ordinaryShow()
	m.Frame = asOperator(m.Frame, "Aino Auditor", "auditor")
	m.Actions = compareAction()
	m.MayChangeRoles, m.RolesReadOnlyReason = false, page.InfoOf(access.Subuser).RolesNotPermitted
	return m
}

func compareAction() []ui.Link { return []ui.Link{{Text: "Compare", Href: "/subusers/compare?a=2214"}} }

// withheldHistory returns a history without the reasons of other operators.
func withheldHistory() []page.Operation {
	lines := history()
	for i := range lines {
		lines[i].Reason, lines[i].Linked = "", false
	}
	return lines
}

func afterChangeShow() principals.Show {
	m := ordinaryShow()
	m.Frame.Flash = &ui.Flash{
		Tone: ui.Done,
		Text: "The roles of zofia_wojcik were changed.",
		Link: &ui.Link{Text: "See the operation", Href: "/audit/" + operationID},
	}
	m.ReadBack = page.ReadBack{At: noon(), Roles: "Supervisor, Support"}
	return m
}

func ownerShow() principals.Show {
	m := ordinaryShow()
	m.Frame = asOperator(frame("agnes_lindqvist", page.Subusers, subusersCrumb()), "Emre Editor", "editor")
	m.Principal.Ref, m.Principal.Name = access.SubuserRef(2201), "agnes_lindqvist"
	m.Principal.Description = "Agnes Lindqvist, managing director"
	m.Roles, m.Principal.Keys, m.History = ownerRoles(), nil, nil
	m.Actions = []ui.Link{
		{Text: "Compare", Href: "/subusers/compare?a=2201"},
		{Text: "New subuser with these roles", Href: "/subusers/new?from=2201"},
	}
	m.MayChangeRoles = false
	m.RolesReadOnlyReason = page.PrivilegedRoleAssigned(access.Subuser)
	return m
}

func nothingKnownShow() principals.Show {
	m := ordinaryShow()
	m.Frame = asOperator(m.Frame, "Vera Viewer", "viewer")
	m.Principal, m.Roles = access.Principal{Ref: m.Principal.Ref, Name: m.Principal.Name}, nil
	m.MayChangeRoles = false
	m.RolesReadOnlyReason = page.InfoOf(access.Subuser).RolesNotPermitted
	m.ReasonsWithheld = true
	m.Actions, m.History = compareAction(), withheldHistory()
	return m
}

func openOperationShow() principals.Show {
	m := ordinaryShow()
	m.Frame = frame("dmitri_sokolov", page.Subusers, subusersCrumb())
	m.Principal.Ref, m.Principal.Name = access.SubuserRef(2206), "dmitri_sokolov"
	m.Principal.Description = "Дмитрий Соколов, ночная смена 🌙"
	m.Roles, m.Principal.Keys = nil, nil
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
