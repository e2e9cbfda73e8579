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
	graph      access.RoleGraph
	names      map[int64]string
	otherNames map[int64][]string // of ids that are listed with several names; usually none
}

func newRoleIndex(listed []voxapi.Role) roleIndex {
	index := roleIndex{graph: access.NewRoleGraph(edgesOf(listed)), names: map[int64]string{}}
	for _, role := range listed {
		switch {
		case index.names[role.ID] == "":
			index.names[role.ID] = role.Name
		case role.Name != "" && !index.hasName(role):
			if index.otherNames == nil {
				index.otherNames = map[int64][]string{}
			}
			index.otherNames[role.ID] = append(index.otherNames[role.ID], role.Name)
		}
	}
	return index
}

// hasName reports whether the catalogue lists the role with this name.
func (i roleIndex) hasName(role voxapi.Role) bool {
	return i.names[role.ID] == role.Name || slices.Contains(i.otherNames[role.ID], role.Name)
}

// unlisted returns what the vendor's answer about a principal reports of its roles and the catalogue does not, by role:
// names, parents and children. A catalogue that is not known adds nothing to be compared with: every role counts as
// privileged then.
func (i roleIndex) unlisted(assigned []voxapi.Role) []access.Role {
	var reported []access.Role
	for _, role := range assigned {
		more := access.Role{ID: role.ID}
		if role.Name != "" && !i.hasName(role) {
			more.Name = role.Name
		}
		for _, parent := range role.ParentIDs {
			if !i.graph.ContainsDirectly(parent, role.ID) {
				more.ParentIDs = append(more.ParentIDs, parent)
			}
		}
		for _, child := range role.ChildIDs {
			if !i.graph.ContainsDirectly(role.ID, child) {
				more.ChildIDs = append(more.ChildIDs, child)
			}
		}
		if more.Name != "" || len(more.ParentIDs)+len(more.ChildIDs) > 0 {
			reported = append(reported, more)
		}
	}
	return reported
}

// edgesOf returns the roles with nothing but their ids, parents and children.
func edgesOf(listed []voxapi.Role) []access.Role {
	roles := make([]access.Role, 0, len(listed))
	for _, role := range listed {
		roles = append(roles, access.Role{ID: role.ID, ParentIDs: role.ParentIDs, ChildIDs: role.ChildIDs})
	}
	return roles
}

// roleName returns the name of an assigned role: the catalogue's, else the row's own. The vendor spells some names in
// several ways, and a filter by the catalogue's name must find every principal with the role.
func (i roleIndex) roleName(role voxapi.Role) string {
	return cmp.Or(i.names[role.ID], role.Name, fallbackRoleName(role.ID))
}

// mergeDuplicates returns the roles by id, each once. The vendor does not document whether a role that is both direct
// and inherited is listed twice. The merged role has the edges of all its rows, and is direct when any of them is.
func mergeDuplicates(assigned []voxapi.Role) []voxapi.Role {
	var roles []voxapi.Role
	byID := func(a, b voxapi.Role) int { return cmp.Compare(a.ID, b.ID) }
	for _, role := range slices.SortedStableFunc(slices.Values(assigned), byID) {
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

// roleAssignments returns the roles of a principal by id, each once, as direct or inherited.
//
// The vendor's flag alone cannot decide it: the published example has an inherited role without any of its parents. So
// a role is inherited only when the principal also has one of its parents and the flag is not false. The flag decides
// alone when neither the catalogue nor the roles themselves report any parents.
func (i roleIndex) roleAssignments(assigned []voxapi.Role) []access.RoleAssignment {
	assigned = mergeDuplicates(assigned)
	var inherited access.RoleSet
	if graph := i.graph.With(edgesOf(assigned)); graph.HasEdges() {
		ids, direct := make([]int64, 0, len(assigned)), access.RoleSet{}
		for _, role := range assigned {
			ids = append(ids, role.ID)
			if role.Inherited != nil && !*role.Inherited {
				direct[role.ID] = true
			}
		}
		inherited = graph.Inherited(ids, direct)
	} else {
		inherited = flaggedInherited(assigned)
	}
	roles := make([]access.RoleAssignment, 0, len(assigned))
	for _, role := range assigned {
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

// flaggedInherited returns the roles with the vendor's inherited flag, none when every role has it: then there is no
// role to inherit them from.
func flaggedInherited(assigned []voxapi.Role) access.RoleSet {
	inherited := access.RoleSet{}
	for _, role := range assigned {
		if role.Inherited != nil && *role.Inherited {
			inherited[role.ID] = true
		}
	}
	if len(inherited) == len(assigned) {
		return nil
	}
	return inherited
}

// fallbackRoleName returns the name of a role that the vendor reports without one.
func fallbackRoleName(id int64) string { return "role " + strconv.FormatInt(id, 10) }
