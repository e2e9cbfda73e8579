package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// unasked compares two readings with the change between them. A role that a granted one contains, at any depth,
// was asked for with it; and taking a role away takes away what was held only through it.
func unasked(before, after []directory.RoleAssignment, intent Intent, c directory.Catalogue) Unasked {
	grant, revoke := idsOf(intent.Grant), idsOf(intent.Revoke)
	asked := closure(c, grant)
	var lost, gained []int64
	for _, r := range before {
		if r.Direct && !slices.Contains(revoke, r.ID) && !has(after, r.ID) {
			lost = append(lost, r.ID)
		}
	}
	for _, r := range after {
		if r.Direct && !has(before, r.ID) && !asked[r.ID] {
			gained = append(gained, r.ID)
		}
	}
	return Unasked{Lost: c.Names(lost), Gained: c.Names(gained)}
}

// has says whether a role is among those held, in whichever way.
func has(held []directory.RoleAssignment, id int64) bool {
	return slices.ContainsFunc(held, func(r directory.RoleAssignment) bool { return r.ID == id })
}

// closure are roles and all that they contain, at any depth, without order.
func closure(c directory.Catalogue, roles []int64) map[int64]bool {
	all := map[int64]bool{}
	for next := slices.Clone(roles); len(next) > 0; next = next[1:] {
		if !all[next[0]] {
			all[next[0]] = true
			next = append(next, c.ChildrenOf(next[0])...)
		}
	}
	return all
}

// along are the names of roles that come and go with a change, because they are contained in roles of it.
func along(form RolesForm, kept, grant, revoke []int64) (brings, takes []string) {
	held, after := form.heldIDs(), closure(form.Catalogue, slices.Concat(kept, grant))
	for _, r := range form.Catalogue.Roles {
		switch {
		case after[r.ID] && !slices.Contains(held, r.ID) && !slices.Contains(grant, r.ID):
			brings = append(brings, r.Name)
		case !after[r.ID] && slices.Contains(held, r.ID) && !slices.Contains(revoke, r.ID):
			takes = append(takes, r.Name)
		}
	}
	return brings, takes
}
