package gallery

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// asCode returns a call of the Management API as the forms show it. Parameters have the form "name=value". A value that
// starts with a dollar sign stands for a secret.
func asCode(method string, parameters ...string) string {
	lines := []string{
		"curl -X POST 'https://api.voximplant.com/platform_api/" + method + "'",
		`  -H "Authorization: Bearer $VOXIMPLANT_TOKEN"`,
	}
	for _, p := range parameters {
		quote := "'"
		if strings.Contains(p, "=$") {
			quote = `"`
		}
		lines = append(lines, "  --data-urlencode "+quote+p+quote)
	}
	return strings.Join(lines, " \\\n") + "\n"
}

func zofia() access.Principal {
	return access.Principal{
		Ref:         access.SubuserRef(2214),
		Name:        "zofia_wojcik",
		Description: "Zofia Wójcik, team lead Gdańsk",
		Roles:       []access.RoleAssignment{{ID: 5, Name: "Supervisor", Direct: true}},
		RolesKnown:  true,
	}
}

func agnes() access.Principal {
	return access.Principal{
		Ref:         access.SubuserRef(2201),
		Name:        "agnes_lindqvist",
		Description: "Agnes Lindqvist, managing director",
		Roles:       []access.RoleAssignment{{ID: 1, Name: "Owner", Direct: true}},
		RolesKnown:  true,
	}
}

func subuserChangeStates() []State {
	state := func(name, what string, c State) State {
		c.Area, c.Page, c.Name = "subusers", name, what
		return c
	}
	edit := func(what string, m principals.Edit) State {
		return state("edit", what, State{Component: principals.EditPage(m)})
	}
	password := func(what string, m subusers.Password) State {
		return state("password", what, State{Component: subusers.PasswordPage(m)})
	}
	remove := func(what string, m principals.Delete) State {
		return state("delete", what, State{Component: principals.DeletePage(m)})
	}
	reissue := func(what string, m subusers.Reissue) State {
		return state("re-issue", what, State{Component: subusers.ReissuePage(m)})
	}
	reissued := func(what string, m subusers.Reissued) State {
		return state("re-issued", what, State{Component: subusers.ReissuedPage(m)})
	}
	return []State{
		edit("ordinary", ordinaryEdit()),
		edit("refused", refusedEdit()),
		edit("code", codeEdit()),
		password("ordinary", ordinaryPassword()),
		password("errors", errorsPassword()),
		remove("ordinary", ordinaryDelete()),
		remove("warnings", warnedDelete()),
		remove("blocked", blockedDelete()),
		state("deleted", "keys-left", State{Component: principals.DeletedPage(remainingKeysResult())}),
		reissue("ordinary", ordinaryReissue()),
		reissue("moved", staleReissue()),
		reissued("half-done", partialReissue()),
		reissued("unknown", unknownReissue()),
		state("force", "ordinary", State{Component: subusers.ForcePage(ordinaryForce())}),
		state("force", "blocked", State{Component: subusers.ForcePage(blockedForce())}),
		state("created", "re-issued", State{Component: subusers.CreatedPage(reissuedCreated())}),
		state("created", "password-changed", State{Component: subusers.CreatedPage(changedPassword())}),
		state("compare", "ordinary", State{Component: principals.ComparePage(ordinaryComparison())}),
		state("compare", "ask", State{Component: principals.ComparePage(askComparison())}),
		state("new", "finish", State{Component: subusers.NewPage(finishNew())}),
	}
}

