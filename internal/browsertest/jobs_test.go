package browsertest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// notThere is the heading of a page about something that was deleted.
const notThere = "This is not in the account"

// theJobs are what the console is for, each from the page on which somebody finds out that it is to be done.
func theJobs() map[string]job {
	return map[string]job{
		"who has access":           whoHasAccess(),
		"let a colleague in":       letColleagueIn(),
		"change roles":             changeRoles(),
		"someone leaves":           someoneLeaves(),
		"someone forgot":           someoneForgot(),
		"a program needs a key":    programNeedsKey(),
		"who granted what to whom": whoGrantedWhat(),
	}
}

func whoHasAccess() job {
	const one = "1–1 of 1 found, 40 in all"
	return job{
		as: policy.Viewer, path: plainly("/"), from: place{at: "Overview"},
		steps: []step{
			{press: inMenu("Subusers"), leads: place{at: "Subusers", sees: []string{"1–40 of 40"}}},
			{
				enter:  []entry{{role: "searchbox", name: "Search subusers", text: "nov"}},
				press:  button("Search"),
				live:   true,
				search: true,
				leads:  place{at: "Subusers", sees: []string{"found, 40 in all", "anna_novakova"}},
			},
			{enter: []entry{choice("Role", "Owner")}, press: button("Search"), live: true, search: true,
				leads: place{at: "Subusers", sees: []string{one, "anna_novakova"}}},
			{press: link("Export CSV"), file: "anna_novakova", leads: place{at: "Subusers", sees: []string{one}}},
			{press: link("anna_novakova"), leads: place{at: "anna_novakova", sees: []string{"head of operations", "Owner"}}},
		},
	}
}

func letColleagueIn() job {
	const login = "jan_novotny"
	return job{
		as: policy.Editor, path: plainly("/subusers"), from: place{at: "Subusers", sees: []string{"1–40 of 40"}},
		steps: []step{
			{press: link("New subuser"), leads: place{at: "New subuser"}},
			{
				enter: []entry{
					text("Login", login),
					text("Description", "Jan Novotný, second line"),
					tick("Support"),
					text("Reason", "OPS-7 starts on Monday"),
				},
				press: button("Create subuser"), slow: "AddSubUser", wrote: 1,
				leads: place{
					at:     "Subuser " + login + " was created",
					once:   "Password",
					hidden: "password",
					later:  "New subuser: " + login,
					then:   link(login),
					past:   "New subuser",
					answer: true,
				},
			},
			{
				press: link("Go to " + login),
				leads: place{at: login, sees: []string{"Jan Novotný, second line", "Support"}},
				wrote: 1,
			},
		},
		holds:  func(p *person) { p.createdOnce(login); p.holds(login, "Support") },
		record: []string{"subuser.create " + login + " applied"},
	}
}

func changeRoles() job {
	const login, reason = "lukasz_wisniew", "OPS-12 moves to queues"
	return job{
		as: policy.Editor, path: plainly("/subusers?q=lukasz"), from: place{at: "Subusers", sees: []string{"1–1 of 1 found"}},
		steps: []step{
			{press: link(login), leads: place{at: login, sees: []string{"Support"}}},
			{press: link("Change roles"), leads: place{at: "Roles of " + login}},
			{
				enter: []entry{tick("Support"), tick("ACDManager"), text("Reason", reason)}, press: button("Review changes"),
				leads: place{
					at:     "Review the change for " + login,
					sees:   []string{login + " loses Support, gets ACDManager"},
					past:   "Roles of " + login,
					answer: true,
				},
			},
			{
				press: button("Apply changes"), slow: "SetSubUserRoles", wrote: 2,
				leads: place{
					at:    login,
					says:  []string{"The roles of " + login + " were changed.", "Read back at"},
					sees:  []string{reason, "ACDManager"},
					later: "Change of roles: " + login,
					then:  link(login),
				},
			},
			{
				press: link("Change of roles"),
				leads: place{at: "Change of roles: " + login, sees: []string{"Applied", reason}},
				wrote: 2,
			},
		},
		holds:  func(p *person) { p.holds(login, "ACDManager") },
		record: []string{"subuser.roles " + login + " applied"},
	}
}

func someoneLeaves() job {
	const login, key = "petr_kucera", "CI deploy"
	return job{
		as: policy.Admin, path: plainly("/subusers"), from: place{at: "Subusers", sees: []string{"1–40 of 40"}},
		steps: []step{
			{press: link(login), leads: place{at: login, sees: []string{"Developer", key}}},
			{press: link("Delete"), leads: place{at: "Delete " + login, sees: []string{"Developer"}}},
			{press: link("Delete key " + key), leads: place{at: "Delete " + key}},
			{
				enter: []entry{
					anew("Type the name to confirm", key),
				}, press: button("Delete key"), slow: "DeleteKey", gone: notThere, wrote: 1,
				leads: place{
					at:    "Keys",
					says:  []string{"The key " + key + " was deleted."},
					later: "Deletion of key: " + key,
					then:  inMenu("Keys"),
				},
			},
			{press: inMenu("Subusers"), leads: place{at: "Subusers", sees: []string{"1–40 of 40"}}, wrote: 1},
			{press: link(login), leads: place{at: login, sees: []string{"Developer"}}, wrote: 1},
			{
				press: link("Delete"),
				leads: place{at: "Delete " + login, sees: []string{"No key is known to belong to this subuser."}},
				wrote: 1,
			},
			{
				enter: []entry{
					anew("Type the login to confirm", login),
				}, press: button("Delete subuser"), slow: "DelSubUser", gone: notThere, wrote: 2,
				leads: place{
					at:    "Subusers",
					says:  []string{"Subuser " + login + " was deleted."},
					later: "Deletion of subuser: " + login,
					then:  inMenu("Subusers"),
				},
			},
		},
		holds: func(p *person) {
			state := p.site.Sim.State()
			if _, still := state.Subuser(login); still {
				p.t.Errorf("%s is still there", login)
			}
		},
		record: []string{"subuser.delete " + login + " applied", "key.delete " + key + " applied"},
	}
}

