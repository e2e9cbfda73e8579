package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/runs"
	"github.com/voxwarden/voxwarden/views/ui"
)

const runID = "qrmzk7c4n2v5x3wpb6ydfhtaes"

func runStates() []State {
	show := func(name string, m runs.Show) State {
		return State{Area: "runs", Page: "show", Name: name, Component: runs.ShowPage(m)}
	}
	state := func(what, name string, s State) State {
		s.Area, s.Page, s.Name = "runs", what, name
		return s
	}
	return []State{
		state("new", "ordinary", State{Component: runs.NewPage(ordinaryNewRun())}),
		state(
			"new",
			"nobody",
			State{Component: runs.NewPage(runs.New{Frame: frame("Change many subusers", page.Subusers, subusersCrumb())})},
		),
		state("new", "errors", State{Component: runs.NewPage(errorsNewRun())}),
		state("import", "ordinary", State{Component: runs.ImportPage(ordinaryImport())}),
		state("import", "problem", State{Component: runs.ImportPage(problemImport())}),
		show("draft-roles", draftRoles()), show("draft-delete", draftDelete()), show("draft-import", draftImport()),
		show("running", runningRun()), show("stopped", stoppedRun()), show("done", doneRun()),
		state("list", "ordinary", State{Component: runs.ListPage(ordinaryRuns())}),
		state(
			"list",
			"empty",
			State{Component: runs.ListPage(runs.List{Frame: frame("Runs", page.Subusers, subusersCrumb())})},
		),
		state("passwords", "ordinary", State{Component: runs.PasswordsPage(runs.Passwords{
			Frame: frame(
				"Passwords of the new subusers",
				page.Subusers,
				subusersCrumb(),
			), ID: runID, Count: 2, File: "login,password\nnew_one,not-a-real-Passw0rd!\nnew_two,neither-1s-This!\n",
		})}),
	}
}

func ordinaryNewRun() runs.New {
	return runs.New{
		Frame: frame(
			"Change many subusers",
			page.Subusers,
			subusersCrumb(),
		), All: true, Query: "gdansk", Count: 1204, Logins: []string{"zofia_wojcik", "dmitri_sokolov", "agnes_lindqvist"},
		Roles: []runs.RoleChoice{
			{ID: 1, Name: "Owner", Privileged: true, Offered: true},
			{ID: 3, Name: "Support", Offered: true, Grant: true},
			{ID: 5, Name: "Supervisor", Offered: true, Revoke: true},
		},
		MayDelete: true,
	}
}

func errorsNewRun() runs.New {
	m := ordinaryNewRun()
	m.Frame.Failed, m.All, m.IDs, m.Count, m.Logins = true, false, []int64{2214}, 1, []string{"zofia_wojcik"}
	m.Errors = []ui.FieldError{{Field: "role", Text: "Tick a role to grant or to revoke."}}
	return m
}

func ordinaryImport() runs.Import {
	return runs.Import{Frame: frame("Import subusers", page.Subusers, subusersCrumb())}
}

func problemImport() runs.Import {
	m := ordinaryImport()
	m.Frame.Failed, m.Rows = true, "name;rights\nanna;Support"
	m.Errors = []ui.FieldError{{Field: "file", Text: "Line 1: There is no column called login."}}
	return m
}

func aRun(title string, state runs.State) runs.Show {
	m := runs.Show{
		Frame: frame(
			title,
			page.Subusers,
			subusersCrumb(),
			ui.Link{Text: "Runs", Href: "/runs"},
		), ID: runID, Title: title, State: state, Actor: "Ada Admin",
		CreatedAt: ago(9 * time.Minute), Pager: ui.PagerProps{Page: 1, Pages: 1},
	}
	if state != runs.Draft {
		m.StartedAt, m.Reason = ago(8*time.Minute), "OPS-512 the night shift moves"
	}
	return m
}

func runRows() []runs.Row {
	change := page.Difference{Grant: []string{"Supervisor"}, Revoke: []string{"Support"}}
	return []runs.Row{
		{N: 1, Href: "/subusers/2214", Login: "zofia_wojcik", Change: change},
		{
			N:       2,
			Href:    "/subusers/2201",
			Login:   "agnes_lindqvist",
			Problem: true,
			Said:    "Holds a privileged role: only an admin may change it.",
		},
		{N: 3, Href: "/subusers/2206", Login: "dmitri_sokolov", State: "nothing to change"},
	}
}

func draftRoles() runs.Show {
	m := aRun("Change the roles of 3 subusers", runs.Draft)
	m.Rows, m.MayStart, m.StartText, m.ToSend = runRows(), true, "Change 1 subuser", 1
	m.Sums = []runs.Sum{
		{Count: 1, Text: "will be sent", Tone: ui.Info},
		{Count: 1, Text: "cannot be done", Tone: ui.Danger},
		{Count: 1, Text: "nothing to change", Tone: ui.Info},
	}
	return m
}

