package gallery

import (
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

func meStates() []State {
	state := func(name string, m account.Me) State {
		return State{Area: "account", Page: "me", Name: name, Component: account.MePage(m)}
	}
	return []State{
		state("ordinary", oidcMe()),
		state("many-sessions", manySessionsMe()),
		state("roles-add-up", severalRolesMe()),
		state("no-role", noRoleMe()),
		state("groups-missing", noGroupsMe(operator.GroupsMissing)),
		state("groups-unreadable", noGroupsMe(operator.GroupsUnreadable)),
		state("groups-too-many", noGroupsMe(operator.GroupsTooMany)),
		state("groups-unavailable", noGroupsMe(operator.GroupsUnavailable)),
		state("groups-omitted", omittedGroupsMe()),
		state("demo", demoMe()),
		state("proxy-jwt", proxyJWTMe()),
		state("proxy-header", proxyHeaderMe()),
		state("no-details", noDetailsMe()),
		state("long", longMe()),
		state("right-to-left", rightToLeftMe()),
	}
}

const (
	gdanskIssuer = "https://sso.nordlys.example/realms/ops"
	gdanskUser   = "0b6f5a58-6a2f-4c0e-9d39-2f6c1c1f7d11"
)

// dashboardRole returns a dashboard role with the sentences of its permissions.
func dashboardRole(role policy.DashboardRole) account.Role {
	shown := account.Role{Name: string(role)}
	for _, p := range policy.Permissions() {
		if p.Has(role) {
			shown.Permissions = append(shown.Permissions, p.Text)
		}
	}
	return shown
}

// oidcMe is an editor with one session, signed in by OIDC.
func oidcMe() account.Me {
	f := asOperator(frame("Your sign-in", page.Me), "Emre Editor", "editor")
	f.Account.Environment = ""
	return account.Me{
		Frame:         f,
		Name:          "Emre Editor",
		Email:         "emre@nordlys.example",
		EmailVerified: true,
		Issuer:        gdanskIssuer,
		Identity:      gdanskIssuer + "|" + gdanskUser,
		Method:        operator.OIDC,
		SignedInAt:    ago(3 * time.Hour),
		Groups:        []string{"ops-voice", "staff"},
		GroupsAt:      ago(4 * time.Minute),
		Roles:         []account.Role{dashboardRole(policy.Editor)},
		ConfirmHref:   "/sign-in?again=1&return=/me",
		Sessions:      []account.Session{thisSession()},
	}
}

func thisSession() account.Session {
	return account.Session{
		Hash:     "q1w2e3",
		SignedIn: ago(3 * time.Hour),
		LastUsed: noon(),
		Address:  "10.0.0.7",
		Browser:  "Firefox 145 on Linux",
		Current:  true,
	}
}

func manySessionsMe() account.Me {
	m := oidcMe()
	m.Frame.Flash = &ui.Flash{Tone: ui.Done, Text: account.EndedMessage(1)}
	m.Sessions = append(
		m.Sessions,
		account.Session{
			Hash:     "a4s5d6",
			SignedIn: ago(9 * time.Hour),
			LastUsed: ago(20 * time.Minute),
			Address:  "2001:db8:85a3:8d3:1319:8a2e:370:7348",
			Browser:  "Safari 26 on iOS",
		},
		account.Session{
			Hash:     "y7x8c9",
			SignedIn: ago(26 * time.Hour),
			LastUsed: ago(25 * time.Minute),
			Address:  "192.0.2.61",
		},
		account.Session{Hash: "v1b2n3", SignedIn: ago(27 * time.Hour), LastUsed: ago(28 * time.Minute)},
	)
	return m
}

// severalRolesMe returns the page of an admin with several roles.
func severalRolesMe() account.Me {
	m := oidcMe()
	m.Frame = frame("Your sign-in", page.Me)
	m.Frame.Operator.Roles = []string{"viewer", "editor", "admin"}
	m.Name, m.Email, m.MayEndAllSessions = "Ada Admin", "ada@nordlys.example", true
	m.Roles = []account.Role{dashboardRole(policy.Viewer), dashboardRole(policy.Editor), dashboardRole(policy.Admin)}
	return m
}

// noRoleFrame returns the frame for an operator without a role.
func noRoleFrame(heading string) page.Frame {
	f := frame(heading, page.Me)
	f.Operator.Name, f.Operator.Roles = "Nils Newcomer", nil
	return f
}

func noRoleMe() account.Me {
	m := oidcMe()
	m.Frame = noRoleFrame("Your sign-in")
	m.Name, m.Email, m.EmailVerified = "Nils Newcomer", "nils@nordlys.example", false
	m.Roles, m.Groups, m.ConfirmHref = nil, nil, ""
	return m
}

// noGroupsMe returns the page of an operator without known groups.
func noGroupsMe(status operator.GroupsStatus) account.Me {
	m := noRoleMe()
	m.GroupsStatus, m.GroupsClaim = status, "groups"
	return m
}

// omittedGroupsMe returns the page of an operator in more groups than are kept.
func omittedGroupsMe() account.Me {
	m := longMe()
	m.GroupsOmitted = 499
	return m
}

func demoMe() account.Me {
	m := oidcMe()
	m.Frame.Account.Environment = "Demo"
	m.Method, m.Issuer, m.Identity = operator.Demo, "demo", "demo|editor"
	m.Email, m.Groups, m.ConfirmHref = "", []string{"editor"}, ""
	m.Sessions[0].Address = "127.0.0.1"
	return m
}

func proxyJWTMe() account.Me {
	m := oidcMe()
	m.Method = operator.ProxyJWT
	m.Issuer = "https://nordlys.cloudflareaccess.com"
	m.Identity = "https://nordlys.cloudflareaccess.com|7335d417-61da-459d-899c-0a01c76a2f94"
	m.ConfirmHref = ""
	m.Note = account.ProxyNote
	return m
}

func proxyHeaderMe() account.Me {
	m := proxyJWTMe()
	m.Method = operator.ProxyHeader
	m.Issuer = "proxy"
	m.Identity = "proxy|emre"
	m.EmailVerified = false
	m.SignedInAt = time.Time{}
	return m
}

func noDetailsMe() account.Me {
	m := oidcMe()
	m.Name = ""
	m.Email = ""
	m.Groups = nil
	m.GroupsAt = time.Time{}
	m.SignedInAt = time.Time{}
	m.ConfirmHref = ""
	m.Sessions = nil
	m.Frame.Operator.Name = gdanskUser
	return m
}

// longMe returns a page with long texts and many groups.
func longMe() account.Me {
	m := manySessionsMe()
	m.Name = "Maximiliane-Friederike von und zu Hohenlohe-Waldenburg-Schillingsfürst"
	m.Frame.Operator.Name = m.Name
	m.Email = "maximiliane-friederike.hohenlohe-waldenburg-schillingsfuerst@customer-operations.nordlys-kundeserv" +
		"ice.example"
	m.Issuer = "https://login.microsoftonline.example/5f0c1a6e-7d84-4b8e-a8a8-b9c3f6d1e27a/v2.0"
	m.Identity = m.Issuer + "|AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"
	m.Groups = nil
	for i := range 57 {
		m.Groups = append(m.Groups, fmt.Sprintf("5f0c1a6e-7d84-4b8e-a8a8-%012d", i))
	}
	m.Sessions[1].Browser = "Mozilla/5.0 (SomethingThatNobodyHasEverHeardOf/1.0; rv:145.0) like nothing else"
	return m
}

func rightToLeftMe() account.Me {
	m := manySessionsMe()
	m.Name, m.Frame.Operator.Name, m.Email = "أمير حداد 🌙", "أمير حداد 🌙", "amir@nordlys.example"
	m.Groups = []string{"فريق الدعم", "<script>alert(1)</script>", "ops | night 🦉"}
	return m
}
