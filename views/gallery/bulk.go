package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/runs"
	"github.com/voxwarden/voxwarden/views/ui"
)

const bulkID = "qrmzk7c4n2v5x3wpb6ydfhtaes"

func bulkStates() []State {
	show := func(name string, m runs.Show) State {
		return State{Area: "runs", Page: "show", Name: name, Component: runs.ShowPage(m)}
	}
	state := func(what, name string, s State) State {
		s.Area, s.Page, s.Name = "runs", what, name
		return s
	}
	return []State{
		state("new", "ordinary", State{Component: runs.NewPage(ordinaryNewBulk())}),
		state(
			"new",
			"nobody",
			State{Component: runs.NewPage(runs.New{Frame: frame("Change many subusers", page.Subusers, subusersCrumb())})},
		),
		state("new", "errors", State{Component: runs.NewPage(errorsNewBulk())}),
		state("import", "ordinary", State{Component: runs.ImportPage(ordinaryImport())}),
		state("import", "problem", State{Component: runs.ImportPage(problemImport())}),
		show("draft-roles", draftRoles()), show("draft-delete", draftDelete()), show("draft-import", draftImport()),
		show("running", runningBulk()), show("stopped", stoppedBulk()), show("done", finishedBulk()),
		state("list", "ordinary", State{Component: runs.ListPage(ordinaryBulkList())}),
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
			), ID: bulkID, Count: 2, File: "login,password\nnew_one,not-a-real-Passw0rd!\nnew_two,neither-1s-This!\n",
		})}),
	}
}

func ordinaryNewBulk() runs.New {
	return runs.New{
		Frame: frame(
			"Change many subusers",
			page.Subusers,
			subusersCrumb(),
		), AllMatching: true, Query: "gdansk", Count: 1204, Logins: []string{"zofia_wojcik", "dmitri_sokolov", "agnes_lindqvist"},
		Roles: []runs.RoleChoice{
			{ID: 1, Name: "Owner", Privileged: true, Offered: true},
			{ID: 3, Name: "Support", Offered: true, Grant: true},
			{ID: 5, Name: "Supervisor", Offered: true, Revoke: true},
		},
		MayDelete: true,
	}
}

