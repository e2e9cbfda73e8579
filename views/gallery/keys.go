package gallery

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/keys"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/ui"
)

func keysCrumb() ui.Link { return ui.Link{Text: "Keys", Href: "/keys"} }

func keyStates() []State {
	state := func(what, name string, s State) State {
		s.Area, s.Page, s.Name = "keys", what, name
		return s
	}
	list := func(name string, m principals.List) State {
		return state("list", name, State{Component: principals.ListPage(m)})
	}
	show := func(name string, m principals.Show) State {
		return state("show", name, State{Component: principals.ShowPage(m)})
	}
	created := func(name string, m keys.Created) State {
		return state("created", name, State{Component: keys.CreatedPage(m)})
	}
	return []State{
		list("ordinary", ordinaryKeys()),
		list("empty", emptyKeys()),
		list("unread", unreadKeys()),
		list("no-match", noKeyMatches()),
		list("not-all-read", incompleteKeys()),
		list("cold", coldKeys()),
		list("outlived", outlivedKeys()),
		show("ordinary", ordinaryKey()),
		show("own", consoleKey()),
		show("viewer", viewerKey()),
		show("outlived", outlivedKey()),
		state("new", "empty", State{Component: keys.NewPage(emptyNewKey())}),
		state("new", "errors", State{Component: keys.NewPage(errorsNewKey())}),
		created("applied", createdKey()),
		created("lost", lostPrivateKey()),
		created("unknown", unknownKey()),
		state("edit", "ordinary", State{Component: principals.EditPage(ordinaryKeyEdit())}),
		state("delete", "ordinary", State{Component: principals.DeletePage(ordinaryKeyDelete())}),
		state("delete", "own", State{Component: principals.DeletePage(consoleKeyDelete())}),
	}
}

// wallboardKey is the key that most states show.
func wallboardKey() access.Principal {
	owner := access.SubuserRef(2214)
	return access.Principal{
		Ref:         access.KeyRef(keyID),
		Name:        "wallboard Gdańsk",
		Description: "Shows queues in the hall",
		Roles:       []access.RoleAssignment{{ID: 5, Name: "Supervisor", Direct: true}},
		RolesKnown:  true,
		BelongsTo:   &owner,
		OwnerLogin:  "zofia_wojcik",
		OwnerKnown:  true,
		Facts:       &access.Facts{Created: ago(40 * 24 * time.Hour), FirstSeen: ago(40 * 24 * time.Hour)},
	}
}

// orphanedKey returns a key of which the subuser was deleted. Only its first sight is known.
func orphanedKey() access.Principal {
	return access.Principal{
		Ref:         access.KeyRef("d2e9a3f0-77b2-4e37-8c2a-5b8f2a1b6c43"),
		Name:        "Dialler Kraków",
		Description: "Calls back from the CRM",
		RolesKnown:  true,
		Facts: &access.Facts{
			FirstSeen: ago(90 * 24 * time.Hour),
			LastOwner: &access.LastOwner{
				Ref:   access.SubuserRef(2219),
				Login: "anna_kowalska",
				Until: ago(6 * 24 * time.Hour),
			},
		},
	}
}

func wallboardRoles() []page.RoleAssignment {
	return []page.RoleAssignment{directRole("Supervisor", 5), {ID: 3, Name: "Support", Inherited: true}}
}

