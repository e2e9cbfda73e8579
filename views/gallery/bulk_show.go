package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func bulkShow(title string, state bulk.State) bulk.Show {
	m := bulk.Show{
		Frame:     frame(title, page.Subusers, subusersCrumb(), bulk.ListLink()),
		ID:        bulkID,
		Of:        access.Subuser,
		Title:     title,
		State:     state,
		ListHref:  "/subusers?q=gdansk",
		CSVHref:   "/bulk/" + bulkID + ".csv",
		Actor:     "Ada Admin",
		CreatedAt: ago(9 * time.Minute),
		Pager:     ui.PagerProps{Page: 1, Pages: 1},
	}
	if state != bulk.Draft {
		m.StartedAt, m.Reason, m.AuditHref = ago(8*time.Minute), "OPS-512 the night shift moves", audit.BulkHref(bulkID)
	}
	return m
}

func bulkItems() []bulk.Item {
	change := page.Difference{Grant: []string{"Supervisor"}, Revoke: []string{"Support"}}
	return []bulk.Item{
		{Number: 1, Href: "/subusers/2214", Login: "zofia_wojcik", Change: change},
		{
			Number:  2,
			Href:    "/subusers/2201",
			Login:   "agnes_lindqvist",
			Problem: true,
			Message: "Has a privileged role: only an admin can change it.",
		},
		{Number: 3, Href: "/subusers/2206", Login: "dmitri_sokolov", State: bulk.ItemUnchanged},
	}
}

func draftRoles() bulk.Show {
	m := bulkShow("Change the roles of 3 subusers", bulk.Draft)
	m.Items, m.MayStart, m.StartText, m.ToSend = bulkItems(), true, "Change 1 subuser", 1
	m.Reason = "OPS-512 the night shift moves"
	m.Counts = []bulk.ResultCount{
		{Count: 1, Text: "will be sent", Tone: ui.Info, Filter: "waiting"},
		{Count: 1, Text: "not possible", Tone: ui.Danger, Filter: "skipped"},
		{Count: 1, Text: "unchanged", Tone: ui.Info, Filter: "idle"},
	}
	return m
}

func draftPrivileged() bulk.Show {
	m := draftRoles()
	m.Items[0].Change = page.Difference{Grant: []string{"Support", "Owner"}, Privileged: []string{"Owner"}}
	m.Warnings, m.ReasonRequired, m.Reason, m.Frame.Failed = []ui.Banner{privilegedGrant()}, true, "", true
	m.Errors = []ui.FieldError{{Field: "reason", Text: "Enter a reason. It is required to grant a privileged role."}}
	return m
}

func draftDelete() bulk.Show {
	m := bulkShow("Delete 2 subusers", bulk.Draft)
	m.Items, m.MayStart, m.StartText, m.Dangerous, m.ConfirmNumber = bulkItems()[:2], true, "Delete 2 subusers", true, 2
	m.Items[0].Change, m.Frame.Failed, m.Confirm = page.Difference{}, true, "12"
	m.WarningIDs = []string{string(page.LastOwner)}
	m.Warnings = []ui.Banner{bulk.WarningBanner(page.LastOwner)}
	m.Errors = []ui.FieldError{{Field: "confirm", Text: "Type the number of subusers, 2, to confirm."}}
	m.Counts = []bulk.ResultCount{{Count: 2, Text: "will be sent", Tone: ui.Info, Filter: "waiting"}}
	return m
}

func draftDeleteKeys() bulk.Show {
	m := bulkShow("Delete 2 keys", bulk.Draft)
	m.Frame = frame(m.Title, page.Keys, keysCrumb(), bulk.ListLink())
	m.Of, m.MayStart, m.StartText, m.Dangerous, m.ConfirmNumber = access.Key, true, "Delete 1 key", true, 1
	m.Warnings = []ui.Banner{bulk.DeleteKeysBanner()}
	m.ToSend, m.Counts = 1, []bulk.ResultCount{
		{Count: 1, Text: "will be sent", Tone: ui.Info},
		{Count: 1, Text: "not possible", Tone: ui.Danger},
	}
	m.Items = []bulk.Item{
		{
			Number:      1,
			Href:        "/keys/1f0c4b6e-0000-4000-8000-000000000001",
			Login:       "Reports",
			Description: "Nightly reports",
			Change:      page.Difference{Lost: []string{"CallHistory", "Accountant"}},
		},
		{
			Number:  2,
			Href:    "/keys/1f0c4b6e-0000-4000-8000-000000000002",
			Login:   "Voxwarden",
			Problem: true,
			Message: "This is the console key, which bulk changes leave out. Use the key's own page.",
		},
	}
	return m
}

func draftImport() bulk.Show {
	m := bulkShow("Create 4 subusers", bulk.Draft)
	m.MayStart, m.StartText, m.ShowsPasswords = true, "Create 2 subusers", true
	m.Warnings = []ui.Banner{bulk.UnusedColumnsBanner([]string{"phone"}, false)}
	m.Counts = []bulk.ResultCount{
		{Count: 2, Text: "will be sent", Tone: ui.Info, Filter: "waiting"},
		{Count: 2, Text: "not possible", Tone: ui.Danger, Filter: "skipped"},
	}
	m.Items = []bulk.Item{
		{
			Number:      1,
			Line:        2,
			Login:       "new_one",
			Description: "Nová kolegyně",
			Roles:       []string{"Support"},
			Message:     "Will be created with Support.",
		},
		{Number: 2, Line: 3, Login: "x", Problem: true, Message: "Use 5 to 20 characters. This login has 1."},
		{
			Number:  3,
			Line:    4,
			Login:   "zofia_wojcik",
			Problem: true,
			Message: "The account has a subuser with the login zofia_wojcik already.",
		},
		{
			Number:      4,
			Line:        5,
			Login:       "new_two",
			Description: "=1+1",
			Message: "Will be created without roles. The description begins like a formula. It is kept as text, and " +
				"exports make it harmless.",
		},
	}
	return m
}