func ordinaryEdit() principals.Edit {
	return principals.Edit{
		Frame:           frame("Edit zofia_wojcik", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:       zofia(),
		OperationID:     operationID,
		NameFixed:       true,
		BaseDescription: zofia().Description,
		Description:     zofia().Description,
	}
}

func refusedEdit() principals.Edit {
	m := ordinaryEdit()
	m.Frame.Failed, m.Vendor = true, page.VendorQuote("SetSubUserInfo", 340, "Rate limit exceed")
	m.Advice = "Voximplant limits how often it may be called, and did nothing. Wait a minute, then try again."
	return m
}

func codeEdit() principals.Edit {
	m := ordinaryEdit()
	m.Code = asCode("SetSubUserInfo", "subuser_id=2214", "description=Zofia Wójcik, team lead Gdańsk")
	return m
}

func ordinaryPassword() subusers.Password {
	return subusers.Password{
		Frame:       frame("Password of zofia_wojcik", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:   zofia(),
		OperationID: operationID,
		MayReissue:  true,
		FormFeedback: page.FormFeedback{Code: asCode(
			"SetSubUserInfo",
			"subuser_id=2214",
			"old_subuser_password=$CURRENT_PASSWORD",
			"new_subuser_password=$NEW_PASSWORD",
		)},
	}
}

func errorsPassword() subusers.Password {
	m := ordinaryPassword()
	m.Frame.Failed, m.InputDropped, m.MayReissue = true, true, false
	m.Errors = []ui.FieldError{
		{Field: "current", Text: "Enter the current password."},
		{Field: "password", Text: "The password still needs a digit."},
	}
	return m
}

func ordinaryDelete() principals.Delete {
	return principals.Delete{
		Frame:        frame("Delete zofia_wojcik", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:    zofia(),
		Roles:        ordinaryShow().Roles,
		OperationID:  operationID,
		Expected:     "zofia_wojcik",
		FormFeedback: page.FormFeedback{Code: asCode("DelSubUser", "subuser_id=2214")},
	}
}

func warnedDelete() principals.Delete {
	m := ordinaryDelete()
	m.Frame.Heading, m.Frame.Failed = "Delete agnes_lindqvist", true
	m.Frame.Crumbs = []ui.Link{subusersCrumb(), {Text: "agnes_lindqvist", Href: "/subusers/2201"}}
	m.Principal, m.Roles, m.Expected = agnes(), ownerRoles(), "agnes_lindqvist"
	m.Code = asCode("DelSubUser", "subuser_id=2201")
	m.Keys = []access.NamedKey{{ID: keyID, Name: "wallboard Gdańsk"}, {ID: "b0c7f1de-55f0-4c15-8a0e-3f6d0e9f4a21"}}
	m.MayDeleteKeys = true
	m.WarningIDs = []string{"last-owner", "keys"}
	m.Warnings = []ui.Banner{
		page.WarningBanner(page.LastOwner, "agnes_lindqvist"),
		page.WarningBanner(page.KeysRemain, "agnes_lindqvist"),
	}
	m.Confirm = "agnes"
	m.Errors = []ui.FieldError{{Field: "confirm", Text: "Type the login agnes_lindqvist to confirm."}}
	return m
}

func blockedDelete() principals.Delete {
	m := ordinaryDelete()
	m.Blocked = "The console key belongs to zofia_wojcik. Give the console another key first."
	return m
}

func remainingKeysResult() principals.Deleted {
	return principals.Deleted{
		Frame:         frame("zofia_wojcik was deleted", page.Subusers, subusersCrumb()),
		Kind:          access.Subuser,
		OperationID:   operationID,
		Result:        page.Applied,
		RemainingKeys: []access.NamedKey{{ID: keyID, Name: "wallboard Gdańsk"}},
		MayDeleteKeys: true,
	}
}

func ordinaryReissue() subusers.Reissue {
	m := subusers.Reissue{
		Frame:       frame("Re-issue the access of zofia_wojcik", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:   zofia(),
		Roles:       ordinaryShow().Roles,
		OperationID: operationID,
		Expected:    "zofia_wojcik",
	}
	m.Code = asCode("DelSubUser", "subuser_id=2214")
	return m
}

func staleReissue() subusers.Reissue {
	m := ordinaryReissue()
	m.Frame.Failed = true
	m.NotSent = page.StaleFormText
	return m
}

func partialReissue() subusers.Reissued {
	return subusers.Reissued{
		Frame:       frame("zofia_wojcik cannot sign in now", page.Subusers, subusersCrumb()),
		Login:       "zofia_wojcik",
		OperationID: operationID,
		Result:      page.PartlyApplied,
		FinishHref:  "/subusers/new?finish=" + operationID,
		Vendor:      page.VendorQuote("AddSubUser", 340, "Rate limit exceed"),
		Advice:      "Voximplant limits how often it may be called, and did nothing. Wait a minute, then try again.",
	}
}

func unknownReissue() subusers.Reissued {
	m := partialReissue()
	m.Frame.Heading = "We do not know yet whether zofia_wojcik can sign in"
	m.Result = page.Unknown
	m.FinishHref = ""
	m.Vendor = nil
	m.Advice = ""
	m.Unsaved = true
	return m
}

func ordinaryForce() subusers.Force {
	return subusers.Force{
		Frame:        frame("Revoke roles of zofia_wojcik by force", page.Subusers, subusersCrumb(), loginCrumb()),
		Principal:    zofia(),
		OperationID:  operationID,
		Base:         []int64{5},
		Offered:      []int64{5},
		Expected:     "zofia_wojcik",
		Change:       page.Difference{Revoke: []string{"Supervisor"}},
		Keys:         remainingKeysResult().RemainingKeys,
		FormFeedback: page.FormFeedback{Code: asCode("RemoveSubUserRoles", "subuser_id=2214", "role_id=5", "force=true")},
	}
}

func blockedForce() subusers.Force {
	m := ordinaryForce()
	m.Keys = nil
	m.Blocked = "The key that this console runs on belongs to zofia_wojcik, and force would take its Owner. Give the " +
		"console another key first."
	return m
}

func reissuedCreated() subusers.Created {
	return subusers.Created{
		Frame:         frame("The access of zofia_wojcik was re-issued", page.Subusers, subusersCrumb()),
		Origin:        subusers.OriginReissue,
		ID:            2240,
		Login:         "zofia_wojcik",
		Password:      "not-a-real-Passw0rd!",
		PanelURL:      "https://panel.example/login",
		Roles:         ordinaryShow().Roles,
		RolesRead:     true,
		Result:        page.Applied,
		Confirmed:     true,
		OperationID:   operationID,
		RemainingKeys: remainingKeysResult().RemainingKeys,
	}
}

func changedPassword() subusers.Created {
	m := reissuedCreated()
	m.Frame.Heading = "The password of zofia_wojcik was changed"
	m.Origin = subusers.OriginChange
	m.ID = 2214
	m.RemainingKeys = nil
	m.Confirmed = false
	return m
}

func ordinaryComparison() principals.Comparison {
	subuser := func(id int64, login string) access.Principal {
		return access.Principal{Ref: access.SubuserRef(id), Name: login}
	}
	return principals.Comparison{
		Frame: frame("zofia_wojcik and dmitri_sokolov", page.Subusers, subusersCrumb()),
		Kind:  access.Subuser,
		A:     principals.ComparedPrincipal{Principal: subuser(2214, "zofia_wojcik"), MayChange: true},
		B:     principals.ComparedPrincipal{Principal: subuser(2206, "dmitri_sokolov")},
		Rows: []principals.ComparedRole{
			{Role: privilegedDirectRole("Owner", 1), B: "direct"},
			{Role: directRole("Supervisor", 5), A: "direct"},
			{Role: directRole("Support", 3), A: "inherited", B: "inherited"},
		},
	}
}

func askComparison() principals.Comparison {
	m := ordinaryComparison()
	m.Frame.Crumbs = append(m.Frame.Crumbs, ui.Link{Text: "zofia_wojcik", Href: "/subusers/2214"})
	m.Frame.Heading = "Compare zofia_wojcik"
	m.AskForSecond = true
	m.Input, m.InputError = "nobody_here", principals.NoSuchLogin
	m.Rows = nil
	return m
}

func finishNew() subusers.New {
	m := subusers.New{
		Frame:             frame("Finish the re-issue of zofia_wojcik", page.Subusers, subusersCrumb()),
		OperationID:       operationID,
		Login:             "zofia_wojcik",
		LoginFixed:        true,
		FinishOperationID: operationID,
		Description:       "Zofia Wójcik, team lead Gdańsk",
		Groups:            roleGroups(true),
		Copy:              copiedRoles(newSubuserCopy(), "zofia_wojcik"),
	}
	m.Code = asCode(
		"AddSubUser",
		"new_subuser_name=zofia_wojcik",
		"new_subuser_password=$PASSWORD",
		"role_id=5",
		"description=Zofia Wójcik, team lead Gdańsk",
	)
	return m
}
