package gallery

import (
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
)

func sessionsStates() []State {
	state := func(name string, m account.Sessions) State {
		m.Frame = frame("Sessions", page.Me, meCrumb())
		return State{Area: "account", Page: "sessions", Name: name, Component: account.SessionsPage(m)}
	}
	many := manySessions()
	several := slices.Clone(many)
	several[4].Identity = "https://accounts.other.example|10769150350006150715113082367"
	return []State{
		state("many", account.Sessions{Rows: many}),
		state("several-issuers", account.Sessions{Rows: several}),
		state("own-only", account.Sessions{Rows: many[:1]}),
		state("none", account.Sessions{}),
		state("proxy", account.Sessions{Rows: many[:3], Note: proxyJWTMe().Note}),
	}
}

func manySessions() []account.OperatorSession {
	row := func(
		person, subject string,
		used time.Duration,
		address, browser string,
		roles ...string,
	) account.OperatorSession {
		return account.OperatorSession{
			Session: account.Session{
				Hash:     subject + address,
				SignedIn: ago(used + 2*time.Hour),
				LastUsed: ago(used),
				Address:  address,
				Browser:  browser,
			},
			OperatorName: person, Identity: gdanskIssuer + "|" + subject, Roles: roles,
		}
	}
	own := row("Ada Admin", "5b1f1d2c-0d9b-4a53-9f0e-2f6a3f1c0b01", 0, "10.0.0.4", "Chrome 142 on macOS", "admin")
	own.Current = true
	other := row(
		longMe().Name,
		"",
		7*time.Minute,
		"2001:db8:85a3:8d3:1319:8a2e:370:7348",
		"Safari 26 on iOS",
		"viewer",
		"auditor",
		"editor",
		"admin",
	)
	other.Identity = gdanskIssuer + "|AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"
	return []account.OperatorSession{
		own,
		row("Emre Editor", gdanskUser, time.Minute, "10.0.0.7", "Firefox 145 on Linux", "editor"),
		row("Emre Editor", gdanskUser, 2*time.Minute, "192.0.2.61", "", "viewer"),
		other,
		row("أمير حداد 🌙", "amir", 12*time.Minute, "10.0.0.9", "Edge 142 on Windows"),
		row(
			"Ada Admin",
			"5b1f1d2c-0d9b-4a53-9f0e-2f6a3f1c0b01",
			20*time.Minute,
			"198.51.100.2",
			"Chrome 142 on Android",
			"admin",
		),
		row("<b>O'Brien</b> & sons", "obrien", 25*time.Minute, "", "", "auditor"),
		row("Emre Editor", gdanskUser, 28*time.Minute, "192.0.2.61", "Safari 26 on iOS", "editor"),
	}
}
