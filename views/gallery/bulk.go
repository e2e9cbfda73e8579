package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

const bulkID = "qrmzk7c4n2v5x3wpb6ydfhtaes"

func bulkStates() []State {
	show := func(name string, m bulk.Show) State {
		return State{Area: "bulk", Page: "show", Name: name, Component: bulk.ShowPage(m)}
	}
	state := func(what, name string, s State) State {
		s.Area, s.Page, s.Name = "bulk", what, name
		return s
	}
	return []State{
		state("new", "ordinary", State{Component: bulk.NewPage(ordinaryNewBulk())}),
		state("new", "keys", State{Component: bulk.NewPage(keysNewBulk())}),
		state("new", "none-selected", State{Component: bulk.NewPage(bulk.New{
			Frame: bulkFrame(bulk.NewHeading(access.Subuser)),
			Of:    access.Subuser,
		})}),
		state("new", "errors", State{Component: bulk.NewPage(errorsNewBulk())}),
		state("import", "ordinary", State{Component: bulk.ImportPage(ordinaryImport())}),
		state("reading", "doubts", State{Component: bulk.ReadingPage(doubtfulReading())}),
		state("import", "problem", State{Component: bulk.ImportPage(problemImport())}),
		show("draft-roles", draftRoles()),
		show("draft-privileged", draftPrivileged()), show("draft-delete", draftDelete()), show("draft-import", draftImport()),
		show("draft-import-no-roles", draftImportWithoutRoles()), show("draft-delete-keys", draftDeleteKeys()),
		show("running", runningBulk()), show("stopped", stoppedBulk()), show("done", finishedBulk()),
		show("draft-undo", undoDraft()), show("done-deletion", finishedDeletion()),
		show("undone", undoneBulk()),
		state("list", "ordinary", State{Component: bulk.ListPage(ordinaryBulkList())}),
		state("list", "empty", State{Component: bulk.ListPage(bulk.List{Frame: bulkFrame(bulk.ListHeading)})}),
		state("passwords", "ordinary", State{Component: bulk.PasswordsPage(bulk.Passwords{
			Frame:      bulkFrame(bulk.PasswordsHeading),
			ID:         bulkID,
			Count:      2,
			File:       "login,password\nnew_one,not-a-real-Passw0rd!\nnew_two,neither-1s-This!\n",
			Semicolons: "login;password\nnew_one;not-a-real-Passw0rd!\nnew_two;neither-1s-This!\n",
		})}),
	}
}

func bulkFrame(heading string) page.Frame { return frame(heading, page.Subusers, subusersCrumb()) }

func ordinaryNewBulk() bulk.New {
	list := page.NewListing(access.Subuser)
	list.Query, list.Role, list.Undescribed = "gdansk", "Support", true
	return bulk.New{
		Frame:        bulkFrame(bulk.NewHeading(access.Subuser)),
		Of:           access.Subuser,
		AllMatching:  true,
		List:         list,
		Count:        1204,
		RolesUnknown: 3,
		NotMatched:   2,
		Names:        []string{"zofia_wojcik", "dmitri_sokolov", "agnes_lindqvist"},
		Groups: []page.RoleGroup{
			{Name: "General", Boxes: []page.RoleBox{
				{
					ID:             1,
					Name:           "Owner",
					Privileged:     true,
					DisabledReason: "Privileged: only an admin may grant or revoke it.",
					Facts:          roleFacts("Owner"),
					Holders:        bulk.HoldersText(0, 0, 1204),
				},
				{
					ID:         2,
					Name:       "Admin",
					Privileged: true,
					Offered:    true,
					Facts:      roleFacts("Admin"),
					Granted:    true,
					Holders:    bulk.HoldersText(3, 0, 1204),
				},
			}},
			{Name: "Panel", Boxes: []page.RoleBox{
				{
					ID:      3,
					Name:    "Support",
					GUIOnly: true,
					Offered: true,
					Granted: true,
					Facts:   roleFacts("Support"),
					Holders: bulk.HoldersText(1100, 12, 1204),
				},
				{
					ID:      5,
					Name:    "Supervisor",
					Offered: true,
					Revoked: true,
					Facts:   roleFacts("Supervisor"),
					Holders: bulk.HoldersText(0, 12, 1204),
				},
			}},
		},
		MayDelete: true,
	}
}

