package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func auditOperationStates() []State {
	state := func(name string, m audit.Operation) State {
		return State{Area: "audit", Page: "operation", Name: name, Component: audit.OperationPage(m)}
	}
	return []State{
		state("applied", appliedOperation()),
		state("created", createdOperation()),
		state("undone", undoneOperation()),
		state("not-confirmed", unconfirmedOperation()),
		state("refused", refusedOperation()),
		state("not-sent", notSentOperation()),
		state("partly", partlyAppliedOperation()),
		state("under-way", underWayOperation()),
		state("unknown", unknownOperation()),
		state("resolve-errors", resolveErrorsOperation()),
		state("resolved", resolvedOperation()),
	}
}

func appliedOperation() audit.Operation {
	at := ago(3 * time.Hour)
	return audit.Operation{
		Frame:       frame("Change of roles: zofia_wojcik", page.AuditLog, auditCrumb()),
		ID:          operationID,
		ActionName:  "Change of roles",
		TargetName:  "zofia_wojcik",
		TargetHref:  "/subusers/2214",
		Actor:       "Ada Admin",
		ActorDetail: "demo|admin, signed in by demo",
		Address:     audit.AddressText("10.20.0.7", true),
		RequestID:   requestID,
		At:          at,
		Reason:      "TKT-4417: leads the Gdańsk team from today",
		Result:      page.Applied,
		Confirmed:   true,
		ClosedAt:    at.Add(time.Second),
		Change:      &page.Difference{Grant: []string{"Supervisor"}, Revoke: []string{"CallListManager"}},
		ReadBack:    []page.RoleAssignment{directRole("Supervisor", 5)},
		ReadBackAt:  at.Add(900 * time.Millisecond),
		Now: &audit.RolesNow{
			Known: true,
			Roles: []page.RoleAssignment{directRole("Supervisor", 5), directRole("Payer", 9)},
			AsOf:  ago(time.Minute),
		},
		Later: []page.Operation{{
			ID:         operationID,
			ActionName: "Change of roles",
			Actor:      "Emre Editor",
			At:         ago(time.Hour),
			Result:     page.Applied,
			Confirmed:  true,
			Linked:     true,
		}},
		Undo: &audit.Undo{
			Href:   "/subusers/2214/roles?undo=" + operationID,
			Change: page.Difference{Grant: []string{"CallListManager"}, Revoke: []string{"Supervisor"}},
		},
		Events: []audit.Event{
			{At: at, Title: audit.IntentTitle},
			{
				At:        at.Add(900 * time.Millisecond),
				Title:     audit.OutcomeTitle,
				HasResult: true,
				Result:    page.Applied,
				Confirmed: true,
				Note:      "Read back: Supervisor, Support.",
				Calls: []audit.Call{
					{Method: "RemoveSubUserRoles", Result: page.Applied, SentAt: at, Duration: 83 * time.Millisecond},
					{Method: "SetSubUserRoles", Result: page.Applied, SentAt: at, Duration: 2100 * time.Millisecond},
				},
			},
		},
	}
}

func undoneOperation() audit.Operation {
	m := appliedOperation()
	m.Undo = &audit.Undo{By: &m.Later[0]}
	return m
}

func createdOperation() audit.Operation {
	m := appliedOperation()
	m.Frame.Heading, m.ActionName = "New subuser: zofia_wojcik", "New subuser"
	m.Change = &page.Difference{Grant: []string{"Supervisor"}}
	m.Now, m.Undo = &audit.RolesNow{Gone: true, AsOf: ago(time.Minute)}, &audit.Undo{None: audit.UndoTargetGone}
	m.Facts = []ui.Fact{
		{Term: audit.LoginFact, Text: "zofia_wojcik"},
		{Term: audit.PasswordFact, Text: audit.PasswordShown},
	}
	m.Events[1].Calls = []audit.Call{
		{Method: "AddSubUser", Result: page.Applied, SentAt: m.At, Duration: 400 * time.Microsecond},
	}
	return m
}

func unconfirmedOperation() audit.Operation {
	m := appliedOperation()
	m.Confirmed, m.Open, m.ClosedAt, m.MayCheck = false, true, time.Time{}, true
	m.ReadBack, m.Later, m.Undo = nil, nil, nil
	m.Frame = asOperator(refreshing(m.Frame), "Emre Editor", "editor")
	m.Events[1].Confirmed, m.Events[1].Note = false, "Voximplant does not show it yet."
	return m
}

