package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// unrequestedChanges compares two readings with the change between them. A role that a granted one contains, at any
// depth, was asked for with it; and taking a role away takes away what was held only through it.
func unrequestedChanges(
	before, after []access.RoleAssignment,
	intent Intent,
	c directory.Catalogue,
) UnrequestedChanges {
	grant, revoke := idsOf(intent.Grant), idsOf(intent.Revoke)
	requested := c.Graph().Closure(grant...)
	var lost, gained []int64
	for _, r := range before {
		if r.Direct && !slices.Contains(revoke, r.ID) && !containsRole(after, r.ID) {
			lost = append(lost, r.ID)
		}
	}
	for _, r := range after {
		if r.Direct && !containsRole(before, r.ID) && !requested[r.ID] {
			gained = append(gained, r.ID)
		}
	}
	return UnrequestedChanges{Lost: c.Names(lost), Gained: c.Names(gained)}
}

// containsRole says whether a role is among those held, in whichever way.
func containsRole(roles []access.RoleAssignment, id int64) bool {
	return slices.ContainsFunc(roles, func(r access.RoleAssignment) bool { return r.ID == id })
}

// impliedChanges are the names of roles that come and go with a change, because they are contained in roles of it.
func impliedChanges(form RolesForm, kept, grant, revoke []int64) (alsoGranted, alsoRevoked []string) {
	roleIDs, after := form.roleIDs(), form.Catalogue.Graph().Closure(slices.Concat(kept, grant)...)
	for _, r := range form.Catalogue.Roles {
		switch {
		case after[r.ID] && !slices.Contains(roleIDs, r.ID) && !slices.Contains(grant, r.ID):
			alsoGranted = append(alsoGranted, r.Name)
		case !after[r.ID] && slices.Contains(roleIDs, r.ID) && !slices.Contains(revoke, r.ID):
			alsoRevoked = append(alsoRevoked, r.Name)
		}
	}
	return alsoGranted, alsoRevoked
}
