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
	orders // how many there are
)

// orderNamed returns the order that a filter asks for; junk means by login.
func orderNamed(name string) order {
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

// compare orders two rows, and never calls two different ones equal: whoever is alike in what
// is sorted by stands by login.
func (s *snapshot) compare(o order, a, b *row) int {
	if c := s.compareFirst(o, a, b); c != 0 {
		return c
	}
	if c := strings.Compare(a.login, b.login); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// compareFirst orders two rows by nothing but what is sorted by. The empty description comes last. Roles
// are sorted by their number and then by their names, so that those who hold the same stand together.
func (s *snapshot) compareFirst(o order, a, b *row) int {
	switch o {
	case byDescription:
		if (a.description == "") != (b.description == "") {
			return strings.Compare(b.description, a.description)
		}
		return strings.Compare(a.description, b.description)
	case byRoles:
		if c := cmp.Compare(a.roleCount(), b.roleCount()); c != 0 {
			return c
		}
		return slices.Compare(a.roles, b.roles)
	case byKeys:
		return cmp.Compare(len(s.keys.of[a.ID]), len(s.keys.of[b.ID]))
	case byID:
		return cmp.Compare(a.ID, b.ID)
	default:
		return strings.Compare(a.login, b.login)
	}
}

// reverse returns sorted rows the other way round; those who are alike in what is sorted by stay by login.
func (s *snapshot) reverse(o order, rows []*row) []*row {
	reversed := make([]*row, 0, len(rows))
	for end := len(rows); end > 0; {
		start := end - 1
		for start > 0 && s.compareFirst(o, rows[start-1], rows[end-1]) == 0 {
			start--
		}
		reversed = append(reversed, rows[start:end]...)
		end = start
	}
	return reversed
}
