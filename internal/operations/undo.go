package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// HadEffect reports whether an operation is closed, and all or a part of it was applied. Only such an operation can be
// undone.
func HadEffect(op audit.Operation) bool {
	return !op.Open && (op.Result == audit.Applied || op.Result == audit.PartlyApplied)
}

// Reverse returns the change of roles that undoes the intent's.
func (i Intent) Reverse() access.Difference {
	return access.Difference{Grant: idsOf(i.Revoke), Revoke: idsOf(i.Grant)}
}

// ReverseFor returns what of Reverse a principal with these direct roles still needs.
func (i Intent) ReverseFor(direct []int64) access.Difference {
	reverse := i.Reverse()
	return access.NewDifference(direct, slices.Concat(reverse.Grant, reverse.Revoke), reverse.Grant)
}

// RolesAfter returns the direct roles that the target had once the operation was applied.
func (i Intent) RolesAfter() []int64 {
	return access.Difference{Grant: idsOf(i.Grant), Revoke: idsOf(i.Revoke)}.Apply(idsOf(i.Before))
}
