package browser

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// notFoundHeading is the heading at the address of a deleted object.
const notFoundHeading = "This is not in the account"

// scenarios returns the main jobs of operators, each from the page on which it begins.
func scenarios() map[string]scenario {
	return map[string]scenario{
		"search the list":      listScenario(),
		"create a subuser":     createSubuserScenario(),
		"change roles":         changeRolesScenario(),
		"delete a subuser":     deleteSubuserScenario(),
		"re-issue access":      reissueScenario(),
		"create a key":         createKeyScenario(),
		"search the audit log": auditLogScenario(),
	}
}

func listScenario() scenario {
	const oneFound = "1–1 of 1 found, 40 in all"
	return scenario{
		role:      policy.Viewer,
		path:      fixedPath("/"),
		firstPage: expectedPage{heading: "Overview"},
		steps: []step{
			{press: menuLink("Subusers"), next: expectedPage{heading: "Subusers", texts: []string{"1–40 of 40"}}},
			{
				entries:    []entry{{role: "searchbox", name: "Search subusers", text: "nov"}},
				press:      button("Search"),
				liveSearch: true,
				isSearch:   true,
				next:       expectedPage{heading: "Subusers", texts: []string{"found, 40 in all", "anna_novakova"}},
			},
			{
				entries:    []entry{choice("Role", "Owner")},
				press:      button("Search"),
				liveSearch: true,
				isSearch:   true,
				next:       expectedPage{heading: "Subusers", texts: []string{oneFound, "anna_novakova"}},
			},
			{
				press:        link("Export CSV"),
				fileContains: "anna_novakova",
				next:         expectedPage{heading: "Subusers", texts: []string{oneFound}},
			},
			{
				press: link("anna_novakova"),
				next:  expectedPage{heading: "anna_novakova", texts: []string{"head of operations", "Owner"}},
			},
		},
	}
}

func createSubuserScenario() scenario {
	const login = "jan_novotny"
	return scenario{
		role:      policy.Editor,
		path:      fixedPath("/subusers"),
		firstPage: expectedPage{heading: "Subusers", texts: []string{"1–40 of 40"}},
		steps: []step{
			{press: link("New subuser"), next: expectedPage{heading: "New subuser"}},
			{
				entries: []entry{
					text("Login", login),
					text("Description", "Jan Novotný, second line"),
					tick("Support"),
					text("Reason", "OPS-7 starts on Monday"),
				},
				press:      button("Create subuser"),
				slowMethod: "AddSubUser",
				writes:     1,
				next: expectedPage{
					heading:          "Subuser " + login + " was created",
					secretField:      "Password",
					secretName:       "password",
					operationHeading: "New subuser: " + login,
					nextControl:      link(login),
					formHeading:      "New subuser",
					isResponse:       true,
				},
			},
			{
				press:  link("Go to " + login),
				next:   expectedPage{heading: login, texts: []string{"Jan Novotný, second line", "Support"}},
				writes: 1,
			},
		},
		check:      func(p *testPage) { p.expectCreatedOnce(login); p.expectRoles(login, "Support") },
		operations: []string{"subuser.create " + login + " applied"},
	}
}