func ordinaryKeys() principals.List {
	m := principals.List{
		Listing:   page.NewListing(access.Key),
		Frame:     frame("Keys", page.Keys),
		Kind:      access.Key,
		MayCreate: true,
		MaySelect: true,
	}
	m.Export, m.Freshness = "/keys.csv", fresh("/keys")
	m.Freshness.Kind = access.Key
	return withRows(
		m,
		principals.Row{Principal: new(wallboardKey()), Roles: wallboardRoles()},
		principals.Row{
			Principal: &access.Principal{
				Ref:         access.KeyRef("7b6f2d0c-54d5-4a53-9f0e-2f6a3f1c0b01"),
				Name:        "Access console",
				Description: "This console",
				RolesKnown:  true,
			},
			Roles:        []page.RoleAssignment{privilegedDirectRole("Owner", 1)},
			IsConsoleKey: true,
		},
		principals.Row{
			Principal: &access.Principal{Ref: access.KeyRef("b0c7f1de-55f0-4c15-8a0e-3f6d0e9f4a21"), RolesKnown: true},
		},
		principals.Row{
			Principal: &access.Principal{
				Ref:         access.KeyRef("c1d8f2ef-66a1-4d26-9b1f-4a7e1f0a5b32"),
				Name:        "a name of just fifty characters, which is the most",
				Description: "مفتاح للتقارير اليومية",
				Facts: &access.Facts{
					FirstSeen: ago(30 * time.Hour),
					LastOwner: &access.LastOwner{Ref: access.SubuserRef(2214), Login: "zofia_wojcik"},
				},
			},
		},
		principals.Row{Principal: new(orphanedKey()), Roles: []page.RoleAssignment{directRole("Developer", 4)}},
	)
}

// outlivedKeys returns the list of keys that have outlived their owner.
func outlivedKeys() principals.List {
	m := withRows(ordinaryKeys(), principals.Row{Principal: new(orphanedKey())})
	m.Owner, m.Total, m.Sort = page.OwnerGone, 5, "created"
	return m
}

func emptyKeys() principals.List { return withRows(ordinaryKeys()) }

func noKeyMatches() principals.List {
	m := ordinaryKeys()
	m.Rows, m.RowCount, m.Matches, m.Query, m.MayCreate = nil, 0, 0, "zeppelin", false
	return m
}

func incompleteKeys() principals.List {
	m := ordinaryKeys()
	m.Freshness.Incomplete, m.Sort, m.Desc = true, "roles", true
	return m
}

func unreadKeys() principals.List {
	m := withRows(ordinaryKeys())
	m.Freshness.Incomplete = true
	return m
}

func coldKeys() principals.List {
	m := ordinaryKeys()
	m.Rows, m.Freshness = nil, page.Freshness{Refreshing: true, LoadedRows: 4000, Return: "/keys"}
	return m
}

func ordinaryKey() principals.Show {
	made := page.Operation{
		ID:         operationID,
		ActionName: "New key",
		TargetName: "wallboard Gdańsk",
		Actor:      "Ada Admin",
		At:         ago(40 * 24 * time.Hour),
		Result:     page.Applied,
		Confirmed:  true,
		Linked:     true,
		Reason:     "OPS-311 new wallboard",
		Summary:    "+ Supervisor",
	}
	return principals.Show{
		Frame:          frame("wallboard Gdańsk", page.Keys, keysCrumb()),
		Principal:      wallboardKey(),
		Roles:          wallboardRoles(),
		ReadAt:         ago(time.Second),
		Created:        &made,
		History:        []page.Operation{made},
		MayChangeRoles: true,
		Actions: []ui.Link{
			{Text: "Edit", Href: "/keys/" + keyID + "/edit"},
			{Text: "Compare", Href: "/keys/compare?a=" + keyID},
			{Text: "New key with these roles", Href: "/keys/new?from=" + keyID},
			{Text: "Delete", Href: "/keys/" + keyID + "/delete"},
		},
		ReadBack: page.ReadBack{At: noon(), Roles: "Supervisor"},
	}
}

// outlivedKey returns the page of a key of which the subuser was deleted.
func outlivedKey() principals.Show {
	m := ordinaryKey()
	m.Frame.Heading = orphanedKey().Name
	m.Principal, m.Roles = orphanedKey(), []page.RoleAssignment{directRole("Developer", 4)}
	m.Created, m.History, m.ReadBack = nil, nil, page.ReadBack{}
	return m
}

