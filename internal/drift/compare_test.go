package drift

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// The acts of these tests are on one subuser and its key, and are known to have happened unless a test says otherwise.

func onSubuser(action audit.Action, id string, intent operations.Intent) act {
	return done(action, audit.Target{Kind: audit.SubuserTarget, ID: id, Name: intent.Login}, intent)
}

func onKey(action audit.Action, id string, intent operations.Intent) act {
	return done(action, audit.Target{Kind: audit.KeyTarget, ID: id, Name: intent.Name}, intent)
}

func done(action audit.Action, target audit.Target, intent operations.Intent) act {
	facts := operations.Facts{Roles: intent.Grant}
	return act{
		op:     audit.Operation{Action: action, Target: target, Result: audit.Applied, Confirmed: true},
		intent: intent,
		facts:  &facts,
	}
}

func (a act) as(result audit.Result, confirmed bool) act {
	a.op.Result, a.op.Confirmed = result, confirmed
	return a
}

var scenarios, payer = operations.RoleRef{ID: 108, Name: "Scenarios"}, operations.RoleRef{ID: 105, Name: "Payer"}

func holds(name, description string, roles ...operations.RoleRef) holding {
	h := holding{Name: name, Description: description, RolesKnown: true}
	for _, r := range roles {
		h.put(role{ID: r.ID, Name: r.Name, Direct: true}, true)
	}
	return h
}

func TestOurActsExplainWhatTheyDid(t *testing.T) {
	reissue := onSubuser(audit.ReissueSubuser, "3", operations.Intent{Login: "team", Description: "night"})
	finish := onSubuser(audit.CreateSubuser, "6", operations.Intent{Login: "team"})
	open := onSubuser(audit.CreateSubuser, "", operations.Intent{Login: "team"}).as("", false)
	open.op.Open = true
	force := onSubuser(
		audit.ForceSubuserRoles,
		"2",
		operations.Intent{Login: "owner", Revoke: []operations.RoleRef{scenarios}, Keys: []operations.KeyRef{{ID: "k"}}},
	)
	made := operations.Intent{Name: "robot", Grant: []operations.RoleRef{scenarios, payer}}
	for name, test := range map[string]struct {
		kind           string
		before, now    holding // of id "6", or of key "k"; an empty name means that it is not there
		done, doubtful []act
		want           string // what is found, then what is doubted
		kept           string // the description and the roles that are expected from now on
	}{
		"a subuser of nobody": {
			audit.SubuserTarget,
			holding{},
			holds("team", "x"),
			nil,
			nil,
			"appeared; ",
			"",
		},
		"a re-issue that ended with the deletion": {
			audit.SubuserTarget,
			holding{},
			holds("team", ""),
			[]act{reissue.as(audit.Partly, true)},
			nil,
			"appeared; ",
			"",
		},
		"a creation that finishes a re-issue": {
			audit.SubuserTarget,
			holding{},
			holds("team", ""),
			[]act{reissue.as(audit.Partly, true), finish},
			nil,
			"; ",
			"[]",
		},
		"a finish under way": {
			audit.SubuserTarget,
			holding{},
			holds("team", ""),
			[]act{reissue.as(audit.Partly, true)},
			[]act{open},
			"; appeared",
			"",
		},
		"the last of two acts of one name": {
			audit.SubuserTarget,
			holding{},
			holds("team", ""),
			[]act{reissue.as(audit.NotApplied, true), open.as(audit.Applied, false)},
			nil,
			"; ",
			"[]",
		},
		"an edit of what was not seen before": {
			audit.KeyTarget,
			holding{},
			holds("robot", "calls"),
			[]act{
				onKey(audit.CreateKey, "k", operations.Intent{Name: "key"}).as(audit.Applied, false),
				onKey(audit.EditKey, "k", operations.Intent{Name: "robot", Description: "calls"}),
			},
			nil,
			"; ",
			"calls []",
		},
		"a role taken from the owner by force": {
			audit.KeyTarget,
			holds("robot", "", scenarios, payer),
			holds("robot", "", payer),
			[]act{force},
			nil,
			"; ",
			"[Payer]",
		},
		"a role taken just after the key was made": {
			audit.KeyTarget,
			holding{},
			holds("robot", "", payer),
			[]act{onKey(audit.CreateKey, "k", made), force},
			nil,
			"; ",
			"[Payer]",
		},
		"a role that nobody took": {
			audit.KeyTarget,
			holding{},
			holds("robot", "", payer),
			[]act{onKey(audit.CreateKey, "k", made)},
			nil,
			"revoked Scenarios; ",
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := map[string]string{audit.SubuserTarget: "6", audit.KeyTarget: "k"}[test.kind]
			before, seen := map[string]holding{}, map[string]holding{id: test.now}
			if test.before.Name != "" {
				before[id] = test.before
			}
			c := &comparison{
				kind: test.kind, acts: acts{done: test.done, doubtful: test.doubtful}, within: within{}, known: map[key]bool{},
				ownersKnown: true, excused: func(What, string) (bool, error) { return false, nil },
			}
			if err := c.run(expect(test.kind, before, test.done, c.within, c.ownersKnown), seen); err != nil {
				t.Fatal(err)
			}
			if got := c.said(); got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
			if h := c.next[id]; test.kept != "" && h.kept() != test.kept {
				t.Errorf("expected from now on: %q, want %q", h.kept(), test.kept)
			}
		})
	}
}

// said is what was found, and what was doubted.
func (c *comparison) said() string {
	var found, doubted []string
	for _, f := range c.found {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s", f.What, f.Role.Name)))
	}
	for k := range c.doubts {
		doubted = append(doubted, string(k.what))
	}
	return strings.Join(found, ", ") + "; " + strings.Join(doubted, ", ")
}

func (h holding) kept() string {
	names := []string{}
	for _, r := range h.Roles {
		names = append(names, r.Name)
	}
	return strings.TrimSpace(h.Description + " " + fmt.Sprint(names))
}
