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
		state("after-change", changedShow()),
		state("owner-for-editor", ownerShow()),
		state("nothing-known", unknownShow()),
		state("open-operation", openShow()),
	}
}

func ordinaryShow() subusers.Show {
	return subusers.Show{
		Frame: frame("zofia_wojcik", page.Subusers, subusersCrumb()),
		ID:    2214, Login: "zofia_wojcik", Description: "Zofia Wójcik, team lead Gdańsk",
		Roles:      []page.HeldRole{held("Supervisor", 5), {ID: 3, Name: "Support", Inherited: true, Through: "Supervisor", GUIOnly: true}},
		RolesKnown: true, KeysKnown: true, Keys: []subusers.KeyRef{{ID: "b0c7f1de-55f0-4c15-8a0e-3f6d0e9f4a21", Name: "wallboard Gdańsk"}},
		ReadAt: ago(time.Second), History: history(), MayChangeRoles: true,
	}
}

func changedShow() subusers.Show {
	m := ordinaryShow()
	m.Frame.Flash = &ui.Flash{Tone: ui.Done, Text: "The roles of zofia_wojcik were changed.", Link: &ui.Link{Text: "See the operation", Href: "/audit/" + operationID}}
	m.Proof = "Read back at 12:03:04 UTC: Supervisor (direct), Support (through Supervisor)."
	return m
}

func ownerShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = as(frame("agnes_lindqvist", page.Subusers, subusersCrumb()), "Emre Editor", "editor")
	m.ID, m.Login, m.Description = 2201, "agnes_lindqvist", "Agnes Lindqvist, managing director"
	m.Roles, m.Keys, m.History = ownerRoles(), nil, nil
	m.MayChangeRoles, m.WhyNot = false, "Only an admin can change the roles of somebody who holds the privileged role Owner."
	return m
}

func unknownShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = as(m.Frame, "Vera Viewer", "viewer")
	m.Description, m.Roles, m.RolesKnown, m.Keys, m.KeysKnown = "", nil, false, nil, false
	m.MayChangeRoles, m.WhyNot, m.ReasonsWithheld = false, "Viewers cannot change roles.", true
	for i := range m.History {
		m.History[i].Reason, m.History[i].Linked = "", false
	}
	return m
}

func openShow() subusers.Show {
	m := ordinaryShow()
	m.Frame = frame("dmitri_sokolov", page.Subusers, subusersCrumb())
	m.ID, m.Login, m.Description = 2206, "dmitri_sokolov", "Дмитрий Соколов, ночная смена 🌙"
	m.Roles, m.Keys = nil, nil
	m.History = []page.Operation{openOperation(), {
		ID: "01K9TT4D7H2N9XWQ5RB8ZCEJ6M", Act: "New subuser", TargetName: "dmitri_sokolov", Actor: "An operator with a remarkably long display name, Ph.D.",
		At: ago(41 * 24 * time.Hour), Result: page.Applied, Linked: true,
	}}
	m.Frame.Banners = []ui.Banner{{
		Tone: ui.Warning, Title: "A change of these roles is not settled yet", Text: "Until it is known whether it happened, no other change is let through.",
		Links: []ui.Link{{Text: "See the operation", Href: "/audit/" + openOperation().ID}},
	}}
	return m
}