func refusedOperation() audit.Operation {
	m := appliedOperation()
	m.Result, m.Reason = page.Refused, ""
	m.Frame.Banners = []ui.Banner{audit.NoEffectBanner("/subusers/2214/roles?again=" + operationID)}
	m.ReadBack, m.Now, m.Later, m.Undo = nil, nil, nil, nil
	m.Events[1] = audit.Event{
		At:        m.At.Add(100 * time.Millisecond),
		Title:     audit.OutcomeTitle,
		HasResult: true,
		Result:    page.Refused,
		Confirmed: true,
		Calls: []audit.Call{
			{
				Method:   "RemoveSubUserRoles",
				Result:   page.Refused,
				Duration: 61 * time.Millisecond,
				Vendor:   page.VendorQuote("RemoveSubUserRoles", 439, "Account has keys with such roles."),
			},
		},
	}
	return m
}

func notSentOperation() audit.Operation {
	m := appliedOperation()
	m.Result = page.NotSent
	m.ReadBack, m.Now, m.Later, m.Undo = nil, nil, nil, nil
	m.Frame.Heading, m.ActionName, m.Change, m.TargetHref = "New subuser", "New subuser", nil, ""
	m.Facts = []ui.Fact{
		{Term: "Login", Text: "zofia_wojcik"},
		{Term: "Description", Text: "Zofia Wójcik, team lead Gdańsk"},
	}
	m.Events[1] = audit.Event{
		At:        m.At.Add(time.Second),
		Title:     audit.OutcomeTitle,
		HasResult: true,
		Result:    page.NotSent,
		Confirmed: true,
		Note:      "No connection could be made.",
		Calls:     []audit.Call{{Method: "AddSubUser", Result: page.NotSent, Duration: 5 * time.Millisecond}},
	}
	return m
}

func partlyAppliedOperation() audit.Operation {
	m := appliedOperation()
	m.Result, m.ReadBack = page.PartlyApplied, []page.RoleAssignment{}
	m.Now, m.Later = &audit.RolesNow{Known: true, AsOf: ago(time.Minute)}, nil
	m.Undo = &audit.Undo{None: audit.UndoNothingRoles}
	m.Frame.Banners = []ui.Banner{audit.PartlyAppliedBanner(finishHref)}
	m.Events[1].Result = page.PartlyApplied
	m.Events[1].Calls[1] = audit.Call{
		Method:   "SetSubUserRoles",
		Result:   page.Refused,
		Duration: 40 * time.Millisecond,
		Vendor:   vendorRefusal(),
	}
	return m
}

func underWayOperation() audit.Operation {
	m := appliedOperation()
	m.Frame = refreshing(m.Frame)
	m.Result, m.Open, m.Confirmed, m.ClosedAt = page.UnderWay, true, false, time.Time{}
	m.ReadBack, m.Later, m.Undo = nil, nil, nil
	m.Events = m.Events[:1]
	return m
}

func unknownOperation() audit.Operation {
	m := appliedOperation()
	m.Frame = refreshing(m.Frame)
	m.Result, m.Open, m.Confirmed, m.ClosedAt = page.Unknown, true, false, time.Time{}
	m.ReadBack, m.Later, m.Undo = nil, nil, nil
	m.MayCheck, m.MayResolve, m.ReconcileNotBefore = true, true, m.At.Add(6*time.Minute)
	m.Frame.HasForm = true
	m.Events[1] = audit.Event{
		At:        m.At.Add(5 * time.Second),
		Title:     audit.OutcomeTitle,
		HasResult: true,
		Result:    page.Unknown,
		Note:      "The response did not arrive in time.",
		Calls: []audit.Call{
			{Method: "RemoveSubUserRoles", Result: page.Applied, Duration: 83 * time.Millisecond},
			{Method: "SetSubUserRoles", Result: page.Unknown, Duration: 5 * time.Second},
		},
	}
	return m
}

func resolveErrorsOperation() audit.Operation {
	m := unknownOperation()
	m.Frame.AutoRefresh, m.Frame.Failed = 0, true
	m.Resolve = audit.ResolveForm{Reason: "", Errors: []ui.FieldError{
		{Field: "result", Text: "Select the outcome."},
		{Field: "reason", Text: "Say how you checked it."},
	}}
	return m
}

func resolvedOperation() audit.Operation {
	m := unknownOperation()
	m.Frame.AutoRefresh, m.Frame.HasForm = 0, false
	m.Result, m.Open, m.Confirmed, m.MayCheck, m.MayResolve = page.Applied, false, true, false, false
	m.Events = append(
		m.Events,
		audit.Event{
			At:        m.At.Add(9 * time.Minute),
			Title:     audit.ReconciledTitle,
			HasResult: true,
			Result:    page.NotApplied,
			Confirmed: true,
			Note:      "Two checks after the token expired agree.",
		},
		audit.Event{
			At:    m.At.Add(10 * time.Minute),
			Title: audit.ReopenedTitle,
			Note:  "A later check shows Supervisor.",
		},
		audit.Event{
			At:        m.At.Add(11 * time.Minute),
			Title:     audit.ResolvedTitle,
			HasResult: true,
			Result:    page.Applied,
			Confirmed: true,
			Actor:     "Ada Admin",
			Note:      "Seen in the control panel.",
		},
	)
	return m
}
