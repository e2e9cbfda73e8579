package drift

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// The operations of these tests are on one subuser and its key, and are confirmed unless a test says otherwise.

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

func (o ownOperation) withResult(result audit.Result, confirmed bool) ownOperation {
	o.op.Result, o.op.Confirmed = result, confirmed
	return o
}

// between sets the first and the last event of the operation.
func (o ownOperation) between(first, last int64) ownOperation {
	o.firstSeq, o.op.LastSeq = first, last
	return o
}

var scenarios, payer = operations.RoleRef{ID: 108, Name: "Scenarios"}, operations.RoleRef{ID: 105, Name: "Payer"}

func principalWith(name, description string, roles ...operations.RoleRef) principal {
	p := principal{Name: name, Description: description, RolesKnown: true}
	for _, r := range roles {
		p.setRole(roleAssignment{ID: r.ID, Name: r.Name, Direct: true}, true)
	}
	return p
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
	forceWithoutKeys := force
	forceWithoutKeys.intent.Keys = nil
	ownedPrincipal := principalWith("robot", "", payer)
	ownedPrincipal.Owner = access.SubuserRef(2)
	intent := operations.Intent{Name: "robot", Grant: []operations.RoleRef{scenarios, payer}}
	for name, test := range map[string]struct {
		kind              access.Kind
		before, now       principal // subuser "6" or key "k"; without a name it does not exist
		finished, pending []ownOperation
		want              string // the findings, then the deferred differences
		expected          string // the description and the roles that are expected from now on
	}{
		"a subuser that no operation created": {
			access.Subuser,
			principal{},
			principalWith("team", "x"),
			nil,
			nil,
			"appeared; ",
			"",
		},
		"a re-issue that ended after the deletion": {
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
		"a creation in progress that finishes a re-issue": {
			access.Subuser,
			principal{},
			principalWith("team", ""),
			[]ownOperation{reissue.withResult(audit.PartlyApplied, true)},
			[]ownOperation{open},
			"; appeared",
			"",
		},
		"the last of two operations with one name": {
			access.Subuser,
			principal{},
			principalWith("team", ""),
			[]ownOperation{reissue.withResult(audit.NotApplied, true), open.withResult(audit.Applied, false)},
			nil,
			"; ",
			"[]",
		},
		"an edit of a key that was never listed": {
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
		"a role that was revoked from the owner by force": {
			access.Key,
			principalWith("robot", "", scenarios, payer),
			principalWith("robot", "", payer),
			[]ownOperation{force},
			nil,
			"; ",
			"[Payer]",
		},
		"a role that was revoked by force right after the key was created": {
			access.Key,
			principal{},
			principalWith("robot", "", payer),
			[]ownOperation{keyOperation(audit.CreateKey, "k", intent), force},
			nil,
			"; ",
			"[Payer]",
		},
		"a role that was revoked by force, before the listing showed the owner of a key that the form did not know": {
			access.Key,
			principal{},
			ownedPrincipal,
			[]ownOperation{keyOperation(audit.CreateKey, "k", intent), forceWithoutKeys},
			nil,
			"; ",
			"[Payer]",
		},
		"a role that was revoked by force by an operation that began before the key was created and ended after it": {
			access.Key,
			principal{},
			ownedPrincipal,
			[]ownOperation{forceWithoutKeys.between(1, 4), keyOperation(audit.CreateKey, "k", intent).between(2, 3)},
			nil,
			"; ",
			"[Payer]",
		},
		"a role that was revoked by force before the key was created": {
			access.Key,
			principal{},
			ownedPrincipal,
			[]ownOperation{forceWithoutKeys.between(1, 2), keyOperation(audit.CreateKey, "k", intent).between(3, 4)},
			nil,
			"revoked Scenarios; ",
			"",
		},
		"a key that was created and then deleted along with its owner": {
			access.Key,
			principal{},
			principal{},
			[]ownOperation{
				keyOperation(audit.CreateKey, "k", intent),
				subuserOperation(audit.DeleteSubuser, "2", operations.Intent{Login: "owner"}),
			},
			nil,
			"; ",
			"",
		},
		"a role that no operation revoked": {
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
			ref := access.Ref{Kind: test.kind, ID: map[access.Kind]string{access.Subuser: "6", access.Key: "k"}[test.kind]}
			test.before.Ref, test.now.Ref = ref, ref
			before, listed := map[access.Ref]principal{}, map[access.Ref]principal{}
			if test.now.Name != "" {
				listed[ref] = test.now
			}
			if test.before.Name != "" {
				before[ref] = test.before
			}
			c := &comparison{
				operations:    ownOperations{finished: test.finished, pending: test.pending},
				closure:       roleClosure{},
				knownFindings: map[findingKey]bool{},
				ownersKnown:   true,
				unproven:      func(FindingType, access.Ref) (bool, error) { return false, nil },
			}
			expected := applyOwnOperations(test.kind, before, listed, test.finished, c.closure, c.ownersKnown)
			if err := c.run(expected, listed); err != nil {
				t.Fatal(err)
			}
			if got := c.summary(); got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
			if got := c.expected[ref].summary(); test.expected != "" && got != test.expected {
				t.Errorf("expected from now on: %q, want %q", got, test.expected)
			}
		})
	}
}

// summary returns the findings and the deferred differences.
func (c *comparison) summary() string {
	var found, deferred []string
	for _, f := range c.findings {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s", f.Type, f.Role.Name)))
	}
	for k := range c.deferred {
		deferred = append(deferred, string(k.findingType))
	}
	return strings.Join(found, ", ") + "; " + strings.Join(deferred, ", ")
}

func (p principal) summary() string {
	names := []string{}
	for _, r := range p.Roles {
		names = append(names, r.Name)
	}
	return strings.TrimSpace(p.Description + " " + fmt.Sprint(names))
}
