package policy

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
)

// randomRoles returns rows about the roles 1 to ids: with repeated ids, cycles, edges in one or both directions, edges
// to ids that no row has, and names in several spellings.
func randomRoles(random *rand.Rand, ids, rows int) []access.Role {
	names := []string{"Owner", "o WNER", "Support", "Developer", "Chief", "", "Own er\u00a0", "Admin"}
	var roles []access.Role
	for range rows {
		role := access.Role{ID: 1 + random.Int64N(int64(ids)), Name: names[random.IntN(len(names))]}
		for range random.IntN(3) {
			role.ParentIDs = append(role.ParentIDs, 1+random.Int64N(int64(ids)+2))
		}
		for range random.IntN(3) {
			role.ChildIDs = append(role.ChildIDs, 1+random.Int64N(int64(ids)+2))
		}
		roles = append(roles, role)
	}
	return roles
}

// TestMoreInformationIsNeverLessPrivileged judges roles, and all sets of up to three roles, by random catalogues and by
// the same with more rows about the same ids: a principal's own answer, or a later reading. No role becomes
// unprivileged. With what a principal's answer reports, no set does either.
func TestMoreInformationIsNeverLessPrivileged(t *testing.T) {
	t.Parallel()
	const ids = 6
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 9))
		p := New(Mapping{}, []string{"Owner", "chief"}[:1+random.IntN(2)])
		catalogue := randomRoles(random, ids, 1+random.IntN(8))
		listed := access.RoleSet{}
		for _, role := range catalogue {
			listed[role.ID] = true
		}
		more := slices.DeleteFunc(randomRoles(random, ids, random.IntN(6)), func(r access.Role) bool {
			return !listed[r.ID]
		})
		before := p.Privileged(catalogue, access.NewRoleGraph(catalogue))
		superset := slices.Concat(catalogue, more)
		after := p.Privileged(superset, access.NewRoleGraph(superset))
		reported := before.With(more)
		for a := range int64(ids + 2) {
			if before.Has(a) && (!reported.Has(a) || len(before.Missing) == 0 && !after.Has(a)) {
				t.Fatalf("seed %d: role %d is not privileged with more information: %+v, then %+v", seed, a, catalogue, more)
			}
			for b := range int64(ids + 2) {
				for c := range int64(ids + 2) {
					set := []int64{a, b, c}
					if before.MakesPrivileged(set) && !reported.MakesPrivileged(set) {
						t.Fatalf("seed %d: the roles %v are not privileged with %+v", seed, set, more)
					}
				}
			}
		}
	}
}

// TestHolders compares Holders with MakesPrivileged on random catalogues, for principals that repeat each other's roles
// and for ones about which the vendor reports more than the catalogue has.
func TestHolders(t *testing.T) {
	t.Parallel()
	const ids = 6
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 10))
		catalogue := randomRoles(random, ids, 1+random.IntN(8))
		set := New(Mapping{}, []string{"Owner"}).Privileged(catalogue, access.NewRoleGraph(catalogue))
		holds := set.Holders()
		for range 60 {
			p := access.Principal{RolesKnown: true}
			for range random.IntN(4) {
				role := access.RoleAssignment{ID: random.Int64N(ids) + 1, Direct: random.IntN(2) == 0}
				p.Roles = append(p.Roles, role)
			}
			if random.IntN(3) == 0 {
				p.Reported = randomRoles(random, ids, 1)
			}
			if got, want := holds(p), set.With(p.Reported).MakesPrivileged(p.RoleIDs()); got != want {
				t.Fatalf("seed %d: %t, want %t, of %+v with %+v", seed, got, want, p, catalogue)
			}
		}
	}
	if New(Mapping{}, nil).Privileged(nil, access.NewRoleGraph(nil)).Holders()(access.Principal{}) {
		t.Error("without a catalogue, a principal without roles holds a privileged one")
	}
}

// TestAnyNameOfRoleCounts lists a privileged role with several names and ids, in one row or in several.
func TestAnyNameOfRoleCounts(t *testing.T) {
	t.Parallel()
	p := New(Mapping{}, []string{"Owner"})
	for name, catalogue := range map[string][]access.Role{
		"the first of two rows":  {{ID: 1, Name: "Owner"}, {ID: 1, Name: "Chief"}, {ID: 2, Name: "Support"}},
		"the second of two rows": {{ID: 1, Name: "Chief"}, {ID: 1, Name: "Owner"}, {ID: 2, Name: "Support"}},
		"a further name":         {{ID: 1, Name: "Chief", OtherNames: []string{"", "O w n e r"}}, {ID: 2, Name: "Support"}},
		"a name of two ids":      {{ID: 1, Name: "owner"}, {ID: 3, Name: "OWNER "}, {ID: 2, Name: "Support"}},
		"a child in another row": {
			{ID: 1, Name: "Chief"}, {ID: 3, Name: "Owner"}, {ID: 1, Name: "Chief", ChildIDs: []int64{3}},
			{ID: 2, Name: "Support"},
		},
		"a parent in another row": {
			{ID: 3, Name: "Owner"}, {ID: 3, Name: "Owner", ParentIDs: []int64{1}}, {ID: 1}, {ID: 2, Name: "Support"},
		},
	} {
		set := p.Privileged(catalogue, access.NewRoleGraph(catalogue))
		if !set.Has(1) || set.Has(2) || len(set.Missing) > 0 {
			t.Errorf("%s: role 1 is privileged: %v, role 2: %v, missing %q", name, set.Has(1), set.Has(2), set.Missing)
		}
	}
	set := p.Privileged([]access.Role{{ID: 1, Name: "Owner"}, {ID: 2}, {ID: 4}}, access.RoleGraph{})
	with := set.With([]access.Role{{ID: 2, Name: "oWner"}, {ID: 4, ChildIDs: []int64{1}}})
	if set.Has(2) || set.Has(4) || !with.Has(2) || !with.Has(4) || set.Has(2) {
		t.Errorf("what a principal's answer reports does not count: %v, %v", with.Has(2), with.Has(4))
	}
}
