package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// order is a way to sort principals.
type order int

const (
	byName order = iota
	byDescription
	byRoles
	byID
	byKeys    // subusers, by the number of their keys
	byOwner   // keys, by the login of the subuser that they belong to
	byCreated // keys, by when they were created or seen for the first time
	orderCount
)

// sortOrders returns the orders of a kind's list by their names in Filter.Sort. A new sortable column needs a constant
// above, a name here, a case in comparePrimary, and the column itself in views/principals/columns.templ.
func sortOrders(kind access.Kind) map[string]order {
	orders := map[string]order{"name": byName, "description": byDescription, "roles": byRoles, "id": byID}
	switch kind {
	case access.Subuser:
		orders["keys"] = byKeys
	case access.Key:
		orders["owner"] = byOwner
		orders["created"] = byCreated
	}
	return orders
}

// compare orders two rows of one kind: by o, then by name, then by id. It returns 0 only for rows of one id.
func (s *snapshot) compare(o order, a, b *row) int {
	if c := s.comparePrimary(o, a, b); c != 0 {
		return c
	}
	if c := compareText(a.foldedName, b.foldedName); c != 0 {
		return c
	}
	return a.Compare(b.Ref)
}

// comparePrimary orders two rows by o alone. Roles are compared by their number and then by their names, so that
// principals with the same roles stand together.
func (s *snapshot) comparePrimary(o order, a, b *row) int {
	switch o {
	case byDescription:
		return compareText(a.foldedDescription, b.foldedDescription)
	case byOwner:
		return compareText(fold(a.OwnerLogin), fold(b.OwnerLogin))
	case byCreated:
		return compareTime(s.knownSince(a), s.knownSince(b))
	case byRoles:
		if c := cmp.Compare(a.roleCount, b.roleCount); c != 0 {
			return c
		}
		return slices.Compare(a.foldedRoles, b.foldedRoles)
	case byKeys:
		return cmp.Compare(len(s.keysByOwner[a.number]), len(s.keysByOwner[b.number]))
	case byID:
		return a.Compare(b.Ref)
	default:
		return compareText(a.foldedName, b.foldedName)
	}
}

// knownSince returns when a row was created or seen for the first time.
func (s *snapshot) knownSince(r *row) time.Time {
	return access.Principal{Facts: s.facts[r.Ref]}.KnownSince()
}

// compareTime orders times, the zero time last.
func compareTime(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		return b.Compare(a)
	}
	return a.Compare(b)
}

// compareText orders texts, the empty one last.
func compareText(a, b string) int {
	if (a == "") != (b == "") {
		return strings.Compare(b, a)
	}
	return strings.Compare(a, b)
}

// samePrimary reports whether comparePrimary returns 0. It is faster: most texts that differ have different lengths.
func (s *snapshot) samePrimary(o order, a, b *row) bool {
	switch o {
	case byName:
		return a.foldedName == b.foldedName
	case byDescription:
		return a.foldedDescription == b.foldedDescription
	default:
		return s.comparePrimary(o, a, b) == 0
	}
}

// reverse returns sorted rows in descending order. Rows that o does not tell apart stay in ascending order of name.
func (s *snapshot) reverse(o order, rows []*row) []*row {
	reversed := make([]*row, 0, len(rows))
	for end := len(rows); end > 0; {
		start := end - 1
		for start > 0 && s.samePrimary(o, rows[start-1], rows[end-1]) {
			start--
		}
		reversed = append(reversed, rows[start:end]...)
		end = start
	}
	return reversed
}
