package policy

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// PrivilegedSet is the set of privileged roles of a catalogue.
//
// A role is privileged when it is configured as such or contains such a role at any depth. Every role is privileged
// when there is no catalogue or when it lacks a configured name: a misspelt name in the configuration must not leave
// the intended role unprotected. A role that the catalogue lacks is privileged too: it may have been created and
// granted since the catalogue was read. The vendor may list an id several times: any name and any edge counts.
type PrivilegedSet struct {
	All      bool     // every role is privileged
	Missing  []string // configured names, normalised, that the catalogue lacks
	listed   access.RoleSet
	ids      access.RoleSet
	combined []combinedRoles // of each graph that was reported, the newest last
	graph    access.RoleGraph

	configured []int64  // the roles with a configured name
	names      []string // the configured names, normalised
}

// combinedRoles are the privileged roles that contain more than one role without children in a graph. A principal that
// has all of those counts as having the role. A single one proves nothing: every principal with just that role would
// count as privileged.
type combinedRoles struct {
	pairs map[int64][]int64 // by role: two of the roles without children
	graph access.RoleGraph
}

func newCombinedRoles(graph access.RoleGraph, privileged access.RoleSet) combinedRoles {
	pairs := graph.LeafPairs()
	maps.DeleteFunc(pairs, func(id int64, _ []int64) bool { return !privileged[id] })
	return combinedRoles{pairs: pairs, graph: graph}
}

// anyComplete reports whether the roles include all roles without children that one of the combined roles contains, and
// those before did not.
func (c combinedRoles) anyComplete(before, roles access.RoleSet) bool {
	var incomplete, incompleteBefore access.RoleSet // read only if a pair is complete, which is rare
	for id, pair := range c.pairs {
		if !roles[pair[0]] || !roles[pair[1]] {
			continue
		}
		if incomplete == nil {
			incomplete, incompleteBefore = c.graph.WithLeafOutside(roles), c.graph.WithLeafOutside(before)
		}
		if !incomplete[id] && incompleteBefore[id] {
			return true
		}
	}
	return false
}

// Has reports whether the role with this id is privileged.
func (s PrivilegedSet) Has(id int64) bool { return s.All || !s.listed[id] || s.ids[id] }

// MakesPrivileged reports whether a principal with these roles has a privileged role. The vendor does not document
// whether it lists a role that contains others or only the roles without children that it contains. So a principal that
// has all of those counts as having the role.
func (s PrivilegedSet) MakesPrivileged(ids []int64) bool {
	if slices.ContainsFunc(ids, s.Has) {
		return true
	}
	return s.completesPrivileged(nil, ids)
}

// Holders returns a function that reports whether a principal has a privileged role, directly or inherited. It calls
// MakesPrivileged once for principals with the same roles, and must not be called concurrently.
func (s PrivilegedSet) Holders() func(access.Principal) bool {
	known := map[string]bool{} // by the ids of the roles
	var key []byte
	return func(p access.Principal) bool {
		if len(p.Reported) > 0 {
			return s.With(p.Reported).MakesPrivileged(p.RoleIDs())
		}
		key = key[:0]
		for _, role := range p.Roles {
			key = binary.LittleEndian.AppendUint64(key, uint64(role.ID))
		}
		holds, found := known[string(key)]
		if !found {
			holds = s.MakesPrivileged(p.RoleIDs())
			known[string(key)] = holds
		}
		return holds
	}
}

// completesPrivileged reports whether roles, together with those before, include all that a privileged role contains,
// and those before alone did not.
func (s PrivilegedSet) completesPrivileged(before, ids []int64) bool {
	held, all := s.graph.Closure(before...), s.graph.Closure(slices.Concat(before, ids)...)
	return slices.ContainsFunc(s.combined, func(c combinedRoles) bool { return c.anyComplete(held, all) })
}

// Privileged returns the privileged roles of a catalogue with the given graph. A catalogue without roles counts as not
// known.
func (p *Policy) Privileged(catalogue []access.Role, graph access.RoleGraph) PrivilegedSet {
	set := PrivilegedSet{listed: access.RoleSet{}, All: len(catalogue) == 0, graph: graph, names: p.privileged}
	for _, role := range catalogue {
		set.listed[role.ID] = true
	}
	for _, name := range p.privileged {
		found := false
		for _, role := range catalogue {
			if role.HasName(func(listed string) bool { return RoleNameKey(listed) == name }) {
				set.configured, found = append(set.configured, role.ID), true
			}
		}
		if !found {
			set.Missing, set.All = append(set.Missing, name), true
		}
	}
	return set.withGraph(graph)
}

// With returns the set with what the vendor reports elsewhere, such as in its answer about a principal: further names,
// parents and children of roles. No role and no combination of roles becomes less privileged by that.
func (s PrivilegedSet) With(reported []access.Role) PrivilegedSet {
	if len(reported) == 0 {
		return s
	}
	s.configured = slices.Clone(s.configured)
	for _, role := range reported {
		if role.HasName(func(name string) bool { return slices.Contains(s.names, RoleNameKey(name)) }) {
			s.configured = append(s.configured, role.ID)
		}
	}
	return s.withGraph(s.graph.With(reported))
}

// withGraph returns the set for a graph that has at least the edges of the one before.
func (s PrivilegedSet) withGraph(graph access.RoleGraph) PrivilegedSet {
	s.graph, s.ids = graph, graph.Containers(s.configured...)
	s.combined = append(slices.Clip(s.combined), newCombinedRoles(graph, s.ids))
	return s
}

// IsPrivilegedChange reports whether a change of roles is privileged: because of the principal's current roles, of the
// roles to be granted or revoked, or of what all of these make together. Roles to be revoked count, since the principal
// has them until the vendor has revoked them.
func (s PrivilegedSet) IsPrivilegedChange(current, changed []int64) bool {
	return s.MakesPrivileged(slices.Concat(current, changed))
}

// PrivilegedGrants returns those of the granted roles that make a grant privileged: the privileged ones, or all of them
// when none is and they complete a privileged role together with each other or the principal's current roles. With no
// result, the grant adds nothing privileged to the principal.
func (s PrivilegedSet) PrivilegedGrants(current, granted []int64) []int64 {
	var privileged []int64
	for _, id := range granted {
		if s.Has(id) {
			privileged = append(privileged, id)
		}
	}
	if len(privileged) == 0 && s.completesPrivileged(current, granted) {
		return granted
	}
	return privileged
}

// RequireRoleChange returns a *Denied when a change of roles is privileged and the operator does not have the
// permission Privileged. current are the principal's roles, changed the roles to be granted or revoked. With no changed
// roles it decides about any other operation on the principal: editing or deleting an Owner needs the permission.
func (p *Policy) RequireRoleChange(o operator.Operator, set PrivilegedSet, current, changed []int64) error {
	if set.IsPrivilegedChange(current, changed) && !p.May(o, Privileged) {
		return &Denied{Permission: Privileged}
	}
	return nil
}

// SameRoleName reports whether two names are equal without case and spaces.
func SameRoleName(a, b string) bool { return RoleNameKey(a) == RoleNameKey(b) }

// RoleNameKey returns a role name without case and spaces: the vendor spells one role in several ways.
func RoleNameKey(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name))
}
