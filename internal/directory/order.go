package directory

import (
	"cmp"
	"slices"
	"strings"
)

// order is a way to sort subusers.
type order int

const (
	byLogin order = iota
	byDescription
	byRoles
	byKeys
	byID
	orderCount // how many there are
)

// parseOrder returns the order that a filter asks for; junk means by login.
func parseOrder(name string) order {
	switch name {
	case "description":
		return byDescription
	case "roles":
		return byRoles
	case "keys":
		return byKeys
	case "id":
		return byID
	default:
		return byLogin
	}
}

// checkSubuser orders two rows, and never calls two different ones equal: whoever is alike in what
// is sorted by stands by login.
func (s *snapshot) compare(o order, a, b *row) int {
	if c := s.comparePrimary(o, a, b); c != 0 {
		return c
	}
	if c := strings.Compare(a.foldedLogin, b.foldedLogin); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// comparePrimary orders two rows by nothing but what is sorted by. The empty description comes last. Roles
// are sorted by their number and then by their names, so that those who hold the same stand together.
func (s *snapshot) comparePrimary(o order, a, b *row) int {
	switch o {
	case byDescription:
		if (a.foldedDescription == "") != (b.foldedDescription == "") {
			return strings.Compare(b.foldedDescription, a.foldedDescription)
		}
		return strings.Compare(a.foldedDescription, b.foldedDescription)
	case byRoles:
		if c := cmp.Compare(a.roleCount(), b.roleCount()); c != 0 {
			return c
		}
		return slices.Compare(a.foldedRoles, b.foldedRoles)
	case byKeys:
		return cmp.Compare(len(s.keys.byOwner[a.ID]), len(s.keys.byOwner[b.ID]))
	case byID:
		return cmp.Compare(a.ID, b.ID)
	default:
		return strings.Compare(a.foldedLogin, b.foldedLogin)
	}
}

// reverse returns sorted rows the other way round; those who are alike in what is sorted by stay by login.
func (s *snapshot) reverse(o order, rows []*row) []*row {
	reversed := make([]*row, 0, len(rows))
	for end := len(rows); end > 0; {
		start := end - 1
		for start > 0 && s.comparePrimary(o, rows[start-1], rows[end-1]) == 0 {
			start--
		}
		reversed = append(reversed, rows[start:end]...)
		end = start
	}
	return reversed
}