func consoleKey() principals.Show {
	m := ordinaryKey()
	m.Frame.Heading = "Access console"
	m.Principal.Name = "Access console"
	m.Principal.BelongsTo, m.Principal.OwnerKnown = nil, false
	m.IsConsoleKey = true
	m.Created = nil
	m.History = nil
	m.ReadBack = page.ReadBack{}
	m.Roles = []page.RoleAssignment{privilegedDirectRole("Owner", 1)}
	return m
}

func viewerKey() principals.Show {
	m := ordinaryKey()
	m.Frame = asOperator(m.Frame, "Vera Viewer", "viewer")
	m.Principal.Description = ""
	m.Principal.RolesKnown = false
	m.Actions = nil
	m.MayChangeRoles = false
	m.RolesReadOnlyReason = page.InfoOf(access.Key).RolesNotPermitted
	m.ReasonsWithheld = true
	m.ReadBack = page.ReadBack{}
	m.History = []page.Operation{m.History[0]}
	m.History[0].Linked, m.History[0].Reason = false, ""
	m.Created = &m.History[0]
	return m
}

func emptyNewKey() keys.New {
	return keys.New{
		Frame:       frame("New key", page.Keys, keysCrumb()),
		OperationID: operationID,
		Groups:      roleGroups(true),
		Copy:        page.RoleCopy{Path: "/keys/new", Kind: access.Key},
	}
}

func errorsNewKey() keys.New {
	m := emptyNewKey()
	m.Frame.Failed, m.Description = true, "Nightly reports"
	m.Copy = copiedRoles(m.Copy, "wallboard Gdańsk")
	m.Errors = []ui.FieldError{{Field: "name", Text: "Enter a name, so that the key can be told from others."}}
	m.Code = asCode("CreateKey", "description=Nightly reports")
	return m
}

// sampleCredentials looks like a credentials.json and holds no key.
const sampleCredentials = "{\n  \"account_email\": \"it@nordlys.example\",\n  \"account_id\": 4021877,\n  " +
	"\"key_id\": \"" + keyID + "\",\n  \"private_key\": \"not a key\"\n}\n"

func createdKey() keys.Created {
	return keys.Created{
		Frame:       frame("Key wallboard Gdańsk was created", page.Keys, keysCrumb()),
		ID:          keyID,
		Name:        "wallboard Gdańsk",
		Credentials: sampleCredentials,
		Snippets:    keys.Snippets("https://api.voximplant.com/platform_api"),
		Roles:       wallboardRoles(),
		RolesRead:   true,
		Result:      page.Applied,
		Confirmed:   true,
		OperationID: operationID,
	}
}

func lostPrivateKey() keys.Created {
	m := createdKey()
	m.Credentials = ""
	return m
}

func unknownKey() keys.Created {
	m := lostPrivateKey()
	m.Frame.Heading = "We do not know yet whether the key wallboard Gdańsk was created"
	m.ID = ""
	m.Result = page.Unknown
	m.Confirmed = false
	m.Unsaved = true
	return m
}

func ordinaryKeyEdit() principals.Edit {
	return principals.Edit{
		Frame:           frame("Edit wallboard Gdańsk", page.Keys, keysCrumb()),
		Principal:       wallboardKey(),
		OperationID:     operationID,
		BaseName:        wallboardKey().Name,
		BaseDescription: wallboardKey().Description,
		Name:            wallboardKey().Name,
		Description:     wallboardKey().Description,
		ReasonRequired:  true,
	}
}

func ordinaryKeyDelete() principals.Delete {
	return principals.Delete{
		Frame:        frame("Delete wallboard Gdańsk", page.Keys, keysCrumb()),
		Principal:    wallboardKey(),
		Roles:        wallboardRoles(),
		OperationID:  operationID,
		Expected:     "wallboard Gdańsk",
		FormFeedback: page.FormFeedback{Code: asCode("DeleteKey", "key_id="+keyID)},
	}
}

func consoleKeyDelete() principals.Delete {
	m := ordinaryKeyDelete()
	m.Frame.Heading, m.Principal.Description = "Delete Access console", "This console"
	m.Principal.Name = "Access console"
	m.Blocked = "This is the console key. Give the console another key first."
	return m
}
