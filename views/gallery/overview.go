package gallery

import (
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/overview"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func overviewStates() []State {
	state := func(name string, m overview.Overview) State {
		return State{Area: "overview", Page: "overview", Name: name, Component: overview.Page(m)}
	}
	return []State{
		state("ordinary", ordinaryOverview()),
		state("attention", attentionOverview()),
		state("cold", overview.Overview{
			Frame:       refreshing(frame("Overview", page.Overview)),
			Freshness:   page.Freshness{Refreshing: true, LoadedRows: 4200},
			Console:     overview.Console{AccountID: 4021877, KeyID: keyID},
			Days:        noDays(),
			NotCompared: true,
		}),
		state("vendor-down", vendorDownOverview()),
		state("roles-unknown", rolesUnknownOverview()),
		state("some-roles-unknown", someRolesUnknownOverview()),
		state("incomplete", incompleteOverview()),
		state("empty-account", overview.Overview{
			Frame:     asOperator(frame("Overview", page.Overview), "Vera Viewer", "viewer"),
			Freshness: fresh("/"), KeysKnown: true, Keys: 1,
			SubuserRoles: overview.RoleCounts{Reading: read()},
			KeyRoles: overview.RoleCounts{
				Reading: read(),
				List:    []overview.RoleCount{{Name: "Owner", Count: 1, Privileged: true}},
			},
			Days: noDays(),
			PrivilegedRoles: []overview.PrivilegedRole{
				{
					Role:     page.RoleRef{ID: 1, Name: "Owner"},
					Subusers: overview.Principals{Reading: read()},
					Keys:     overview.Principals{Reading: read()},
				},
				{
					Role:     page.RoleRef{ID: 2, Name: "Admin"},
					Subusers: overview.Principals{Reading: read()},
					Keys:     overview.Principals{Reading: read()},
				},
			},
			Console: healthyConsole(),
		}),
	}
}

func refreshing(f page.Frame) page.Frame {
	f.AutoRefresh = 2
	return f
}

func ordinaryOverview() overview.Overview {
	return overview.Overview{
		Frame:     frame("Overview", page.Overview),
		Freshness: fresh("/"),
		Subusers:  41, Keys: 12, KeysKnown: true, WithoutRoles: 1,
		PrivilegedRoles: []overview.PrivilegedRole{
			{
				Role: page.RoleRef{ID: 1, Name: "Owner"},
				Subusers: overview.Principals{Reading: read(), List: []page.PrincipalRef{
					{Path: "/subusers/2201", Name: "agnes_lindqvist"},
					{Path: "/subusers/2213", Name: "tove_h"},
				}},
				Keys: overview.Principals{
					Reading:   read(),
					List:      []page.PrincipalRef{{Path: "/keys/" + keyID, Name: "Access console"}},
					MoreCount: 4,
				},
			},
			{
				Role: page.RoleRef{ID: 2, Name: "Admin"},
				Subusers: overview.Principals{
					Reading: read(),
					List:    []page.PrincipalRef{{Path: "/subusers/2208", Name: "hakan_yilmaz"}},
				},
				Keys: overview.Principals{Reading: read()},
			},
		},
		SubuserRoles: overview.RoleCounts{
			Reading: read(),
			List: []overview.RoleCount{
				{Name: "CallListManager", Count: 23},
				{Name: "Supervisor", Count: 11},
				{Name: "Support", Count: 9},
				{Name: "Developer", Count: 6},
				{Name: "Accountant", Count: 4},
				{Name: "User Manager", Count: 3, Privileged: true},
				{Name: "Owner", Count: 2, Privileged: true},
				{Name: "Payer", Count: 2},
				{Name: "Admin", Count: 1, Privileged: true},
				{Name: "PhoneNumberManager", Count: 1},
			},
			MoreCount: 3, MoreMost: 1,
		},
		KeyRoles: overview.RoleCounts{
			Reading: read(),
			List: []overview.RoleCount{
				{Name: "Owner", Count: 5, Privileged: true},
				{Name: "Developer", Count: 4},
				{Name: "CallListManager", Count: 2},
				{Name: "Accountant", Count: 1},
			},
		},
		Attention: []overview.Attention{
			overview.SubusersWithoutRoles(1),
		},
		Days: days(), DaysLinked: true,
		Latest:  slices.Concat([]page.Operation{bulkEntry(false)}, history(), []page.Operation{bjornOperation()}),
		Console: healthyConsole(),
	}
}

// read returns that everything was read.
func read() overview.Reading { return overview.Reading{Known: true} }

// noDays returns thirty days without changes.
func noDays() []overview.Day {
	today := noon().Truncate(24 * time.Hour)
	days := make([]overview.Day, 30)
	for n := range days {
		days[n].At = today.AddDate(0, 0, n+1-len(days))
	}
	return days
}

// days returns the changes of thirty days: few on weekends, a bulk change on one day.
func days() []overview.Day {
	days := noDays()
	for n := range days {
		if weekday := days[n].At.Weekday(); weekday != time.Saturday && weekday != time.Sunday {
			days[n].Applied = 3 + n*7%11
			days[n].Failed = n % 4 / 3
		}
	}
	days[19].Applied, days[19].Failed = 38, 2
	days[12].Outside, days[25].Outside = 1, 2
	return days
}

func bjornOperation() page.Operation {
	return page.Operation{
		ID:         "01K9TT4D7H2N9XWQ5RB8ZCEJ6M",
		ActionName: "New subuser",
		TargetName: "bjorn_aasen",
		TargetHref: "/subusers/2203",
		Actor:      "Emre Editor",
		At:         ago(41 * 24 * time.Hour),
		Result:     page.Applied,
		Confirmed:  true,
		Linked:     true,
		Summary:    "+ Accountant, + Payer",
	}
}

