package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// unasked compares two readings with the change between them. A role that a granted one contains, at any depth,
// was asked for with it; and taking a role away takes away what was held only through it.
func unasked(before, after directory.Subuser, intent Intent, c directory.Catalogue) Unasked {
	grant, revoke := idsOf(intent.Grant), idsOf(intent.Revoke)
	var lost, gained []int64
	for _, id := range before.DirectIDs() {
		if !slices.Contains(revoke, id) && !slices.Contains(after.HeldIDs(), id) {
			lost = append(lost, id)
		}
	}
	for _, id := range after.DirectIDs() {
		if !slices.Contains(before.HeldIDs(), id) && !within(c, grant, id) {
			gained = append(gained, id)
		}
	}
	return Unasked{Lost: c.Names(lost), Gained: c.Names(gained)}
}

// within says whether a role is one of others, or contained in one of them at any depth.
func within(c directory.Catalogue, others []int64, id int64) bool {
	seen := map[int64]bool{}
	for next := slices.Clone(others); len(next) > 0; next = next[1:] {
		if next[0] == id {
			return true
		}
		if !seen[next[0]] {
			seen[next[0]] = true
			next = append(next, c.ChildrenOf(next[0])...)
		}
	}
	return false
}
