package directory

import (
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
)

const (
	defaultPerPage = 50
	noRolesFilter  = "-" // Filter.Role for principals without roles
)

// find returns the rows of a kind that a filter selects, in its order. They may be the snapshot's own: read only.
func (s *snapshot) find(kind access.Kind, f Filter) []*row {
	o := kinds()[kind].orders[f.Sort] // byName for an unknown name
	rows := s.section(kind).sorted[o]
	if words, role := words(f.Query), fold(strings.TrimSpace(f.Role)); len(words) > 0 || role != "" || f.OutlivedOwner {
		var matches []*row
		for _, r := range rows {
			if r.hasRole(role) && r.containsAll(words) && (!f.OutlivedOwner || s.outlivedOwner(r)) {
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

// outlivedOwner reports whether the row is a key that has outlived the subuser that it belonged to.
func (s *snapshot) outlivedOwner(r *row) bool {
	facts := s.facts[r.Ref]
	return facts != nil && access.Principal{BelongsTo: r.BelongsTo, Facts: facts}.OutlivedOwner()
}

// words splits a query into its different words.
func words(query string) []string {
	words := strings.Fields(fold(query))
	slices.Sort(words)
	return slices.Compact(words)
}

// containsAll reports whether every word occurs in the row. A word has no white space, so it cannot match across two
// texts of the row.
func (r *row) containsAll(words []string) bool {
	for _, word := range words {
		if !strings.Contains(r.searchText, word) {
			return false
		}
	}
	return true
}

// hasRole reports whether the row has the role with this folded name. A row with unknown roles is not among the rows
// without roles.
func (r *row) hasRole(role string) bool {
	switch role {
	case "":
		return true
	case noRolesFilter:
		return r.roleCount == 0
	default:
		return slices.Contains(r.foldedRoles, role)
	}
}
