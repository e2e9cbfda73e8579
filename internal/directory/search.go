package directory

import (
	"slices"
	"strings"
)

const (
	defaultPerPage = 50
	noRolesFilter  = "-" // SubuserFilter.Role for those who hold none
)

// find returns the rows that a filter asks for, in its order. They may be the snapshot's own: read only.
func (s *snapshot) find(f SubuserFilter) []*row {
	o := parseOrder(f.Sort)
	rows := s.sorted[o]
	if words, role := words(f.Query), fold(strings.TrimSpace(f.Role)); len(words) > 0 || role != "" {
		var matches []*row
		for _, r := range rows {
			if r.hasRole(role) && r.containsAll(words) {
				matches = append(matches, r)
			}
		}
		rows = matches
	}
	if f.Desc {
		rows = s.reverse(o, rows)
	}
	return rows
}

// words splits a query; a word that is given twice counts once.
func words(query string) []string {
	words := strings.Fields(fold(query))
	slices.Sort(words)
	return slices.Compact(words)
}

// containsAll says whether every word occurs somewhere in the row. A word has no white space, so it cannot
// reach from one thing into the next.
func (r *row) containsAll(words []string) bool {
	for _, word := range words {
		if !strings.Contains(r.searchText, word) {
			return false
		}
	}
	return true
}

// hasRole says whether the row has the role with this folded name. Whose roles are not known is not among
// those without.
func (r *row) hasRole(role string) bool {
	switch role {
	case "":
		return true
	case noRolesFilter:
		return r.roleCount() == 0
	default:
		return slices.Contains(r.foldedRoles, role)
	}
}
