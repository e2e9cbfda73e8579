package access_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
)

// company is a catalogue that reports some edges from the parent, some from the child and one from both:
// Owner > Admin > Support, Owner > Billing, User Manager > User Read. Guest has no edges.
func company() []access.Role {
	return []access.Role{
		{ID: 1, Name: "Owner", ChildIDs: []int64{2, 7}},
		{ID: 2, Name: "Admin", ParentIDs: []int64{1}},
		{ID: 3, Name: "Support", ParentIDs: []int64{2}},
		{ID: 5, Name: "User Manager", ChildIDs: []int64{6}},
		{ID: 6, Name: "User Read"},
		{ID: 7, Name: "Billing"},
		{ID: 8, Name: "Guest"},
	}
}

func TestRoleGraphJoinsEdgesFromParentsAndChildren(t *testing.T) {
	t.Parallel()
	g := access.NewRoleGraph(company())
	equal := func(what string, got, want []int64) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	equal("children of Owner", g.Children(1), []int64{2, 7})
	equal("children of Admin", g.Children(2), []int64{3})
	equal("parents of Admin", g.Parents(2), []int64{1})
	equal("parents of Owner", g.Parents(1), nil)
	equal("parents of an unknown role", g.Parents(99), nil)
	equal("closure of Owner", g.Closure(1).Sorted(), []int64{1, 2, 3, 7})
	equal("closure of two roles", g.Closure(3, 5).Sorted(), []int64{3, 5, 6})
	equal("closure of an unknown role", g.Closure(99).Sorted(), []int64{99})
	equal("closure of nothing", g.Closure().Sorted(), nil)
	equal("containers of Support", g.Containers(3).Sorted(), []int64{1, 2, 3})
	equal("containers of nothing", g.Containers().Sorted(), nil)
	equal("leaves of Owner", slices.Sorted(slices.Values(g.LeafPairs()[1])), []int64{3, 7})
	equal("leaves of Guest", g.LeafPairs()[8], nil)
	for _, c := range []struct {
		container, contained int64
		direct, anyDepth     bool
	}{
		{1, 2, true, true}, {1, 3, false, true}, {3, 1, false, false}, {1, 1, false, false}, {1, 99, false, false},
	} {
		direct, anyDepth := g.ContainsDirectly(c.container, c.contained), g.Contains(c.container, c.contained)
		if direct != c.direct || anyDepth != c.anyDepth {
			t.Errorf("%d contains %d: directly %v, at any depth %v", c.container, c.contained, direct, anyDepth)
		}
	}
}

func TestZeroRoleGraphHasNoEdges(t *testing.T) {
	t.Parallel()
	var zero access.RoleGraph
	selfEdges := []access.Role{{ID: 1, ParentIDs: []int64{1}, ChildIDs: []int64{1}}}
	if zero.HasEdges() || access.NewRoleGraph(selfEdges).HasEdges() {
		t.Error("there are edges")
	}
	if !access.NewRoleGraph(company()).HasEdges() {
		t.Error("there are no edges")
	}
	if zero.Contains(1, 2) || zero.CoveredBy(1, access.NewRoleSet(1)) || len(zero.Inherited([]int64{1, 2}, nil)) != 0 {
		t.Error("the zero graph has a relation")
	}
}

func TestCycleContainsItsOwnRoles(t *testing.T) {
	t.Parallel()
	g := access.NewRoleGraph([]access.Role{{ID: 1, ChildIDs: []int64{2}}, {ID: 2, ChildIDs: []int64{1}}})
	if !g.Contains(1, 1) || !g.Contains(2, 1) || g.LeafPairs()[1] != nil || g.CoveredBy(1, access.RoleSet{}) {
		t.Error("the roles of a cycle do not contain each other, have leaves or cover themselves")
	}
	if !g.CoveredBy(1, access.NewRoleSet(2)) {
		t.Error("a role is not covered by its only child")
	}
}