func keysNewBulk() bulk.New {
	m := ordinaryNewBulk()
	m.Frame = frame(bulk.NewHeading(access.Key), page.Keys, keysCrumb())
	m.Of, m.AllMatching, m.List, m.Count, m.RolesUnknown, m.NotMatched = access.Key, false, page.Listing{}, 2, 0, 0
	m.IDs = []string{"1f0c4b6e-0000-4000-8000-000000000001", "1f0c4b6e-0000-4000-8000-000000000002"}
	m.Names = []string{"Reports", "key 1f0c4b6e"}
	for _, group := range m.Groups {
		for i := range group.Boxes {
			group.Boxes[i].Holders = bulk.HoldersText(i, 0, 2)
		}
	}
	return m
}

func errorsNewBulk() bulk.New {
	m := ordinaryNewBulk()
	m.Frame.Failed, m.AllMatching, m.IDs, m.Count, m.Names = true, false, []string{"2214"}, 1, []string{"zofia_wojcik"}
	m.RolesUnknown, m.NotMatched = 0, 0
	m.Errors = []ui.FieldError{{Field: "role", Text: "Tick a role to grant or to revoke."}}
	return m
}

func ordinaryImport() bulk.Import {
	return bulk.Import{Frame: bulkFrame(bulk.ImportHeading)}
}

func doubtfulReading() bulk.Import {
	m := ordinaryImport()
	m.Reading = &bulk.Reading{
		FileID:    bulkID,
		Encoding:  "windows-1252",
		Separator: ";",
		Encodings: []string{"utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1250", "windows-1251"},
		Columns: []bulk.ReadingColumn{
			{Name: "Anmeldename", Use: "login"},
			{Name: "Beschreibung", Use: "description"},
			{Name: "Zugang"},
			{},
		},
		Doubts: []string{
			"The file does not state its encoding. Check the letters below.",
			"No column is called roles.",
		},
		Rows: [][]string{
			{"juergen_mueller", "Jürgen Müller, Köln", "Support; Accountant", ""},
			{"zoe_lefevre", "Zoé Lefèvre", "Support", ""},
		},
		Lines: 214,
		Problems: []string{
			"Line 17 has 5 cells, the column names have 4. Put cells that contain a separator in quotation marks.",
		},
		Unread: 1,
	}
	return m
}

func problemImport() bulk.Import {
	m := ordinaryImport()
	m.Frame.Failed, m.Rows = true, "login;rights\n\"anna_k;Support"
	m.Errors = []ui.FieldError{{
		Field: "rows",
		Text:  "Line 2: A quotation mark in this line is never closed. The rest of the file cannot be read.",
	}}
	return m
}

func ordinaryBulkList() bulk.List {
	return bulk.List{Frame: bulkFrame(bulk.ListHeading), Changes: []bulk.ListRow{
		{
			ID:       bulkID,
			Title:    "Change the roles of 1,204 subusers",
			Actor:    "Ada Admin",
			At:       ago(9 * time.Minute),
			State:    bulk.Running,
			Progress: "309 of 1,204 applied",
		},
		{
			ID:       bulkID,
			Title:    "Create 40 subusers",
			Actor:    "Emre Editor",
			At:       ago(3 * time.Hour),
			State:    bulk.Done,
			Progress: "40 of 40 applied",
		},
		{ID: bulkID, Title: "Delete 2 subusers", Actor: "Ada Admin", At: ago(26 * time.Hour), State: bulk.Draft},
	}}
}
