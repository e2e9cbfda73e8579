package directory

import (
	"cmp"
	"slices"
	"strconv"
	"unique"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// roleIndex is what the catalogue reports about roles: which contain which, and their names by id. The zero roleIndex
// knows no role.
type roleIndex struct {
	graph access.RoleGraph
	names map[int64]string
}

func newRoleIndex(listed []voxapi.Role) roleIndex {
	index := roleIndex{graph: access.NewRoleGraph(edgesOf(listed)), names: map[int64]string{}}
	for _, role := range listed {
		if index.names[role.ID] == "" {
			index.names[role.ID] = role.Name
		}
	}
	return index
}

// edgesOf returns the roles with nothing but their ids, parents and children.
func edgesOf(listed []voxapi.Role) []access.Role {
	roles := make([]access.Role, 0, len(listed))
	for _, role := range listed {
		roles = append(roles, access.Role{ID: role.ID, ParentIDs: role.ParentIDs, ChildIDs: role.ChildIDs})
	}
	return roles
}

// roleName is what a held role is called: as in the catalogue, since the vendor's pages do not spell all names
// alike, and a filter by the catalogue's name must find who holds the role; else as its own row says.
func (i roleIndex) roleName(role voxapi.Role) string {
	return cmp.Or(i.names[role.ID], role.Name, fallbackRoleName(role.ID))
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
func (i roleIndex) roleAssignments(held []voxapi.Role) []access.RoleAssignment {
	held = mergeDuplicates(held)
	var inherited access.RoleSet
	if graph := i.graph.With(edgesOf(held)); graph.HasEdges() {
		ids, direct := make([]int64, 0, len(held)), access.RoleSet{}
		for _, role := range held {
			ids = append(ids, role.ID)
			if role.Inherited != nil && !*role.Inherited {
				direct[role.ID] = true
			}
		}
		inherited = graph.Inherited(ids, direct)
	} else {
		inherited = flaggedInherited(held)
	}
	roles := make([]access.RoleAssignment, 0, len(held))
	for _, role := range held {
		roles = append(roles, access.RoleAssignment{
			ID: role.ID,
			// Thousands of subusers have the same few roles: their names share memory.
			Name:    unique.Make(i.roleName(role)).Value(),
			Direct:  !inherited[role.ID],
			GUIOnly: role.GUIOnly,
		})
	}
	return roles
}

// flaggedInherited returns the roles that the vendor marks as inherited, none when there is no other role that they
// could come from.
func flaggedInherited(held []voxapi.Role) access.RoleSet {
	inherited := access.RoleSet{}
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
