package access

import (
	"maps"
	"slices"
)

// Role is a role of the account's catalogue, as GetRoles returns it.
type Role struct {
	ID        int64
	Name      string
	Group     string  // the name of the role group, "" when the role is in none or groups are not known
	GUIOnly   bool    // the vendor's gui_only: the role concerns the vendor's panel only
	ParentIDs []int64 // roles that contain this one; the vendor may leave them out
	ChildIDs  []int64 // roles that this one contains; the vendor may leave them out

	// OtherNames are further names under which the vendor lists the id. A role that has a privileged name under any row
	// is privileged.
	OtherNames []string
}

// HasName reports whether one of the names of the role matches.
func (r Role) HasName(matches func(name string) bool) bool {
	return matches(r.Name) || slices.ContainsFunc(r.OtherNames, matches)
}

// RoleSet is a set of role ids.
type RoleSet map[int64]bool

// NewRoleSet returns the set of the given ids.
func NewRoleSet(ids ...int64) RoleSet {
	set := make(RoleSet, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// Sorted returns the ids in ascending order.
func (s RoleSet) Sorted() []int64 { return slices.Sorted(maps.Keys(s)) }

// RoleGraph records which roles contain which. Cycles, duplicate ids and ids that no role has are legal: each method
// visits a role once. The zero RoleGraph has no edges. A RoleGraph never changes and is safe for concurrent use.
type RoleGraph struct {
	parents  map[int64][]int64
	children map[int64][]int64
}

// NewRoleGraph returns the graph of the given roles. The vendor reports one edge as child_ids of the parent, as
// parent_role_id of the child, or both; which of them it leaves out is not documented. An edge from a role to itself is
// ignored.
func NewRoleGraph(roles []Role) RoleGraph { return RoleGraph{}.With(roles) }

// With returns the graph with the edges of further roles added, such as those in a principal's own answer. It returns
// the same graph when they add nothing.
func (g RoleGraph) With(roles []Role) RoleGraph {
	parents, children := map[int64][]int64{}, map[int64][]int64{}
	add := func(parent, child int64) {
		if parent != child && !g.ContainsDirectly(parent, child) {
			parents[child] = append(parents[child], parent)
			children[parent] = append(children[parent], child)
		}
	}
	for _, role := range roles {
		for _, parent := range role.ParentIDs {
			add(parent, role.ID)
		}
		for _, child := range role.ChildIDs {
			add(role.ID, child)
		}
	}
	if len(parents) == 0 {
		return g
	}
	return RoleGraph{parents: merge(g.parents, parents), children: merge(g.children, children)}
}

// merge returns the edges of both, each once and in ascending order. It changes neither and shares the slices of known.
func merge(known, added map[int64][]int64) map[int64][]int64 {
	merged := make(map[int64][]int64, len(known)+len(added))
	maps.Copy(merged, known)
	for from, to := range added {
		all := slices.Concat(known[from], to)
		slices.Sort(all)
		merged[from] = slices.Compact(all)
	}
	return merged
}

// HasEdges reports whether any role is known to contain another.
func (g RoleGraph) HasEdges() bool { return len(g.parents) > 0 }

// Parents returns the roles that contain a role directly, in ascending order. The caller must not change it.
func (g RoleGraph) Parents(id int64) []int64 { return g.parents[id] }

// Children returns the roles that a role contains directly, in ascending order. The caller must not change it.
func (g RoleGraph) Children(id int64) []int64 { return g.children[id] }

// Closure returns the given roles and all roles that they contain, at any depth.
func (g RoleGraph) Closure(ids ...int64) RoleSet { return reach(g.children, ids) }

// Containers returns the given roles and all roles that contain one of them, at any depth.
func (g RoleGraph) Containers(ids ...int64) RoleSet { return reach(g.parents, ids) }

// ContainsDirectly reports whether a role contains another one without a third role between them.
func (g RoleGraph) ContainsDirectly(container, contained int64) bool {
	_, found := slices.BinarySearch(g.children[container], contained)
	return found
}

// Contains reports whether a role contains another one, at any depth. In a cycle every role contains itself.
func (g RoleGraph) Contains(container, contained int64) bool {
	return reach(g.children, g.children[container])[contained]
}

// LeafPairs returns, for each role that contains more than one role without children, at any depth, two of these.
func (g RoleGraph) LeafPairs() map[int64][]int64 {
	pairs := origins(g.parents, g.leavesOutside(nil))
	maps.DeleteFunc(pairs, func(_ int64, leaves []int64) bool { return len(leaves) < 2 })
	return pairs
}

// WithLeafOutside returns the roles that contain a role without children, at any depth, that is not in the set. A role
// without children contains itself.
func (g RoleGraph) WithLeafOutside(set RoleSet) RoleSet { return g.Containers(g.leavesOutside(set)...) }

// leavesOutside returns the contained roles without children that are not in the set.
func (g RoleGraph) leavesOutside(set RoleSet) []int64 {
	var leaves []int64
	for id := range g.parents {
		if len(g.children[id]) == 0 && !set[id] {
			leaves = append(leaves, id)
		}
	}
	return leaves
}

// ContainedByOthers returns those of the given roles that another one of them contains, at any depth.
func (g RoleGraph) ContainedByOthers(ids []int64) RoleSet {
	from, contained := origins(g.children, ids), RoleSet{}
	for _, id := range ids {
		if slices.ContainsFunc(from[id], func(origin int64) bool { return origin != id }) {
			contained[id] = true
		}
	}
	return contained
}

// CoveredBy reports whether a role contains others and each of them is in the set or is itself covered by the set. A
// cycle is not covered by itself.
func (g RoleGraph) CoveredBy(id int64, set RoleSet) bool {
	missing := map[int64]int{} // children of each role that are neither in the set nor known to be covered
	var covered []int64
	for role := range g.Closure(id) {
		children := g.children[role]
		for _, child := range children {
			if !set[child] {
				missing[role]++
			}
		}
		if len(children) > 0 && missing[role] == 0 {
			covered = append(covered, role)
		}
	}
	for len(covered) > 0 {
		role := covered[len(covered)-1]
		covered = covered[:len(covered)-1]
		if role == id {
			return true
		}
		if set[role] {
			continue // its containers do not wait for it
		}
		for _, container := range g.parents[role] {
			if missing[container]--; missing[container] == 0 {
				covered = append(covered, container)
			}
		}
	}
	return false
}

// Inherited returns those of the assigned roles that follow from the others: roles outside direct that one of the
// assigned roles contains directly, and from which that chain leads back to a role that does not follow from another.
// Roles that contain each other in a cycle do not explain each other.
func (g RoleGraph) Inherited(assigned []int64, direct RoleSet) RoleSet {
	candidates := NewRoleSet(assigned...)
	isCandidate := func(id int64) bool { return candidates[id] }
	var explained []int64
	for id := range candidates {
		if direct[id] || !slices.ContainsFunc(g.parents[id], isCandidate) {
			explained = append(explained, id)
		}
	}
	for _, id := range explained {
		delete(candidates, id)
	}
	inherited := RoleSet{}
	for len(explained) > 0 {
		id := explained[len(explained)-1]
		explained = explained[:len(explained)-1]
		for _, child := range g.children[id] {
			if candidates[child] {
				delete(candidates, child)
				inherited[child] = true
				explained = append(explained, child)
			}
		}
	}
	return inherited
}

func reach(edges map[int64][]int64, from []int64) RoleSet {
	reached := RoleSet{}
	for next := slices.Clone(from); len(next) > 0; {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if !reached[id] {
			reached[id] = true
			next = append(next, edges[id]...)
		}
	}
	return reached
}

// origins returns, for each role that can be reached from others, up to two of these. Each role counts as reached from
// itself. Two are enough to know whether a role is reached from several, or from another one than itself, and keep the
// work linear.
func origins(edges map[int64][]int64, from []int64) map[int64][]int64 {
	type step struct{ id, origin int64 }
	next := make([]step, 0, len(from))
	for _, id := range from {
		next = append(next, step{id, id})
	}
	reached := map[int64][]int64{}
	for len(next) > 0 {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		known := reached[at.id]
		if len(known) == 2 || slices.Contains(known, at.origin) {
			continue
		}
		reached[at.id] = append(known, at.origin)
		for _, id := range edges[at.id] {
			next = append(next, step{id, at.origin})
		}
	}
	return reached
}