func attentionOverview() overview.Overview {
	m := ordinaryOverview()
	m.Frame.Flash = &ui.Flash{Tone: ui.Done, Text: "You are signed in as Ada Admin."}
	m.Frame.Banners = []ui.Banner{
		page.NewAuditLogBanner(noon()),
		page.RowMismatchBanner(),
		page.AuditCopiesBanner(0, 3),
		page.AllPrivilegedBanner(true, []string{"Administrator"}),
		page.AuditAlarmBanner(page.AuditLostEvents),
	}
	m.Attention = []overview.Attention{
		overview.UnfinishedReissue("agnes_lindqvist", "Ada Admin", "/audit/"+operationID),
		overview.UnresolvedOperation(
			"Change of roles",
			"dmitri_sokolov",
			"Emre Editor",
			"/audit/"+openOperation().ID,
		),
		overview.SubusersWithoutRoles(9),
		overview.KeysOutlivedOwner(1),
	}
	m.WithoutRoles, m.Subusers = 9, 10_000
	m.Days[27].Open, m.Days[29].Open = 1, 1
	m.DaysLinked = false
	m.Latest = append([]page.Operation{openOperation()}, m.Latest...)
	m.PrivilegedRoles[1].Subusers, m.PrivilegedRoles[1].Keys = overview.Principals{}, overview.Principals{}
	m.KeysKnown = false
	m.Console.Clock, m.Console.ClockWrong = overview.ClockText(74*time.Second), true
	m.Console.Verified = time.Time{}
	m.Console.Key = &overview.ConsoleKey{
		Principal:  consoleKeyPrincipal(),
		Roles:      []page.RoleAssignment{directRole("Support", 3)},
		Linked:     true,
		LacksOwner: true,
	}
	m.Console.Key.Principal.BelongsTo, m.Console.Key.Principal.OwnerKnown = nil, false
	m.Console.LastAnswer.Note = overview.RefusedText(434)
	m.Console.LastForbidden = &overview.VendorAnswer{
		At:     ago(time.Minute),
		Method: "GetSubUsers",
		Text:   overview.RefusedText(104),
	}
	return m
}

func vendorDownOverview() overview.Overview {
	m := ordinaryOverview()
	m.Days = noDays()
	m.Days[29].Applied = 3
	m.Freshness = page.Freshness{AsOf: ago(47 * time.Minute), LastError: vendorDownError(), Return: "/"}
	m.Console.LastAnswer = &overview.VendorAnswer{
		At:     ago(20 * time.Second),
		Method: "GetSubUsers",
		Text:   overview.UnusableAnswerText,
	}
	return m
}

func rolesUnknownOverview() overview.Overview {
	m := ordinaryOverview()
	m.Days = noDays()
	m.Freshness.RolesUnknown, m.WithoutRoles, m.Attention = 41, 0, nil
	for i := range m.PrivilegedRoles {
		m.PrivilegedRoles[i].Subusers.List, m.PrivilegedRoles[i].Subusers.RolesUnknown = nil, 41
	}
	m.SubuserRoles = overview.RoleCounts{Reading: overview.Reading{Known: true, RolesUnknown: 41}}
	return m
}

func someRolesUnknownOverview() overview.Overview {
	m := ordinaryOverview()
	m.Days = noDays()
	m.Freshness.RolesUnknown = 3
	for i := range m.PrivilegedRoles {
		m.PrivilegedRoles[i].Subusers.RolesUnknown = 3
	}
	m.SubuserRoles.RolesUnknown = 3
	m.Frame.AutoRefresh, m.Freshness.Refreshing = 2, true
	return m
}

func incompleteOverview() overview.Overview {
	m := ordinaryOverview()
	m.Days = noDays()
	m.Days[28].Applied, m.Days[28].Outside = 1, 1
	m.Freshness.Incomplete, m.KeysKnown, m.NotCompared, m.WithoutRoles, m.Attention = true, false, true, 0, nil
	for i := range m.PrivilegedRoles {
		m.PrivilegedRoles[i].Subusers.List, m.PrivilegedRoles[i].Subusers.Incomplete = nil, true
		m.PrivilegedRoles[i].Keys.Incomplete = true
	}
	m.SubuserRoles.Incomplete = true
	m.KeyRoles = overview.RoleCounts{Reading: overview.Reading{Known: true, Incomplete: true}}
	return m
}

func healthyConsole() overview.Console {
	return overview.Console{
		AccountID: 4021877, AccountName: "Nordlys Kundeservice", KeyID: keyID,
		LastAnswer: &overview.VendorAnswer{
			At:     ago(12 * time.Second),
			Method: "GetSubUsers",
			OK:     true,
			Text:   overview.AnsweredText(83 * time.Millisecond),
		},
		ClockKnown: true, Clock: overview.ClockText(0),
		ShowVerified: true, Verified: ago(20 * time.Minute),
		Key: &overview.ConsoleKey{
			Principal: consoleKeyPrincipal(),
			Roles:     []page.RoleAssignment{privilegedDirectRole("Owner", 1)},
			Linked:    true,
		},
	}
}

// consoleKeyPrincipal returns the console key.
func consoleKeyPrincipal() access.Principal {
	owner := access.SubuserRef(2201)
	return access.Principal{
		Ref:        access.KeyRef(keyID),
		Name:       "Access console",
		RolesKnown: true,
		BelongsTo:  &owner,
		OwnerLogin: "agnes_lindqvist",
		OwnerKnown: true,
	}
}