func changeRolesScenario() scenario {
	const login, reason = "lukasz_wisniew", "OPS-12 moves to queues"
	return scenario{
		role:      policy.Editor,
		path:      fixedPath("/subusers?q=lukasz"),
		firstPage: expectedPage{heading: "Subusers", texts: []string{"1–1 of 1 found"}},
		steps: []step{
			{press: link(login), next: expectedPage{heading: login, texts: []string{"Support"}}},
			{press: link("Change roles"), next: expectedPage{heading: "Roles of " + login}},
			{
				entries: []entry{tick("Support"), tick("ACDManager"), text("Reason", reason)},
				press:   button("Review changes"),
				next: expectedPage{
					heading:     "Review the change for " + login,
					texts:       []string{login + " loses Support, gets ACDManager"},
					formHeading: "Roles of " + login,
					isResponse:  true,
				},
			},
			{
				press:      button("Apply changes"),
				slowMethod: "SetSubUserRoles",
				writes:     2,
				next: expectedPage{
					heading:          login,
					arrivalTexts:     []string{"The roles of " + login + " were changed.", "Read back at"},
					texts:            []string{reason, "ACDManager"},
					operationHeading: "Change of roles: " + login,
					nextControl:      link(login),
				},
			},
			{
				press:  link("Change of roles"),
				next:   expectedPage{heading: "Change of roles: " + login, texts: []string{"Applied", reason}},
				writes: 2,
			},
		},
		check:      func(p *testPage) { p.expectRoles(login, "ACDManager") },
		operations: []string{"subuser.roles " + login + " applied"},
	}
}

func deleteSubuserScenario() scenario {
	const login, key = "petr_kucera", "CI deploy"
	return scenario{
		role:      policy.Admin,
		path:      fixedPath("/subusers"),
		firstPage: expectedPage{heading: "Subusers", texts: []string{"1–40 of 40"}},
		steps: []step{
			{press: link(login), next: expectedPage{heading: login, texts: []string{"Developer", key}}},
			{press: link(key), next: expectedPage{heading: key, texts: []string{login}}},
			{press: link("Delete"), next: expectedPage{heading: "Delete " + key}},
			{
				entries:     []entry{textNotKept("Type the name to confirm", key)},
				press:       button("Delete key"),
				slowMethod:  "DeleteKey",
				goneHeading: notFoundHeading,
				writes:      1,
				next: expectedPage{
					heading:          "Keys",
					arrivalTexts:     []string{"Key " + key + " was deleted."},
					operationHeading: "Deletion of key: " + key,
					nextControl:      menuLink("Keys"),
				},
			},
			{press: menuLink("Subusers"), next: expectedPage{heading: "Subusers", texts: []string{"1–40 of 40"}}, writes: 1},
			{press: link(login), next: expectedPage{heading: login, texts: []string{"Developer"}}, writes: 1},
			{
				press:  link("Delete"),
				next:   expectedPage{heading: "Delete " + login, texts: []string{"No key is known to belong to this subuser."}},
				writes: 1,
			},
			{
				entries:     []entry{textNotKept("Type the login to confirm", login)},
				press:       button("Delete subuser"),
				slowMethod:  "DelSubUser",
				goneHeading: notFoundHeading,
				writes:      2,
				next: expectedPage{
					heading:          "Subusers",
					arrivalTexts:     []string{"Subuser " + login + " was deleted."},
					operationHeading: "Deletion of subuser: " + login,
					nextControl:      menuLink("Subusers"),
				},
			},
		},
		check: func(p *testPage) {
			state := p.site.Sim.State()
			if _, exists := state.Subuser(login); exists {
				p.t.Errorf("%s is still there", login)
			}
		},
		operations: []string{"subuser.delete " + login + " applied", "key.delete " + key + " applied"},
	}
}

func reissueScenario() scenario {
	const login = "lukasz_wisniew"
	return scenario{
		role:      policy.Admin,
		path:      func(p *testPage) string { return subuserPath(p.t, p.site, login, "") },
		firstPage: expectedPage{heading: login},
		steps: []step{
			{press: link("Password"), next: expectedPage{heading: "Password of " + login}},
			{press: link("re-issue the access"), next: expectedPage{heading: "Re-issue the access of " + login}},
			{
				entries:     []entry{textNotKept("Type the login to confirm", login)},
				press:       button("Re-issue access"),
				slowMethod:  "AddSubUser",
				goneHeading: notFoundHeading,
				writes:      2,
				next: expectedPage{
					heading:          "The access of " + login + " was re-issued",
					secretField:      "Password",
					secretName:       "password",
					operationHeading: "Re-issue of access: " + login,
					nextControl:      link(login),
					isResponse:       true,
					formHeading:      notFoundHeading,
				},
			},
			{press: link("Go to " + login), next: expectedPage{heading: login, texts: []string{"Support"}}, writes: 2},
		},
		check:      func(p *testPage) { p.expectCreatedOnce(login); p.expectRoles(login, "Support") },
		operations: []string{"subuser.re-issue " + login + " applied"},
	}
}

