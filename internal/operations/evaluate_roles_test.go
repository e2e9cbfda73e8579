package operations

import (
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// subuserWithRoles returns a subuser with these direct and inherited roles.
func subuserWithRoles(direct []int64, inherited ...int64) access.Principal {
	var s access.Principal
	for _, id := range direct {
		s.Roles = append(s.Roles, access.RoleAssignment{ID: id, Direct: true})
	}
	for _, id := range inherited {
		s.Roles = append(s.Roles, access.RoleAssignment{ID: id})
	}
	return s
}

// readingOf returns a reading with the catalogue below.
func readingOf(subuser access.Principal, listsParentRoles bool) roleReading {
	return roleReading{
		roleIDs:          subuser.RoleIDs(),
		directIDs:        subuser.DirectRoleIDs(),
		catalogue:        nestedCatalogue(),
		listsParentRoles: listsParentRoles,
	}
}

// nestedCatalogue returns a catalogue in which 20 contains 21 and 22, one reported by each side, and 30 and 31 contain
// each other.
func nestedCatalogue() directory.Catalogue {
	return directory.Catalogue{Known: true, Roles: []access.Role{
		{ID: 1}, {ID: 2}, {ID: 3}, {ID: 20, ChildIDs: []int64{21}}, {ID: 21}, {ID: 22, ParentIDs: []int64{20}},
		{ID: 30, ChildIDs: []int64{31}}, {ID: 31, ChildIDs: []int64{30}},
	}}
}

func TestEffectEvidence(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		effect effect
		now    access.Principal
		lists  bool
		want   evidence
	}{
		{"granted and assigned", effect{grant: []int64{1}}, subuserWithRoles([]int64{1}), false, present},
		{
			"granted and inherited",
			effect{grant: []int64{21}},
			subuserWithRoles([]int64{20}, 21, 22),
			false,
			present,
		},
		{"granted and missing", effect{grant: []int64{1, 2}}, subuserWithRoles([]int64{3}), false, absent},
		{
			"granted, and one of two is assigned",
			effect{grant: []int64{1, 2}},
			subuserWithRoles([]int64{1}),
			false,
			inconclusive,
		},
		{"revoked, and one of two is gone", effect{revoke: []int64{1, 2}}, subuserWithRoles([]int64{1}), false, inconclusive},
		{
			"revoked, still listed, perhaps inherited from an unlisted role",
			effect{revoke: []int64{21}},
			subuserWithRoles([]int64{21}),
			false,
			inconclusive,
		},
		{
			"revoked, still listed, and parents are listed",
			effect{revoke: []int64{21}},
			subuserWithRoles([]int64{21}),
			true,
			absent,
		},
		{
			"granted, only what it contains is listed, and parents are listed",
			effect{grant: []int64{20}},
			subuserWithRoles([]int64{21, 22}),
			true,
			absent,
		},
		{"revoked and gone", effect{revoke: []int64{1}}, subuserWithRoles([]int64{2}), false, present},
		{"revoked and still listed", effect{revoke: []int64{1}}, subuserWithRoles([]int64{1}), false, absent},
		{
			"revoked and inherited",
			effect{revoke: []int64{21}},
			subuserWithRoles([]int64{20}, 21, 22),
			false,
			present,
		},
		{
			"granted, only what it contains is listed",
			effect{grant: []int64{20}},
			subuserWithRoles([]int64{21, 22}),
			false,
			inconclusive,
		},
		{
			"granted, a part of what it contains is listed",
			effect{grant: []int64{20}},
			subuserWithRoles([]int64{21}),
			false,
			absent,
		},
		{"one inconclusive, one missing", effect{grant: []int64{20, 1}}, subuserWithRoles([]int64{21, 22}), false, absent},
		{"a catalogue with a cycle", effect{grant: []int64{30}}, subuserWithRoles(nil), false, absent},
	}
	for _, c := range cases {
		if got := c.effect.evidenceIn(readingOf(c.now, c.lists)); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := (effect{grant: []int64{1}}).evidenceIn(roleReading{}); got != inconclusive {
		t.Errorf("without a catalogue: %d", got)
	}
}

func TestCombineResults(t *testing.T) {
	t.Parallel()
	const a, r, n, u, x = audit.Applied, audit.Refused, audit.NotSent, audit.Unknown, audit.NotApplied
	cases := []struct {
		calls   []audit.Result
		planned int
		want    audit.Result
	}{
		{
			nil,
			1,
			n,
		},
		{[]audit.Result{a}, 1, a},
		{[]audit.Result{r}, 2, r},
		{[]audit.Result{n}, 2, n},
		{[]audit.Result{u}, 2, u},
		{
			[]audit.Result{x},
			2,
			x,
		},
		{[]audit.Result{a, a}, 2, a},
		{[]audit.Result{a}, 2, audit.PartlyApplied},
		{[]audit.Result{a, r}, 2, audit.PartlyApplied},
		{
			[]audit.Result{a, n},
			2,
			audit.PartlyApplied,
		},
		{[]audit.Result{a, u}, 2, u},
		{[]audit.Result{u, a}, 2, u},
		{[]audit.Result{x, a}, 2, audit.PartlyApplied},
	}
	for _, c := range cases {
		if got := combineResults(c.calls, c.planned); got != c.want {
			t.Errorf("%v of %d: %s, want %s", c.calls, c.planned, got, c.want)
		}
	}
}

func TestEvaluateRolesBeforeAndAfterDeadline(t *testing.T) {
	t.Parallel()
	lost := []audit.Result{audit.Unknown}
	planned := []effect{{grant: []int64{1}}}
	noRoles := readingOf(subuserWithRoles(nil), false)
	if eval := evaluateRoles(lost, planned, noRoles, false); eval.result != audit.Unknown {
		t.Errorf("before the deadline: %+v", eval)
	}
	if eval := evaluateRoles(lost, planned, noRoles, true); eval.result != audit.NotApplied {
		t.Errorf("after the deadline: %+v", eval)
	}
	if eval := evaluateRoles(
		lost,
		planned,
		readingOf(subuserWithRoles([]int64{1}), false),
		false,
	); eval.result != audit.Applied || !eval.confirmed {
		t.Errorf("shown by reading: %+v", eval)
	}
	answered := []audit.Result{audit.Applied}
	if eval := evaluateRoles(answered, planned, noRoles, false); eval.result != audit.Unknown || eval.confirmed ||
		!eval.contradicted {
		t.Errorf("reported and not shown by reading: %+v", eval)
	}
	if eval := evaluateRoles(answered, planned, noRoles, true); eval.result != audit.NotApplied || !eval.contradicted {
		t.Errorf("reported and not shown after the deadline: %+v", eval)
	}
	both := []audit.Result{audit.Applied, audit.Applied}
	grantOnly := []effect{{revoke: []int64{1}}, {grant: []int64{2}}}
	if eval := evaluateRoles(both, grantOnly, readingOf(subuserWithRoles([]int64{1, 2}), true), true); eval.result !=
		audit.PartlyApplied || rolesNote(eval) != NoteGrantedOnly {
		t.Errorf("only the second call had an effect: %+v, %s", eval, rolesNote(eval))
	}
	inconclusiveReading := readingOf(subuserWithRoles([]int64{21, 22}), false)
	if eval := evaluateRoles(
		lost,
		[]effect{{grant: []int64{20}}},
		inconclusiveReading,
		true,
	); eval.result != audit.Unknown {
		t.Errorf("an inconclusive list: %+v", eval)
	}
}

func TestFinalResults(t *testing.T) {
	t.Parallel()
	call := func(method string, result audit.Result) audit.Call { return audit.Call{Method: method, Result: result} }
	const a, r, u = audit.Applied, audit.Refused, audit.Unknown
	cases := []struct {
		calls []audit.Call
		want  []audit.Result
	}{
		{[]audit.Call{call("Remove", a), call("Set", r), call("Set", a)}, []audit.Result{a, a}},
		{[]audit.Call{call("Set", r), call("Set", u)}, []audit.Result{u}},
		{[]audit.Call{call("Set", r), call("Set", r)}, []audit.Result{r}},
		{[]audit.Call{call("Remove", r)}, []audit.Result{r}},
		{[]audit.Call{call("Set", a), call("Set", r)}, []audit.Result{a, r}},
	}
	for _, c := range cases {
		if got := finalResults(c.calls); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.calls, got, c.want)
		}
	}
}
