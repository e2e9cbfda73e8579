package drift

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// The acts of these tests are on one subuser and its key, and are known to have happened unless a test says otherwise.

func subuserOperation(action audit.Action, id string, intent operations.Intent) ownOperation {
	return finishedOperation(action, audit.Target{
		Ref:  access.Ref{Kind: access.Subuser, ID: id},
		Name: intent.Login,
	}, intent)
}

func keyOperation(action audit.Action, id string, intent operations.Intent) ownOperation {
	return finishedOperation(action, audit.Target{Ref: access.Ref{Kind: access.Key, ID: id}, Name: intent.Name}, intent)
}

func finishedOperation(action audit.Action, target audit.Target, intent operations.Intent) ownOperation {
	facts := operations.Facts{Roles: intent.Grant}
	descriptor, err := operations.DescriptorOf(action)
	if err != nil {
		panic(err)
	}
	return ownOperation{
		op:      audit.Operation{Action: action, Target: target, Result: audit.Applied, Confirmed: true},
		effects: descriptor,
		intent:  intent,
		facts:   &facts,
	}
}

func (a ownOperation) withResult(result audit.Result, confirmed bool) ownOperation {
	a.op.Result, a.op.Confirmed = result, confirmed
	return a
}

var scenarios, payer = operations.RoleRef{ID: 108, Name: "Scenarios"}, operations.RoleRef{ID: 105, Name: "Payer"}

func principalWith(name, description string, roles ...operations.RoleRef) principal {
	h := principal{Name: name, Description: description, RolesKnown: true}
	for _, r := range roles {
		h.setRole(roleAssignment{ID: r.ID, Name: r.Name, Direct: true}, true)
	}
	return h
}

func TestOwnOperationsExplainDifferences(t *testing.T) {
	reissue := subuserOperation(audit.ReissueSubuser, "3", operations.Intent{Login: "team", Description: "night"})
	finish := subuserOperation(audit.CreateSubuser, "6", operations.Intent{Login: "team"})
	open := subuserOperation(audit.CreateSubuser, "", operations.Intent{Login: "team"}).withResult("", false)
	open.op.Open = true
	force := subuserOperation(
		audit.ForceSubuserRoles,
		"2",
		operations.Intent{Login: "owner", Revoke: []operations.RoleRef{scenarios}, Keys: []operations.KeyRef{{ID: "k"}}},
	)
	intent := operations.Intent{Name: "robot", Grant: []operations.RoleRef{scenarios, payer}}
	for name, test := range map[string]struct {
		kind           access.Kind
		before, now    principal // of id "6", or of key "k"; an empty name means that it is not there
		done, doubtful []ownOperation
		want           string // what is found, then what is doubted
		kept           string // the description and the roles that are expected from now on
	}{
		"a subuser of nobody": {
			access.Subuser,
			principal{},
			principalWith("team", "x"),
			nil,
			nil,
			"appeared; ",
			"",
		},
		"a re-issue that ended with the deletion": {
			access.Subuser,
			principal{},
			principalWith("team", ""),
			[]ownOperation{reissue.withResult(audit.PartlyApplied, true)},
			nil,
			"appeared; ",
			"",
		},
		"a creation that finishes a re-issue": {
			access.Subuser,
			principal{},
			principalWith("team", ""),
			[]ownOperation{reissue.withResult(audit.PartlyApplied, true), finish},
			nil,
			"; ",
			"[]",
		},
		"a finish under way": {
			access.Subuser,
			principal{},
			principalWith("team", ""),
			[]ownOperation{reissue.withResult(audit.PartlyApplied, true)},
			[]ownOperation{open},
			"; appeared",
			"",
		},
		"the last of two acts of one name": {
			access.Subuser,
			principal{},
			principalWith("team", ""),
			[]ownOperation{reissue.withResult(audit.NotApplied, true), open.withResult(audit.Applied, false)},
			nil,
			"; ",
			"[]",
		},
		"an edit of what was not seen before": {
			access.Key,
			principal{},
			principalWith("robot", "calls"),
			[]ownOperation{
				keyOperation(audit.CreateKey, "k", operations.Intent{Name: "key"}).withResult(audit.Applied, false),
				keyOperation(audit.EditKey, "k", operations.Intent{Name: "robot", Description: "calls"}),
			},
			nil,
			"; ",
			"calls []",
		},
		"a role taken from the owner by force": {
			access.Key,
			principalWith("robot", "", scenarios, payer),
			principalWith("robot", "", payer),
			[]ownOperation{force},
			nil,
			"; ",
			"[Payer]",
		},
		"a role taken just after the key was made": {
			access.Key,
			principal{},
			principalWith("robot", "", payer),
			[]ownOperation{keyOperation(audit.CreateKey, "k", intent), force},
			nil,
			"; ",
			"[Payer]",
		},
		"a role that nobody took": {
			access.Key,
			principal{},
			principalWith("robot", "", payer),
			[]ownOperation{keyOperation(audit.CreateKey, "k", intent)},
			nil,
			"revoked Scenarios; ",
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := map[access.Kind]string{access.Subuser: "6", access.Key: "k"}[test.kind]
			before, seen := map[string]principal{}, map[string]principal{id: test.now}
			if test.before.Name != "" {
				before[id] = test.before
			}
			c := &comparison{
				kind:          test.kind,
				operations:    ownOperations{finished: test.done, pending: test.doubtful},
				closure:       roleClosure{},
				knownFindings: map[findingKey]bool{},
				ownersKnown:   true,
				unproven:      func(FindingType, string) (bool, error) { return false, nil },
			}
			if err := c.run(applyOwnOperations(test.kind, before, test.done, c.closure, c.ownersKnown), seen); err != nil {
				t.Fatal(err)
			}
			if got := c.summary(); got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
			if h := c.expected[id]; test.kept != "" && h.summary() != test.kept {
				t.Errorf("expected from now on: %q, want %q", h.summary(), test.kept)
			}
		})
	}
}

// summary is what was found, and what was doubted.
func (c *comparison) summary() string {
	var found, doubted []string
	for _, f := range c.findings {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s", f.Type, f.Role.Name)))
	}
	for k := range c.deferred {
		doubted = append(doubted, string(k.findingType))
	}
	return strings.Join(found, ", ") + "; " + strings.Join(doubted, ", ")
}

func (h principal) summary() string {
	names := []string{}
	for _, r := range h.Roles {
		names = append(names, r.Name)
	}
	return strings.TrimSpace(h.Description + " " + fmt.Sprint(names))
}
