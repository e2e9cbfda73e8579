package directory

import (
	"cmp"
	"slices"
	"strconv"
	"unique"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// roleGraph says which roles contain which, and what each is called, by id. The zero family knows nothing.
type roleGraph struct {
	parents map[int64][]int64
	names   map[int64]string
}

// newRoleGraph joins both directions in which the vendor may tell the same thing: child_ids of the parent and
// parent_role_id of the child. Either may be left out of an answer, and which one is not documented.
func newRoleGraph(roles []voxapi.Role) roleGraph {
	g := roleGraph{parents: map[int64][]int64{}, names: map[int64]string{}}
	for _, role := range roles {
		if g.names[role.ID] == "" {
			g.names[role.ID] = role.Name
		}
		g.add(role.ID, role.ParentIDs...)
		for _, child := range role.ChildIDs {
			g.add(child, role.ID)
		}
	}
	return g
}

// add notes parents of a role. A role is never its own parent, whatever an answer says.
func (g roleGraph) add(id int64, parents ...int64) {
	for _, parent := range parents {
		if parent != id && !slices.Contains(g.parents[id], parent) {
			g.parents[id] = append(g.parents[id], parent)
		}
	}
}

// withSubuser returns the family with what held roles say of their parents and children themselves.
func (g roleGraph) with(held []voxapi.Role) roleGraph {
	joined := newRoleGraph(held)
	for _, role := range held {
		joined.add(role.ID, g.parents[role.ID]...)
	}
	return joined
}

// roleName is what a held role is called: as in the catalogue, since the vendor's pages do not spell all names
// alike, and a filter by the catalogue's name must find who holds the role; else as its own row says.
func (g roleGraph) roleName(role voxapi.Role) string {
	return cmp.Or(g.names[role.ID], role.Name, fallbackRoleName(role.ID))
}

// mergeDuplicates returns the roles by id, each once. Whether the vendor lists a role twice that is held in two ways is
// not published: what any of its rows tells counts, and one that says it was assigned is enough.
func mergeDuplicates(held []voxapi.Role) []voxapi.Role {
	var roles []voxapi.Role
	for _, role := range slices.SortedStableFunc(
		slices.Values(held),
		func(a, b voxapi.Role) int { return cmp.Compare(a.ID, b.ID) },
	) {
		last := len(roles) - 1
		if last < 0 || roles[last].ID != role.ID {
			roles = append(roles, role)
			continue
		}
		existing := &roles[last]
		existing.Name = cmp.Or(existing.Name, role.Name)
		existing.ParentIDs = slices.Concat(existing.ParentIDs, role.ParentIDs)
		existing.ChildIDs = slices.Concat(existing.ChildIDs, role.ChildIDs)
		if role.Inherited != nil && !*role.Inherited {
			existing.Inherited = role.Inherited
		}
	}
	return roles
}

// roleAssignments says of each role held whether it was assigned itself, by id. An id that is listed twice counts once.
//
// The vendor's own mark cannot decide it: the published example marks a role as inherited whose parents are
// not held. So a role is inherited only if one of its parents is held as well, and the mark does not deny it. Only
// where neither the catalogue nor any role held tells a parent is there nothing but the mark.
func (g roleGraph) roleAssignments(held []voxapi.Role) []RoleAssignment {
	held = mergeDuplicates(held)
	joined := g.with(held)
	inherited := joined.inherited(held)
	if len(g.parents) == 0 && len(joined.parents) == 0 {
		inherited = flaggedInherited(held)
	}
	roles := make([]RoleAssignment, 0, len(held))
	for _, role := range held {
		// Thousands of subusers hold the same few roles: their names share memory.
		name := unique.Make(g.roleName(role)).Value()
		roles = append(roles, RoleAssignment{ID: role.ID, Name: name, Direct: !inherited[role.ID], GUIOnly: role.GUIOnly})
	}
	return roles
}

// inherited returns the roles that are held only through another one. Each must lead, from parent to parent,
// to a role that was assigned: roles that contain each other in a circle do not explain each other.
func (g roleGraph) inherited(held []voxapi.Role) map[int64]bool {
	explained := map[int64]bool{} // assigned, or inherited from what is explained
	unexplained := map[int64]bool{}
	for _, role := range held {
		denied := role.Inherited != nil && !*role.Inherited
		hasParent := slices.ContainsFunc(held, func(p voxapi.Role) bool { return slices.Contains(g.parents[role.ID], p.ID) })
		if denied || !hasParent {
			explained[role.ID] = true
		} else {
			unexplained[role.ID] = true
		}
	}
	inherited := map[int64]bool{}
	for found := true; found; {
		found = false
		for id := range unexplained {
			if slices.ContainsFunc(g.parents[id], func(parent int64) bool { return explained[parent] }) {
				explained[id], inherited[id], found = true, true, true
				delete(unexplained, id)
			}
		}
	}
	return inherited
}

// flaggedInherited returns the roles that the vendor marks as inherited, none when there is no other role that they
// could come from.
func flaggedInherited(held []voxapi.Role) map[int64]bool {
	inherited := map[int64]bool{}
	for _, role := range held {
		if role.Inherited != nil && *role.Inherited {
			inherited[role.ID] = true
		}
	}
	if len(inherited) == len(held) {
		return nil
	}
	return inherited
}

// fallbackRoleName is the name of a role whose name is not known.
func fallbackRoleName(id int64) string { return "role " + strconv.FormatInt(id, 10) }
