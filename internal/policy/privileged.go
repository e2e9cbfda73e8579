package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// PrivilegedSet says which of the vendor's roles are privileged.
//
// A role is privileged if it is a configured one, or contains one at any depth. When that cannot be told,
// because there is no catalogue or a configured name is not in it, every role is: a name that was misspelt
// in the configuration must not open the door to the role that was meant. Of a role that the catalogue does not
// list it cannot be told either: the vendor may have made it, and given it away, since the catalogue was read.
type PrivilegedSet struct {
	All      bool     // every role is privileged
	Missing  []string // configured names, normalised, that the catalogue lacks
	listed   access.RoleSet
	ids      access.RoleSet
	leafSets [][]int64 // for each privileged role that contains more than one role without children: those
	graph    access.RoleGraph
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
	all := s.graph.Closure(ids...)
	return slices.ContainsFunc(s.leafSets, func(innermost []int64) bool {
		return !slices.ContainsFunc(innermost, func(id int64) bool { return !all[id] })
	})
}

// Privileged returns the privileged roles of a catalogue with the given graph. A catalogue without roles counts as not
// known.
func (p *Policy) Privileged(catalogue []access.Role, graph access.RoleGraph) PrivilegedSet {
	set := PrivilegedSet{listed: access.RoleSet{}, All: len(catalogue) == 0, graph: graph}
	for _, role := range catalogue {
		set.listed[role.ID] = true
	}
	var configured []int64
	for _, name := range p.privileged {
		found := false
		for _, role := range catalogue {
			if normaliseName(role.Name) == name {
				configured, found = append(configured, role.ID), true
			}
		}
		if !found {
			set.Missing, set.All = append(set.Missing, name), true
		}
	}
	set.ids = graph.Containers(configured...)
	for _, role := range catalogue {
		if !set.ids[role.ID] {
			continue
		}
		// A single role proves nothing: every principal with just that role would count as privileged.
		if leaves := graph.Leaves(role.ID); len(leaves) > 1 {
			set.leafSets = append(set.leafSets, leaves)
		}
	}
	return set
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
