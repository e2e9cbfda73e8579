package directory

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
)

// ListsParentRoles reports whether the vendor is known to list a role that contains others for a principal that has it,
// and not only the contained ones: whether a subuser in the snapshot has such a role. It reads nothing.
func (d *Directory) ListsParentRoles(account int64) bool {
	a := d.account(account)
	snap, c := a.snapshot.Load(), a.catalogue.Load()
	if snap == nil || c == nil {
		return false
	}
	graph := c.Graph()
	return slices.ContainsFunc(snap.subusers.sorted[byName], func(r *row) bool {
		return slices.ContainsFunc(r.Roles, func(assigned access.RoleAssignment) bool {
			return len(graph.Children(assigned.ID)) > 0
		})
	})
}