func errorsNewBulk() runs.New {
	m := ordinaryNewBulk()
	m.Frame.Failed, m.AllMatching, m.IDs, m.Count, m.Logins = true, false, []int64{2214}, 1, []string{"zofia_wojcik"}
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

func bulkShow(title string, state runs.State) runs.Show {
	m := runs.Show{
		Frame: frame(
			title,
			page.Subusers,
			subusersCrumb(),
			ui.Link{Text: "Runs", Href: "/runs"},
		), ID: bulkID, Title: title, State: state, Actor: "Ada Admin",
		CreatedAt: ago(9 * time.Minute), Pager: ui.PagerProps{Page: 1, Pages: 1},
	}
	if state != runs.Draft {
		m.StartedAt, m.Reason = ago(8*time.Minute), "OPS-512 the night shift moves"
	}
	return m
}

func bulkItems() []runs.Item {
	change := page.Difference{Grant: []string{"Supervisor"}, Revoke: []string{"Support"}}
	return []runs.Item{
		{Number: 1, Href: "/subusers/2214", Login: "zofia_wojcik", Change: change},
		{
			Number:  2,
			Href:    "/subusers/2201",
			Login:   "agnes_lindqvist",
			Problem: true,
			Message: "Holds a privileged role: only an admin may change it.",
		},
		{Number: 3, Href: "/subusers/2206", Login: "dmitri_sokolov", State: "nothing to change"},
	}
}

func draftRoles() runs.Show {
	m := bulkShow("Change the roles of 3 subusers", runs.Draft)
	m.Items, m.MayStart, m.StartText, m.ToSend = bulkItems(), true, "Change 1 subuser", 1
	m.Counts = []runs.ResultCount{
		{Count: 1, Text: "will be sent", Tone: ui.Info},
		{Count: 1, Text: "cannot be done", Tone: ui.Danger},
		{Count: 1, Text: "nothing to change", Tone: ui.Info},
	}
	return m
}

func draftDelete() runs.Show {
	m := bulkShow("Delete 2 subusers", runs.Draft)
	m.Items, m.MayStart, m.StartText, m.Dangerous, m.ConfirmNumber = bulkItems()[:2], true, "Delete 2 subusers", true, 2
	m.Items[0].Change, m.Frame.Failed, m.Confirm = page.Difference{}, true, "12"
	m.WarningIDs, m.Warnings = []string{
		"last-owner",
	}, []ui.Banner{
		{
			Tone:  ui.Danger,
			Title: "Nobody but the account holder will have Owner afterwards",
			Text:  "Among these is the last subuser who has it, or all who have it.",
		},
	}
	m.Errors = []ui.FieldError{{Field: "confirm", Text: "Type the number of subusers, 2, to confirm."}}
	m.Counts = []runs.ResultCount{{Count: 2, Text: "will be sent", Tone: ui.Info}}
	return m
}

func draftImport() runs.Show {
	m := bulkShow("Create 4 subusers", runs.Draft)
	m.MayStart, m.StartText, m.ShowsPasswords = true, "Create 2 subusers", true
	m.Warnings = []ui.Banner{{Tone: ui.Info, Title: "Columns that are not used: phone"}}
	m.Counts = []runs.ResultCount{
		{Count: 2, Text: "will be sent", Tone: ui.Info},
		{Count: 2, Text: "cannot be done", Tone: ui.Danger},
	}
	m.Items = []runs.Item{
		{
			Number:      1,
			Line:        2,
			Login:       "new_one",
			Description: "Nová kolegyně",
			Roles:       []string{"Support"},
			Message:     "Will be created with Support.",
		},
		{Number: 2, Line: 3, Login: "x", Problem: true, Message: "A login has 5 to 20 characters; this one has 1."},
		{Number: 3, Line: 4, Login: "zofia_wojcik", Problem: true, Message: "This login is taken in the account."},
		{
			Number:      4,
			Line:        5,
			Login:       "new_two",
			Description: "=1+1",
			Message:     "Will be created without roles. The description begins like a formula; it is kept as text.",
		},
	}
	return m
}

func runningBulk() runs.Show {
	m := bulkShow("Change the roles of 1,204 subusers", runs.Running)
	m.Finished, m.ToSend, m.MayStop = 311, 1204, true
	m.Counts = []runs.ResultCount{
		{Count: 309, Text: "done", Tone: ui.Done},
		{Count: 1, Text: "under way", Tone: ui.Info},
		{Count: 892, Text: "waiting", Tone: ui.Info},
		{Count: 2, Text: "refused", Tone: ui.Danger},
	}
	m.Items = bulkItems()
	m.Items[0].HasResult, m.Items[0].Result, m.Items[0].OperationID = true, page.Applied, operationID
	m.Items[1] = runs.Item{
		Number:      2,
		Href:        "/subusers/2201",
		Login:       "agnes_lindqvist",
		HasResult:   true,
		Result:      page.Refused,
		Message:     "A key of this subuser holds one of these roles.",
		OperationID: operationID,
	}
	m.Items[2].State = "waiting"
	m.Pager = ui.PagerProps{Page: 1, Pages: 13, Next: "/runs/" + bulkID + "?page=2", Last: "/runs/" + bulkID + "?page=13"}
	return m
}

func stoppedBulk() runs.Show {
	m := runningBulk()
	m.State, m.MayStop, m.MayRetry, m.EndedAt, m.Filter = runs.Stopped, false, true, ago(2*time.Minute), "failed"
	m.InProgress = 1
	m.Note = "Voximplant could not be reached three times in a row, so the rest was not sent."
	return m
}

func finishedBulk() runs.Show {
	m := runningBulk()
	m.State, m.MayStop, m.EndedAt, m.Finished, m.ToSend, m.RetryOf = runs.Done, false, ago(time.Minute), 3, 3, bulkID
	m.Counts, m.Items, m.Filter, m.Pager = []runs.ResultCount{
		{Count: 3, Text: "done", Tone: ui.Done},
	}, nil, "open", ui.PagerProps{
		Page:  1,
		Pages: 1,
	}
	return m
}

func ordinaryBulkList() runs.List {
	return runs.List{Frame: frame("Runs", page.Subusers, subusersCrumb()), Changes: []runs.ListRow{
		{
			ID:       bulkID,
			Title:    "Change the roles of 1,204 subusers",
			Actor:    "Ada Admin",
			At:       ago(9 * time.Minute),
			State:    runs.Running,
			Progress: "309 done of 1,204",
		},
		{
			ID:       bulkID,
			Title:    "Create 40 subusers",
			Actor:    "Emre Editor",
			At:       ago(3 * time.Hour),
			State:    runs.Done,
			Progress: "40 done of 40",
		},
		{ID: bulkID, Title: "Delete 2 subusers", Actor: "Ada Admin", At: ago(26 * time.Hour), State: runs.Draft},
	}}
}
