package operations

import (
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// UnrequestedChanges are the names of roles that changed beside what an operation asked for. The vendor may have had an
// undocumented reason, or another person changed the same principal at that moment.
type UnrequestedChanges struct {
	Lost   []string // direct roles that were not revoked, and that the principal no longer has
	Gained []string // direct roles that were not granted, and that the principal did not have
}

// Any reports whether there are such roles.
func (u UnrequestedChanges) Any() bool { return len(u.Lost)+len(u.Gained) > 0 }

// Message returns a sentence for the audit log, "" when there is nothing to say.
func (u UnrequestedChanges) Message() string {
	var parts []string
	if len(u.Lost) > 0 {
		parts = append(parts, "lost "+join(u.Lost))
	}
	if len(u.Gained) > 0 {
		parts = append(parts, "gained "+join(u.Gained))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Other roles changed too: " + strings.Join(parts, "; ") + "."
}

// unrequestedChanges compares two readings of a principal with the intent of the operation between them. Roles that a
// granted role contains belong to the grant.
func unrequestedChanges(before, after access.Principal, intent Intent, c directory.Catalogue) UnrequestedChanges {
	requested := c.Graph().Closure(idsOf(intent.Grant)...)
	var lost, gained []int64
	for _, id := range access.Without(before.DirectRoleIDs(), idsOf(intent.Revoke)) {
		if !after.HasRole(id) {
			lost = append(lost, id)
		}
	}
	for _, id := range after.DirectRoleIDs() {
		if !before.HasRole(id) && !requested[id] {
			gained = append(gained, id)
		}
	}
	return UnrequestedChanges{Lost: c.Names(lost), Gained: c.Names(gained)}
}
