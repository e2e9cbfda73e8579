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