func TestCoveredBy(t *testing.T) {
	t.Parallel()
	g := access.NewRoleGraph(company())
	for _, c := range []struct {
		name string
		id   int64
		set  []int64
		want bool
	}{
		{"all children", 1, []int64{2, 7}, true},
		{"a grandchild in place of its parent", 1, []int64{3, 7}, true},
		{"one child is missing", 1, []int64{2}, false},
		{"the role itself does not cover it", 1, []int64{1}, false},
		{"a role without children", 8, []int64{8}, false},
		{"an unknown role", 99, []int64{99}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := g.CoveredBy(c.id, access.NewRoleSet(c.set...)); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestInherited(t *testing.T) {
	t.Parallel()
	g := access.NewRoleGraph(company())
	cycle := access.NewRoleGraph([]access.Role{{ID: 5, ParentIDs: []int64{6, 4}}, {ID: 6, ParentIDs: []int64{5}}})
	for _, c := range []struct {
		name             string
		graph            access.RoleGraph
		assigned, direct []int64
		want             []int64
	}{
		{"nothing assigned", g, nil, nil, nil},
		{"a parent is assigned", g, []int64{2, 3}, nil, []int64{3}},
		{"a chain", g, []int64{3, 2, 1}, nil, []int64{2, 3}},
		{"only a grandparent is assigned", g, []int64{1, 3}, nil, nil},
		{"the vendor reports it as direct", g, []int64{2, 3}, []int64{3}, nil},
		{"a direct role explains its children", g, []int64{1, 2, 3}, []int64{2}, []int64{3}},
		{"a cycle alone", cycle, []int64{5, 6}, nil, nil},
		{"a cycle that an assigned role leads into", cycle, []int64{4, 5, 6}, nil, []int64{5, 6}},
		{"duplicate and unknown ids", g, []int64{99, 99, 3, 3, 2}, nil, []int64{3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := c.graph.Inherited(c.assigned, access.NewRoleSet(c.direct...)).Sorted()
			if !slices.Equal(got, c.want) {
				t.Errorf("inherited %v, want %v", got, c.want)
			}
		})
	}
}

// randomRoles returns up to 9 roles with ids from 1 to 9. Ids repeat, edges lead to roles that are not listed and to
// the role itself, and cycles are common.
func randomRoles(r *rand.Rand) []access.Role {
	ids := func(most int) []int64 {
		var list []int64
		for range r.IntN(most + 1) {
			list = append(list, 1+r.Int64N(9))
		}
		return list
	}
	roles := make([]access.Role, r.IntN(10))
	for i := range roles {
		roles[i] = access.Role{ID: 1 + r.Int64N(9), ParentIDs: ids(2), ChildIDs: ids(2)}
	}
	return roles
}

// naiveGraph is the reachability matrix of Floyd and Warshall beside the direct edges.
type naiveGraph struct{ edge, reach [10][10]bool }

func newNaiveGraph(roles []access.Role) naiveGraph {
	var n naiveGraph
	for _, role := range roles {
		for _, parent := range role.ParentIDs {
			n.edge[parent][role.ID] = parent != role.ID || n.edge[parent][role.ID]
		}
		for _, child := range role.ChildIDs {
			n.edge[role.ID][child] = child != role.ID || n.edge[role.ID][child]
		}
	}
	n.reach = n.edge
	for via := range 10 {
		for from := range 10 {
			for to := range 10 {
				n.reach[from][to] = n.reach[from][to] || n.reach[from][via] && n.reach[via][to]
			}
		}
	}
	return n
}

func (n naiveGraph) isLeaf(id int64) bool { return n.edge[id] == [10]bool{} }

func (n naiveGraph) isContained(id int64) bool {
	for container := range int64(10) {
		if n.edge[container][id] {
			return true
		}
	}
	return false
}

func (n naiveGraph) containedByOthers(ids []int64) access.RoleSet {
	contained := access.RoleSet{}
	for _, a := range ids {
		for _, b := range ids {
			if a != b && n.reach[a][b] {
				contained[b] = true
			}
		}
	}
	return contained
}

// coveredBy is the least solution of the definition, found by repeating it until nothing changes.
func (n naiveGraph) coveredBy(set access.RoleSet) access.RoleSet {
	covered := access.RoleSet{}
	for range 10 {
		for id := range int64(10) {
			all := !n.isLeaf(id)
			for child := range int64(10) {
				all = all && (!n.edge[id][child] || set[child] || covered[child])
			}
			if all {
				covered[id] = true
			}
		}
	}
	return covered
}

// inherited is the least solution of the definition, found by repeating it until nothing changes.
func (n naiveGraph) inherited(assigned []int64, direct access.RoleSet) access.RoleSet {
	explained, inherited := access.RoleSet{}, access.RoleSet{}
	for _, id := range assigned {
		hasParent := slices.ContainsFunc(assigned, func(p int64) bool { return n.edge[p][id] })
		explained[id] = direct[id] || !hasParent
	}
	for range 10 {
		for _, id := range assigned {
			byParent := slices.ContainsFunc(assigned, func(p int64) bool { return n.edge[p][id] && explained[p] })
			if !explained[id] && byParent {
				explained[id], inherited[id] = true, true
			}
		}
	}
	return inherited
}

func TestRoleGraphAgreesWithNaiveImplementation(t *testing.T) {
	t.Parallel()
	// The seeds are fixed, so that a failure can be repeated.
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		roles := randomRoles(r)
		g, naive := access.NewRoleGraph(roles), newNaiveGraph(roles)
		set, assigned, direct := access.RoleSet{}, []int64(nil), access.RoleSet{}
		for id := int64(1); id < 10; id++ {
			set[id] = r.IntN(2) == 0
			if r.IntN(3) > 0 {
				assigned = append(assigned, id)
			}
			if r.IntN(5) == 0 {
				direct[id] = true
			}
		}
		covered := naive.coveredBy(set)
		for a := int64(1); a < 10; a++ {
			closure, containers, leaves := access.NewRoleSet(a), access.NewRoleSet(a), access.RoleSet{}
			for b := int64(1); b < 10; b++ {
				if g.Contains(a, b) != naive.reach[a][b] || g.ContainsDirectly(a, b) != naive.edge[a][b] {
					t.Fatalf("seed %d: %d contains %d: %v, want %v", seed, a, b, g.Contains(a, b), naive.reach[a][b])
				}
				child, parent := slices.Contains(g.Children(a), b), slices.Contains(g.Parents(b), a)
				if child != naive.edge[a][b] || parent != naive.edge[a][b] {
					t.Fatalf("seed %d: the edge from %d to %d", seed, a, b)
				}
				if naive.reach[a][b] {
					closure[b] = true
				}
				if naive.reach[b][a] {
					containers[b] = true
				}
			}
			for id := range closure {
				if naive.isLeaf(id) {
					leaves[id] = true
				}
			}
			if !maps.Equal(g.Closure(a), closure) || !maps.Equal(g.Containers(a), containers) {
				t.Fatalf("seed %d: closure of %d %v, containers %v", seed, a, g.Closure(a), g.Containers(a))
			}
			contained := func(id int64) bool { return leaves[id] }
			if pair := g.LeafPairs()[a]; len(leaves) > 1 && (len(pair) != 2 || pair[0] == pair[1]) ||
				len(leaves) < 2 && pair != nil || len(slices.DeleteFunc(slices.Clone(pair), contained)) > 0 {
				t.Fatalf("seed %d: two leaves of %d %v, want two of %v", seed, a, pair, leaves.Sorted())
			}
			outside := slices.ContainsFunc(leaves.Sorted(), func(id int64) bool { return !set[id] && naive.isContained(id) })
			if g.WithLeafOutside(set)[a] != outside {
				t.Fatalf("seed %d: %d has a leaf outside %v: %v, leaves %v", seed, a, set.Sorted(), !outside, leaves.Sorted())
			}
			if g.CoveredBy(a, set) != covered[a] {
				t.Fatalf("seed %d: %d covered by %v: %v", seed, a, set.Sorted(), !covered[a])
			}
		}
		if got, want := g.ContainedByOthers(assigned), naive.containedByOthers(assigned); !maps.Equal(got, want) {
			t.Fatalf("seed %d: of %v, others contain %v, want %v", seed, assigned, got.Sorted(), want.Sorted())
		}
		if got, want := g.Inherited(assigned, direct), naive.inherited(assigned, direct); !maps.Equal(got, want) {
			t.Fatalf("seed %d: inherited %v, want %v", seed, got.Sorted(), want.Sorted())
		}
	}
}

func TestWithAddsEdgesAndLeavesTheReceiverUnchanged(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 2))
		known, further := randomRoles(r), randomRoles(r)
		g := access.NewRoleGraph(known)
		joined := g.With(further)
		_ = g.With(randomRoles(r)) // shares slices with joined and must not write into them
		alone, both := access.NewRoleGraph(known), access.NewRoleGraph(slices.Concat(known, further))
		for id := int64(1); id < 10; id++ {
			if !slices.Equal(g.Children(id), alone.Children(id)) || !slices.Equal(g.Parents(id), alone.Parents(id)) {
				t.Fatalf("seed %d: With changed the edges of %d in its receiver", seed, id)
			}
			if !slices.Equal(joined.Children(id), both.Children(id)) || !slices.Equal(joined.Parents(id), both.Parents(id)) {
				t.Fatalf("seed %d: the edges of %d are not those of both lists", seed, id)
			}
		}
	}
}

