package rolefacts

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// published returns every role that a source names, as candidates with its place in roles.tsv as id.
func published() []Candidate {
	var list []Candidate
	for i, role := range Roles() {
		list = append(list, Candidate{ID: int64(i), Methods: role.Methods()})
	}
	return list
}

func setOf(t *testing.T, names ...string) MethodSet {
	t.Helper()
	var list []Method
	for _, name := range names {
		m, found := MethodByName(name)
		if !found {
			t.Fatalf("no method %s", name)
		}
		list = append(list, m)
	}
	return NewMethodSet(list...)
}

func roleNames(cover Cover) string {
	var names []string
	for _, id := range cover.Roles {
		names = append(names, Roles()[id].Name)
	}
	return strings.Join(names, " + ")
}

func TestFindCovers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ methods, want string }{
		{"StartScenarios", "CallsSMS; Developer; Admin; Owner"},
		{"GetUsers", "User manager; Supervisor; Developer; Admin; Owner"},
		{"CreateCallList AddUser", "Call list manager + User manager; Developer + User manager; Admin; Owner"},
		{"AddSubUser", "Owner"},
		{"A2PSendSms GetAuditLog", "Owner + CallsSMS"},
		{"A2PSendSms AddSubUser CreateCallList", "Owner + CallsSMS"},
		{"CloneAccount GetAuditLog", "Owner + Admin"},
		{"AddSecret", ""},
	} {
		covers := FindCovers(setOf(t, strings.Fields(test.methods)...), published())
		var got []string
		for _, cover := range covers.List {
			got = append(got, roleNames(cover))
		}
		if list := strings.Join(got, "; "); list != test.want || covers.Incomplete {
			t.Errorf("%s: %s (incomplete %v), want %s", test.methods, list, covers.Incomplete, test.want)
		}
	}
	covers := FindCovers(setOf(t, "GetUsers", "AddSecret"), published())
	if covers.Missing != setOf(t, "AddSecret") || len(covers.List) == 0 || covers.List[0].Extra.Len() != 14 {
		t.Errorf("%+v", covers)
	}
}

// For every choice of methods the best cover by extra methods and the smallest one are those that trying every set of
// roles finds.
func TestFindCoversIsExact(t *testing.T) {
	t.Parallel()
	all, random := Methods(), rand.New(rand.NewPCG(1, 2))
	candidates := published()
	for range 60 {
		var wanted []Method
		for range 1 + random.IntN(12) {
			if m := all[random.IntN(len(all))]; len(m.Roles) > 0 {
				wanted = append(wanted, m)
			}
		}
		set := NewMethodSet(wanted...)
		if set.Len() == 0 {
			continue
		}
		extra, size := exhaustive(set, candidates)
		covers := FindCovers(set, candidates)
		if covers.Incomplete || covers.List[0].Extra.Len() != extra {
			t.Errorf("%d extra methods, want %d (incomplete %v)", covers.List[0].Extra.Len(), extra, covers.Incomplete)
		}
		smallest := len(candidates)
		for _, cover := range covers.List {
			smallest = min(smallest, len(cover.Roles))
		}
		if smallest != size {
			t.Errorf("%d roles, want %d", smallest, size)
		}
	}
}

// exhaustive tries every set of the candidates that have methods.
func exhaustive(wanted MethodSet, candidates []Candidate) (extra, size int) {
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool { return c.Methods.Len() == 0 })
	extra, size = maxMethods, len(candidates)
	for choice := range 1 << len(candidates) {
		var allowed MethodSet
		roles := 0
		for i, c := range candidates {
			if choice>>i&1 == 1 {
				allowed, roles = allowed.Union(c.Methods), roles+1
			}
		}
		if allowed.Covers(wanted) {
			extra, size = min(extra, allowed.Without(wanted).Len()), min(size, roles)
		}
	}
	return extra, size
}

// The search ends for any catalogue, and reports when it stopped before it had tried everything.
func TestFindCoversIsBounded(t *testing.T) {
	t.Parallel()
	all, random := Methods(), rand.New(rand.NewPCG(3, 4))
	var candidates []Candidate
	for n := range 5_000 {
		var set MethodSet
		for range 3 {
			set.add(random.IntN(len(all)))
		}
		candidates = append(candidates, Candidate{ID: int64(n + 1), Methods: set})
	}
	covers := FindCovers(NewMethodSet(all...), candidates)
	if !covers.Incomplete || len(covers.List) == 0 {
		t.Errorf("%d covers, incomplete %v", len(covers.List), covers.Incomplete)
	}
	for _, cover := range covers.List {
		var allowed MethodSet
		for _, id := range cover.Roles {
			allowed = allowed.Union(candidates[id-1].Methods)
		}
		if !allowed.Covers(NewMethodSet(all...).Without(covers.Missing)) {
			t.Errorf("%d roles do not cover the methods", len(cover.Roles))
		}
	}
	all135 := FindCovers(NewMethodSet(all...), published())
	if all135.Incomplete || fmt.Sprint(roleNames(all135.List[0])) != "Owner + Admin + CallsSMS" {
		t.Errorf("every method: %s (incomplete %v)", roleNames(all135.List[0]), all135.Incomplete)
	}
}
