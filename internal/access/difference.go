package access

import "slices"

// Difference is a change of the direct roles of a principal, by role id. Each list contains an id at most once.
type Difference struct {
	Grant  []int64
	Revoke []int64
}

// NewDifference returns the change that a form of roles asks for:
//
//	Grant  = ticked ∩ offered − base
//	Revoke = (offered ∩ base) − ticked
//
// base is the direct roles that the form was drawn from, offered the roles that the form offered, ticked the roles that
// came back. A role that was not offered is never changed. The order is that of offered.
func NewDifference(base, offered, ticked []int64) Difference {
	var d Difference
	for _, id := range offered {
		wanted, had := slices.Contains(ticked, id), slices.Contains(base, id)
		switch {
		case wanted && !had && !slices.Contains(d.Grant, id):
			d.Grant = append(d.Grant, id)
		case had && !wanted && !slices.Contains(d.Revoke, id):
			d.Revoke = append(d.Revoke, id)
		}
	}
	return d
}

// IsEmpty reports whether nothing changes.
func (d Difference) IsEmpty() bool { return len(d.Grant)+len(d.Revoke) == 0 }

// Apply returns the direct roles after the change: the base without Revoke, and then Grant. Ids that the base contains
// already are not added again.
func (d Difference) Apply(base []int64) []int64 {
	return slices.Concat(Without(base, d.Revoke), Without(d.Grant, base))
}

// Without returns the ids that are not among the removed ones, in their order.
func Without(ids, removed []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(removed, id) })
}

// SameRoles reports whether two lists contain the same ids, in any order and any number of times.
func SameRoles(a, b []int64) bool {
	return slices.Equal(NewRoleSet(a...).Sorted(), NewRoleSet(b...).Sorted())
}