func draftDelete() runs.Show {
	m := aRun("Delete 2 subusers", runs.Draft)
	m.Rows, m.MayStart, m.StartText, m.Dangerous, m.Confirmation = runRows()[:2], true, "Delete 2 subusers", true, 2
	m.Rows[0].Change, m.Frame.Failed, m.Confirm = page.Difference{}, true, "12"
	m.Warned, m.Warnings = []string{
		"last-owner",
	}, []ui.Banner{
		{
			Tone:  ui.Danger,
			Title: "Nobody but the account holder will have Owner afterwards",
			Text:  "Among these is the last subuser who has it, or all who have it.",
		},
	}
	m.Errors = []ui.FieldError{{Field: "confirm", Text: "Type the number of subusers, 2, to confirm."}}
	m.Sums = []runs.Sum{{Count: 2, Text: "will be sent", Tone: ui.Info}}
	return m
}

func draftImport() runs.Show {
	m := aRun("Create 4 subusers", runs.Draft)
	m.MayStart, m.StartText, m.Creates = true, "Create 2 subusers", true
	m.Warnings = []ui.Banner{{Tone: ui.Info, Title: "Columns that are not used: phone"}}
	m.Sums = []runs.Sum{
		{Count: 2, Text: "will be sent", Tone: ui.Info},
		{Count: 2, Text: "cannot be done", Tone: ui.Danger},
	}
	m.Rows = []runs.Row{
		{
			N:           1,
			Line:        2,
			Login:       "new_one",
			Description: "Nová kolegyně",
			Roles:       []string{"Support"},
			Said:        "Will be created with Support.",
		},
		{N: 2, Line: 3, Login: "x", Problem: true, Said: "A login has 5 to 20 characters; this one has 1."},
		{N: 3, Line: 4, Login: "zofia_wojcik", Problem: true, Said: "This login is taken in the account."},
		{
			N:           4,
			Line:        5,
			Login:       "new_two",
			Description: "=1+1",
			Said:        "Will be created without roles. The description begins like a formula; it is kept as text.",
		},
	}
	return m
}

func runningRun() runs.Show {
	m := aRun("Change the roles of 1,204 subusers", runs.Running)
	m.Sent, m.ToSend, m.MayStop = 311, 1204, true
	m.Sums = []runs.Sum{
		{Count: 309, Text: "done", Tone: ui.Done},
		{Count: 1, Text: "under way", Tone: ui.Info},
		{Count: 892, Text: "waiting", Tone: ui.Info},
		{Count: 2, Text: "refused", Tone: ui.Danger},
	}
	m.Rows = runRows()
	m.Rows[0].HasResult, m.Rows[0].Result, m.Rows[0].OperationID = true, page.Applied, operationID
	m.Rows[1] = runs.Row{
		N:           2,
		Href:        "/subusers/2201",
		Login:       "agnes_lindqvist",
		HasResult:   true,
		Result:      page.Refused,
		Said:        "A key of this subuser holds one of these roles.",
		OperationID: operationID,
	}
	m.Rows[2].State = "waiting"
	m.Pager = ui.PagerProps{Page: 1, Pages: 13, Next: "/runs/" + runID + "?page=2", Last: "/runs/" + runID + "?page=13"}
	return m
}

func stoppedRun() runs.Show {
	m := runningRun()
	m.State, m.MayStop, m.MayRetry, m.EndedAt, m.Only = runs.Stopped, false, true, ago(2*time.Minute), "failed"
	m.Busy = 1
	m.Note = "Voximplant could not be reached three times in a row, so the rest was not sent."
	return m
}

func doneRun() runs.Show {
	m := runningRun()
	m.State, m.MayStop, m.EndedAt, m.Sent, m.ToSend, m.RetryOf = runs.Done, false, ago(time.Minute), 3, 3, runID
	m.Sums, m.Rows, m.Only, m.Pager = []runs.Sum{
		{Count: 3, Text: "done", Tone: ui.Done},
	}, nil, "open", ui.PagerProps{
		Page:  1,
		Pages: 1,
	}
	return m
}

func ordinaryRuns() runs.List {
	return runs.List{Frame: frame("Runs", page.Subusers, subusersCrumb()), Runs: []runs.Line{
		{
			ID:    runID,
			Title: "Change the roles of 1,204 subusers",
			Actor: "Ada Admin",
			At:    ago(9 * time.Minute),
			State: runs.Running,
			Said:  "309 done of 1,204",
		},
		{
			ID:    runID,
			Title: "Create 40 subusers",
			Actor: "Emre Editor",
			At:    ago(3 * time.Hour),
			State: runs.Done,
			Said:  "40 done of 40",
		},
		{ID: runID, Title: "Delete 2 subusers", Actor: "Ada Admin", At: ago(26 * time.Hour), State: runs.Draft},
	}}
}
