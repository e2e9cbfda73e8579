package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// Role is a role of the vendor's catalogue.
type Role = access.Role

// PrivilegedSet says which of the vendor's roles are privileged.
//
// A role is privileged if it is a configured one, or contains one at any depth. When that cannot be told,
// because there is no catalogue or a configured name is not in it, every role is: a name that was misspelt
// in the configuration must not open the door to the role that was meant. Of a role that the catalogue does not
// list it cannot be told either: the vendor may have made it, and given it away, since the catalogue was read.
type PrivilegedSet struct {
	All      bool     // every role is privileged
	Missing  []string // configured names, normalised, that the catalogue lacks
	listed   map[int64]bool
	ids      map[int64]bool
	leafSets [][]int64         // for each privileged role that contains others: the innermost of those
	children map[int64][]int64 // which roles each one contains directly
}

// Has says whether the role with this id is privileged.
func (s PrivilegedSet) Has(id int64) bool { return s.All || !s.listed[id] || s.ids[id] }

// First returns the first privileged id among those given, and whether there is one.
func (s PrivilegedSet) First(ids []int64) (int64, bool) {
	for _, id := range ids {
		if s.Has(id) {
			return id, true
		}
	}
	return 0, false
}

// MakesPrivileged says whether somebody who holds these roles holds a privileged one. Whether the vendor lists a role
// that contains others, or only the innermost of those, is not published; so who holds all that a privileged
// role comes down to, in whichever way, counts as holding it.
func (s PrivilegedSet) MakesPrivileged(ids []int64) bool {
	if _, any := s.First(ids); any || len(s.leafSets) == 0 {
		return any
	}
	all := s.closure(ids)
	return slices.ContainsFunc(s.leafSets, func(innermost []int64) bool {
		return !slices.ContainsFunc(innermost, func(id int64) bool { return !all[id] })
	})
}

// closure are roles and all that they contain, at any depth.
func (s PrivilegedSet) closure(ids []int64) map[int64]bool {
	all := map[int64]bool{}
	for next := slices.Clone(ids); len(next) > 0; next = next[1:] {
		if !all[next[0]] {
			all[next[0]] = true
			next = append(next, s.children[next[0]]...)
		}
	}
	return all
}

// Privileged works out the privileged roles of a catalogue; an empty one counts as no catalogue.
func (p *Policy) Privileged(catalogue []Role) PrivilegedSet {
	set := PrivilegedSet{listed: map[int64]bool{}, ids: map[int64]bool{}, All: len(catalogue) == 0}
	for _, role := range catalogue {
		set.listed[role.ID] = true
	}
	for _, name := range p.privileged {
		found := false
		for _, role := range catalogue {
			if normaliseName(role.Name) == name {
				set.ids[role.ID], found = true, true
			}
		}
		if !found {
			set.Missing, set.All = append(set.Missing, name), true
		}
	}
	parents := parentsOf(catalogue)
	var addAncestors func(id int64)
	addAncestors = func(id int64) {
		for _, parent := range parents[id] {
			if !set.ids[parent] {
				set.ids[parent] = true
				addAncestors(parent)
			}
		}
	}
	for _, role := range catalogue {
		if set.ids[role.ID] {
			addAncestors(role.ID)
		}
	}
	set.children = map[int64][]int64{}
	for child, above := range parents {
		for _, parent := range above {
			set.children[parent] = append(set.children[parent], child)
		}
	}
	for _, role := range catalogue {
		// One role alone proves nothing: those who have just that would all count as privileged.
		if leaves := leafRoles(set.children, role.ID, map[int64]bool{}); set.ids[role.ID] && len(leaves) > 1 {
			set.leafSets = append(set.leafSets, leaves)
		}
	}
	return set
}

// leafRoles are the roles without children that a role contains at any depth.
func leafRoles(children map[int64][]int64, id int64, seen map[int64]bool) []int64 {
	if seen[id] {
		return nil
	}
	seen[id] = true
	if len(children[id]) == 0 {
		return []int64{id}
	}
	var roles []int64
	for _, child := range children[id] {
		roles = append(roles, leafRoles(children, child, seen)...)
	}
	return roles
}

// RequireRoleChange checks one change of roles: the holder's present roles, and those to be granted or revoked.
// Whoever holds a privileged role may be changed, and a privileged role, or what comes to one with what is held,
// granted or revoked, only with the permission Privileged. It answers nil or a Denied.
func (p *Policy) RequireRoleChange(o operator.Operator, set PrivilegedSet, current, changed []int64) error {
	if set.IsPrivilegedChange(current, changed) && !p.May(o, Privileged) {
		return &Denied{Permission: Privileged}
	}
	return nil
}

// parentsOf joins both directions in which the vendor may tell the same thing: child_ids of the parent
// and parent_role_id of the child. Either may be left out of an answer.
func parentsOf(catalogue []Role) map[int64][]int64 {
	parents := map[int64][]int64{}
	for _, role := range catalogue {
		for _, child := range role.ChildIDs {
			parents[child] = append(parents[child], role.ID)
		}
		parents[role.ID] = append(parents[role.ID], role.ParentIDs...)
	}
	return parents
}

// SameRoleName says whether two names are those of one role: case and spaces do not matter.
func SameRoleName(a, b string) bool { return normaliseName(a) == normaliseName(b) }

// normaliseName makes names comparable: the vendor spells one role with and without spaces and capitals.
func normaliseName(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name))
}
