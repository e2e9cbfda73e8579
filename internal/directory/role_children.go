package directory

import "slices"

// ChildrenOf returns the roles that a role contains directly, whichever side of the pair the vendor told it on.
func (c Catalogue) ChildrenOf(id int64) []int64 {
	var children []int64
	for _, r := range c.Roles {
		if r.ID == id {
			children = append(children, r.ChildIDs...)
		} else if slices.Contains(r.ParentIDs, id) {
			children = append(children, r.ID)
		}
	}
	slices.Sort(children)
	return slices.Compact(children)
}

// HasParents says whether a role is contained in another.
func (c Catalogue) HasParents(id int64) bool {
	return slices.ContainsFunc(c.Roles, func(r Role) bool {
		return r.ID == id && len(r.ParentIDs) > 0 || slices.Contains(r.ChildIDs, id)
	})
}

// ListsParentRoles says whether the vendor is known to list, for those who hold it, a role that contains others,
// and not only what it contains: whether somebody was seen with one. Nothing is read for it.
func (d *Directory) ListsParentRoles(account int64) bool {
	a := d.account(account)
	snap, c := a.snapshot.Load(), a.catalogue.Load()
	if snap == nil || c == nil {
		return false
	}
	containers := map[int64]bool{}
	for _, r := range c.Roles {
		containers[r.ID] = len(c.ChildrenOf(r.ID)) > 0
	}
	return slices.ContainsFunc(snap.sorted[byLogin], func(r *row) bool {
		return slices.ContainsFunc(r.Roles, func(h RoleAssignment) bool { return containers[h.ID] })
	})
}
