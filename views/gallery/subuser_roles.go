package gallery

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

func subuserRolesStates() []State {
	form := func(name string, m principals.RolesForm) State {
		return State{Area: "subusers", Page: "roles", Name: name, Component: principals.RolesFormPage(m)}
	}
	review := func(name string, m principals.RolesReview) State {
		return State{Area: "subusers", Page: "review", Name: name, Component: principals.RolesReviewPage(m)}
	}
	outcome := func(name string, m principals.RolesOutcome) State {
		return State{Area: "subusers", Page: "outcome", Name: name, Component: principals.RolesOutcomePage(m)}
	}
	return []State{
		form("ordinary", ordinaryRoles()),
		form("editor-on-owner", editorRoles()),
		form("copied", copiedToRoles()),
		form("nothing-to-do", nothingToChangeRoles()),
		form("finish", finishRoles()),
		form("conflict", conflictRoles()),
		form("busy", busyRoles()),
		form("refused", refusedRoles()),
		form("not-sent", notSentRoles()),
		form("errors", errorsRoles()),
		form("no-catalogue", noCatalogueRoles()),
		review("ordinary", ordinaryReview()),
		review("privileged", privilegedReview()),
		review("revoke-all", revokeAllReview()),
		review("last-owner", lastOwnerReview()),
		outcome("partly", partlyAppliedOutcome()),
		outcome("unknown", unknownOutcome()),
	}
}

func ordinaryRoles() principals.RolesForm {
	groups := roleGroups(true)
	groups[1].Boxes[0].Checked = true
	groups[1].Boxes[1] = page.RoleBox{
		ID: 3, Name: "Support", Inherited: true, InheritedFrom: "Supervisor", GUIOnly: true, Facts: roleFacts("Support"),
	}
	groups[2].Boxes = append(
		groups[2].Boxes,
		page.RoleBox{
			ID:             77,
			Name:           "role 77",
			Checked:        true,
			DisabledReason: "Voximplant's catalogue does not list it, so it is left as it is.",
		},
	)
	return principals.RolesForm{
		Frame:       frame("Change roles", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:   zofia(),
		OperationID: operationID,
		Base:        []int64{5, 77},
		Copy:        page.RoleCopy{Path: zofia().Path() + "/roles", Kind: access.Subuser},
		Groups:      groups,
	}
}

func copiedToRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Groups[0].Boxes[2].Checked = true
	m.Copy = copiedRoles(m.Copy, "anna_kowalska")
	m.Copy.IDs = []int64{4}
	m.Copy.Ticked = []page.RoleNames{{Group: "Management", Names: []string{"Developer"}}}
	m.Copy.Message = page.CopiedRolesText("anna_kowalska", 2, []string{"Support"})
	m.Copy.Skipped = []page.SkippedRole{{Name: "Support", Reason: page.RoleInherited}}
	return m
}

func editorRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Frame = asOperator(m.Frame, "Emre Editor", "editor")
	m.Groups = roleGroups(false)
	m.Groups[1].Boxes[0].Checked = true
	m.ReasonRequired = true
	return m
}

func nothingToChangeRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.NothingToDo = true
	return m
}

func finishRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.FinishesPartial, m.Reason = true, "TKT-4417: leads the Gdańsk team from today"
	return m
}

func conflictRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Conflict = &principals.RolesConflict{
		Before: []string{"CallListManager", "Supervisor"}, Now: []string{"Supervisor"},
		Change: page.Difference{Grant: []string{"Developer"}, Keep: []string{"Supervisor"}},
	}
	m.Groups[0].Boxes[2].Checked = true
	return m
}

func busyRoles() principals.RolesForm {
	m := ordinaryRoles()
	busy := openOperation()
	busy.TargetName = "zofia_wojcik"
	m.Busy = &busy
	return m
}

func refusedRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Frame.Failed = true
	m.Vendor = vendorRefusal()
	m.Advice = "These roles cannot be combined, or not be given to a subuser. Take some away and try again."
	return m
}

func notSentRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.NotSent = "No connection to Voximplant could be made, so the request never left. Send the form again when " +
		"Voximplant can be reached."
	return m
}

func errorsRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Frame.Failed, m.ReasonRequired = true, true
	m.Errors = []ui.FieldError{
		{Field: "role", Text: "Choose again: one of the roles does not exist any more."},
		{Field: "reason", Text: "Say why, in a few words."},
		{Text: "The form was drawn before the console was restarted; look over your ticks and send it again."},
	}
	return m
}

func noCatalogueRoles() principals.RolesForm {
	m := ordinaryRoles()
	m.Groups = nil
	m.RolesDisabledReason = "Voximplant's list of roles could not be read, so no role can be changed now. Try again in " +
		"a minute."
	return m
}

func ordinaryReview() principals.RolesReview {
	return principals.RolesReview{
		Frame: frame(
			"Review changes",
			page.Subusers,
			subusersCrumb(),
			loginCrumb(),
			ui.Link{Text: "Change roles", Href: "/subusers/2214/roles"},
		),
		Principal: zofia(), OperationID: operationID,
		Base: []int64{3, 6}, Offered: []int64{3, 4, 5, 6, 7}, Ticked: []int64{3, 5},
		Change: page.Difference{
			Grant:  []string{"Supervisor"},
			Revoke: []string{"CallListManager"},
			Keep:   []string{"Support"},
		},
		Reason: "TKT-4417: leads the Gdańsk team from today",
	}
}

func privilegedReview() principals.RolesReview {
	m := ordinaryReview()
	banner := privilegedGrant()
	m.Change = page.Difference{
		Grant:      []string{"Accountant", "Owner"},
		Privileged: []string{"Owner"},
		Keep:       []string{"Support"},
	}
	m.Privileged, m.Reason, m.ReasonRequired, m.Frame.Failed = &banner, "", true, true
	m.Errors = []ui.FieldError{{Field: "reason", Text: "Enter a reason. It is required to grant a privileged role."}}
	return m
}

func privilegedGrant() ui.Banner {
	return page.PrivilegedGrantBanner([]string{"Owner"}, []string{"Owner: " + roleFacts("Owner").Sentence})
}

func revokeAllReview() principals.RolesReview {
	m := ordinaryReview()
	m.Change = page.Difference{Revoke: []string{"CallListManager", "Support"}}
	m.Ticked, m.Reason, m.ReasonRequired = nil, "", true
	return m
}

func lastOwnerReview() principals.RolesReview {
	m := ordinaryReview()
	m.Principal.Name, m.LastOwner, m.Frame.Failed = "agnes_lindqvist", true, true
	m.Frame.Crumbs[1] = ui.Link{Text: "agnes_lindqvist", Href: "/subusers/2201"}
	m.Change = page.Difference{
		Grant:         []string{"Accountant"},
		Revoke:        []string{"Owner"},
		InheritedLost: []string{"Admin", "Support"},
	}
	m.Confirm = "agnes"
	m.Errors = []ui.FieldError{{Field: "confirm", Text: "Type the whole login, agnes_lindqvist, to confirm."}}
	return m
}

func partlyAppliedOutcome() principals.RolesOutcome {
	return principals.RolesOutcome{
		Frame:       frame("Partly applied", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:   zofia(),
		OperationID: operationID,
		Result:      page.PartlyApplied,
		NowKnown:    true,
		Now:         []page.RoleAssignment{directRole("Support", 3)},
		Remaining:   page.Difference{Grant: []string{"Supervisor"}},
		FinishHref:  finishHref,
		Vendor:      vendorRefusal(),
		Advice:      "These roles cannot be combined, or not be given to a subuser.",
	}
}

func unknownOutcome() principals.RolesOutcome {
	m := partlyAppliedOutcome()
	m.Frame.Heading, m.Result, m.FinishHref, m.Unsaved = "Not known yet", page.Unknown, "", true
	m.Remaining, m.NowKnown, m.Now = page.Difference{}, false, nil
	m.Vendor, m.Advice = page.VendorQuote(
		"SetSubUserRoles",
		0,
		"",
	), "The connection was cut after the request had been sent."
	return m
}