func draftImportWithoutRoles() bulk.Show {
	m := bulkShow("Create 1 subuser", bulk.Draft)
	m.MayStart, m.StartText, m.ShowsPasswords, m.ConfirmWithoutRoles = true, "Create 1 subuser", true, 1
	m.Warnings = []ui.Banner{
		bulk.UnusedColumnsBanner([]string{"phone", "access rights", "column 5 (no name)"}, true),
		bulk.WithoutRolesBanner(1, []string{bulk.ImportedRow(2, "new.one")}),
	}
	m.Frame.Failed = true
	m.Errors = []ui.FieldError{{
		Field: "without_roles",
		Text:  "Tick the box to create the subusers without roles, or import a file with their roles.",
	}}
	m.Counts = []bulk.ResultCount{{Count: 1, Text: "will be sent", Tone: ui.Info, Filter: "waiting"}}
	m.Items = []bulk.Item{{
		Number:  1,
		Line:    2,
		Login:   "new.one",
		Message: `Will be created without roles. Voximplant may refuse the login: whether it allows "." is not published.`,
	}}
	return m
}

func runningBulk() bulk.Show {
	m := bulkShow("Change the roles of 1,204 subusers", bulk.Running)
	m.Finished, m.ToSend, m.MayStop, m.Remaining = 311, 1204, true, 22*time.Minute
	m.Counts = []bulk.ResultCount{
		{Count: 309, Text: "applied", Tone: ui.Done, Filter: "applied"},
		{Count: 1, Text: "in progress", Tone: ui.Info, Filter: "busy"},
		{Count: 892, Text: "waiting", Tone: ui.Info, Filter: "waiting"},
		{Count: 2, Text: "refused", Tone: ui.Danger, Filter: "refused"},
	}
	m.Items = bulkItems()
	m.Items[0].HasResult, m.Items[0].Result, m.Items[0].OperationID = true, page.Applied, operationID
	m.Items[0].UndoHref = "/subusers/2214/roles?undo=" + operationID
	m.Items[1] = bulk.Item{
		Number:      2,
		Href:        "/subusers/2201",
		Login:       "agnes_lindqvist",
		HasResult:   true,
		Result:      page.Refused,
		Message:     "A key of this subuser has one of these roles.",
		OperationID: operationID,
	}
	m.Items[2].State = "waiting"
	m.Pager = ui.PagerProps{Page: 1, Pages: 13, Next: "/bulk/" + bulkID + "?page=2", Last: "/bulk/" + bulkID + "?page=13"}
	return m
}

func stoppedBulk() bulk.Show {
	m := runningBulk()
	m.State, m.MayStop, m.MayRetry, m.EndedAt, m.Filter = bulk.Stopped, false, true, ago(2*time.Minute), "refused"
	m.InProgress, m.Remaining, m.CSVHref = 1, 0, m.CSVHref+"?only=refused"
	m.Note = "Voximplant could not be reached three times in a row."
	return m
}

func finishedBulk() bulk.Show {
	m := runningBulk()
	m.State, m.MayStop, m.EndedAt, m.Finished, m.ToSend, m.RetryOf = bulk.Done, false, ago(time.Minute), 3, 3, bulkID
	m.Counts = []bulk.ResultCount{{Count: 3, Text: "applied", Tone: ui.Done, Filter: "applied"}}
	m.Items, m.Filter, m.Pager = nil, "unknown", ui.PagerProps{Page: 1, Pages: 1}
	m.Counts = append(m.Counts, bulk.ResultCount{Text: "unknown", Tone: ui.Warning, Filter: m.Filter})
	m.MayUndo, m.Remaining, m.SelectHref = true, 0, "/bulk/new?all=1&q=gdansk"
	return m
}

// undoneBulk returns a bulk change of which a part was undone.
func undoneBulk() bulk.Show {
	m := finishedBulk()
	m.Items, m.Filter, m.RetryOf = bulkItems(), "", ""
	m.Counts = m.Counts[:1]
	for i := range m.Items {
		m.Items[i].HasResult, m.Items[i].Result, m.Items[i].OperationID = true, page.Applied, operationID
	}
	m.Items[0].UndoHref = "/subusers/2214/roles?undo=" + operationID
	m.Items[1].UndoneBy = &page.Operation{ID: operationID, Linked: true}
	m.Items[2].UndoneBy = &page.Operation{}
	m.Undone = bulk.Undone{Count: 2, Of: 3, BulkHref: "/bulk/" + bulkID}
	return m
}

// undoDraft returns the preview of the undo of a bulk change.
func undoDraft() bulk.Show {
	m := draftRoles()
	m.UndoOf, m.LeftOut, m.Reason = bulkID, 2, ""
	m.Items[0].Change = page.Difference{Grant: []string{"Support"}}
	m.Items[0].Message = "The roles were changed later. No longer has Supervisor."
	m.Items[2].State = "Nothing to change. The roles were changed later. Already has Support. No longer has Supervisor."
	return m
}

// finishedDeletion returns a bulk change that has no undo.
func finishedDeletion() bulk.Show {
	m := finishedBulk()
	m.Title, m.Frame.Title = "Delete 3 subusers", "Delete 3 subusers"
	m.MayUndo, m.CannotUndo, m.Filter, m.RetryOf = false, bulk.CannotBeUndone, "", ""
	return m
}