func createKeyScenario() scenario {
	const key = "nightly reports"
	return scenario{
		role:      policy.Admin,
		path:      fixedPath("/keys"),
		firstPage: expectedPage{heading: "Keys", texts: []string{"Data warehouse"}},
		steps: []step{
			{press: link("New key"), next: expectedPage{heading: "New key"}},
			{
				entries:    []entry{text("Name", key), tick("CallHistory")},
				press:      button("Create key"),
				slowMethod: "CreateKey",
				writes:     1,
				next: expectedPage{
					heading:          "Key " + key + " was created",
					secretField:      "Content of credentials.json",
					secretName:       "credentials.json",
					operationHeading: "New key: " + key,
					nextControl:      link(key),
					isResponse:       true,
					formHeading:      "New key",
				},
			},
			{press: link("Go to " + key), next: expectedPage{heading: key, texts: []string{"CallHistory"}}, writes: 1},
		},
		operations: []string{"key.create " + key + " applied"},
	}
}

func auditLogScenario() scenario {
	const key, reason = "Data warehouse", "OPS-50 exports everything"
	return scenario{
		role:      policy.Auditor,
		setup:     func(p *testPage) { p.grantOwner(key, reason) },
		path:      fixedPath("/"),
		firstPage: expectedPage{heading: "Overview"},
		steps: []step{
			{press: menuLink("Audit log"), next: expectedPage{heading: "Audit log", texts: []string{reason}}, writes: 1},
			{
				entries:  []entry{textNotKept("Target", key), choice("Result", "Applied")},
				press:    button("Search"),
				isSearch: true,
				writes:   1,
				next:     expectedPage{heading: "Audit log", texts: []string{"Clear", "Ada Admin", reason}},
			},
			{
				press: link("Change of roles"),
				next: expectedPage{
					heading: "Change of roles: " + key,
					texts:   []string{"Ada Admin", reason, "Grant Owner", "Applied"},
				},
				writes: 1,
			},
		},
		operations: []string{"key.roles " + key + " applied"},
	}
}

// fixedPath returns a scenario's path that does not depend on the account.
func fixedPath(path string) func(*testPage) string { return func(*testPage) string { return path } }

// grantOwner grants Owner to a key, as an admin.
func (p *testPage) grantOwner(key, reason string) {
	p.t.Helper()
	state := p.site.Sim.State()
	for _, k := range state.Keys {
		if k.Name != key {
			continue
		}
		admin, path := p.site.Visit(p.t, policy.Admin), "/keys/"+k.ID+"/roles"
		form := admin.Get(path).FormValues(p.t, path)
		form.Add("role", strconv.FormatInt(state.RoleID("Owner"), 10))
		form.Set("reason", reason)
		form.Set("step", "apply")
		if page := admin.Post(path, form); page.Status != http.StatusOK {
			p.t.Fatalf("granting Owner to %s: status %d", key, page.Status)
		}
		return
	}
	p.t.Fatalf("there is no key %s", key)
}

// expectAuditLog fails the test unless the audit log has exactly these operations, newest first: action, target,
// result.
func (p *testPage) expectAuditLog(want ...string) {
	p.t.Helper()
	operations, err := p.site.AuditLog.Operations(p.t.Context(), audit.Filter{})
	if err != nil {
		p.t.Fatal(err)
	}
	var got []string
	for _, op := range operations {
		got = append(got, strings.Join([]string{string(op.Action), op.Target.Name, string(op.Result)}, " "))
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the audit log has %q, want %q", got, want)
	}
}