// deepAndWide returns a chain of roles, of which each contains the next one, and a role that contains all others.
func deepAndWide(size int) (deep, wide access.RoleGraph, all []int64) {
	chain, star := make([]access.Role, size), []access.Role{{ID: 0}}
	for i := range int64(size) {
		chain[i] = access.Role{ID: i, ChildIDs: []int64{i + 1}}
		star[0].ChildIDs = append(star[0].ChildIDs, i+1)
		all = append(all, i)
	}
	return access.NewRoleGraph(chain), access.NewRoleGraph(star), all
}

// The work is linear: anything else would take minutes with as many roles.
func TestDeepAndWideCatalogues(t *testing.T) {
	t.Parallel()
	const size = 50_000
	deep, wide, all := deepAndWide(size)
	if !deep.Contains(0, size) || len(deep.Closure(0)) != size+1 || len(deep.Containers(size)) != size+1 {
		t.Error("the chain is not followed to its end")
	}
	if len(deep.LeafPairs()) != 0 || len(deep.WithLeafOutside(nil)) != size+1 ||
		!deep.CoveredBy(0, access.NewRoleSet(size)) {
		t.Error("the chain does not lead to its last role")
	}
	if len(deep.Inherited(all, nil)) != size-1 || len(deep.ContainedByOthers(all)) != size-1 {
		t.Error("only the first role of the chain is not inherited")
	}
	if len(wide.LeafPairs()) != 1 || wide.CoveredBy(0, access.NewRoleSet(all...)) ||
		!wide.WithLeafOutside(access.NewRoleSet(all...))[0] {
		t.Error("the star has other leaves, or is covered without its last one")
	}
	if len(wide.ContainedByOthers(all)) != size-1 {
		t.Error("the star does not contain all others")
	}
}