func someoneForgot() job {
	const login = "lukasz_wisniew"
	return job{
		as: policy.Admin, path: func(p *person) string { return pathOf(p.t, p.site, login, "") }, from: place{at: login},
		steps: []step{
			{press: link("Password"), leads: place{at: "Password of " + login}},
			{press: link("re-issue the access"), leads: place{at: "Re-issue the access of " + login}},
			{
				enter: []entry{
					anew("Type the login to confirm", login),
				}, press: button("Re-issue access"), slow: "AddSubUser", gone: notThere, wrote: 2,
				leads: place{
					at:     "The access of " + login + " was issued again",
					once:   "Password",
					hidden: "password",
					later:  "Re-issue of access: " + login,
					then:   link(login),
					answer: true,
					past:   notThere,
				},
			},
			{press: link("Go to " + login), leads: place{at: login, sees: []string{"Support"}}, wrote: 2},
		},
		holds:  func(p *person) { p.createdOnce(login); p.holds(login, "Support") },
		record: []string{"subuser.re-issue " + login + " applied"},
	}
}

func programNeedsKey() job {
	const key = "nightly reports"
	return job{
		as: policy.Admin, path: plainly("/keys"), from: place{at: "Keys", sees: []string{"Data warehouse"}},
		steps: []step{
			{press: link("New key"), leads: place{at: "New key"}},
			{
				enter: []entry{text("Name", key), tick("CallHistory")}, press: button("Create key"), slow: "CreateKey", wrote: 1,
				leads: place{
					at:     "Key " + key + " was created",
					once:   "Content of credentials.json",
					hidden: "credentials.json",
					later:  "New key: " + key,
					then:   link(key),
					answer: true,
					past:   "New key",
				},
			},
			{press: link("Go to " + key), leads: place{at: key, sees: []string{"CallHistory"}}, wrote: 1},
		},
		record: []string{"key.create " + key + " applied"},
	}
}

func whoGrantedWhat() job {
	const key, reason = "Data warehouse", "OPS-50 exports everything"
	return job{
		as: policy.Auditor, path: plainly("/"), from: place{at: "Overview"},
		begun: func(p *person) { p.grantOwner(key, reason) },
		steps: []step{
			{press: inMenu("Record"), leads: place{at: "Record", sees: []string{reason}}, wrote: 1},
			{
				enter: []entry{anew("Target", key), choice("Result", "Applied")}, press: button("Search"), search: true, wrote: 1,
				leads: place{at: "Record", sees: []string{"Clear", "Ada Admin", reason}},
			},
			{
				press: link("Change of roles"),
				leads: place{at: "Change of roles: " + key, sees: []string{"Ada Admin", reason, "Grant Owner", "Applied"}},
				wrote: 1,
			},
		},
		record: []string{"key.roles " + key + " applied"},
	}
}

// plainly is a path that everybody knows beforehand.
func plainly(path string) func(*person) string { return func(*person) string { return path } }

// grantOwner lets an admin give a key the role that may do everything.
func (p *person) grantOwner(key, reason string) {
	p.t.Helper()
	state := p.site.Sim.State()
	for _, k := range state.Keys {
		if k.Name != key {
			continue
		}
		admin, path := p.site.Visit(p.t, policy.Admin), "/keys/"+k.ID+"/roles"
		form := admin.Get(path).Fill(p.t, path)
		form.Add("role", strconv.FormatInt(state.RoleID("Owner"), 10))
		form.Set("reason", reason)
		form.Set("step", "apply")
		if page := admin.Post(path, form); page.Status != http.StatusOK {
			p.t.Fatalf("granting Owner to %s: %d", key, page.Status)
		}
		return
	}
	p.t.Fatalf("there is no key %s", key)
}

// recorded fails the walk unless the record has just these operations, newest first: what was done, to whom, and what
// came of it.
func (p *person) recorded(want ...string) {
	p.t.Helper()
	operations, err := p.site.Record.Operations(p.t.Context(), audit.Filter{})
	if err != nil {
		p.t.Fatal(err)
	}
	var got []string
	for _, op := range operations {
		got = append(got, strings.Join([]string{string(op.Action), op.Target.Name, string(op.Result)}, " "))
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the record holds %q, want %q", got, want)
	}
}
