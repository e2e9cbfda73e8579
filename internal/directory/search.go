package directory

import (
	"context"
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
	words, role := words(f.Query), fold(strings.TrimSpace(f.Role))
	if len(words) > 0 || role != "" || f.OutlivedOwner || f.OwnerUnknown || f.WithoutDescription {
		var matches []*row
		for _, r := range rows {
			if r.hasRole(role) && containsAll(r.searchText, words) && s.hasFacts(r, f) {
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

// Search returns the first principals of a kind that match a query, with the number of all matches. It compares as List
// does. A name that equals the query comes first, then names that begin with it, then names that contain it, then other
// matches; equals are by name. It waits and fails as List does.
func (d *Directory) Search(
	ctx context.Context,
	account int64,
	kind access.Kind,
	query string,
	limit int,
) (Page, error) {
	snap, status, err := d.account(account).withKind(ctx, kind, d.coldWait)
	if err != nil {
		return Page{}, err
	}
	if snap == nil {
		return Page{Page: 1, Pages: 1, Status: status}, nil
	}
	all, matches := snap.section(kind), snap.find(kind, Filter{Query: query})
	return Page{
		Rows:    snap.principals(closest(matches, fold(strings.TrimSpace(query)), limit)),
		Matches: len(matches),
		Total:   len(all.sorted[byName]),
		Page:    1,
		Pages:   1,
		Status:  status.of(all),
	}, nil
}

// closest returns at most limit rows, those with the closest name to a folded query first.
func closest(rows []*row, query string, limit int) []*row {
	var equal, begin, contain, other []*row
	keep := func(list *[]*row, r *row) {
		if len(*list) < limit {
			*list = append(*list, r)
		}
	}
	for _, r := range rows {
		switch {
		case r.foldedName == query:
			keep(&equal, r)
		case strings.HasPrefix(r.foldedName, query):
			keep(&begin, r)
		case strings.Contains(r.foldedName, query):
			keep(&contain, r)
		default:
			keep(&other, r)
		}
	}
	found := slices.Concat(equal, begin, contain, other)
	return found[:min(len(found), limit)]
}

// Query is a search that compares texts other than those of principals by the same rule.
type Query struct{ words []string }

// NewQuery returns the search for the words of a text.
func NewQuery(text string) Query { return Query{words(text)} }

// Matches reports whether every word of the query occurs in a text. Case and accents do not matter. A query without
// words matches every text.
func (q Query) Matches(text string) bool { return containsAll(fold(text), q.words) }

// hasFacts reports whether the row matches the filter by owner and description.
func (s *snapshot) hasFacts(r *row, f Filter) bool {
	return (!f.OutlivedOwner || s.outlivedOwner(r)) &&
		(!f.OwnerUnknown || s.ownerUnknown(r)) &&
		(!f.WithoutDescription || r.withoutDescription())
}

// ownerUnknown reports whether the row is a key of which no subuser is known, not even a former one.
func (s *snapshot) ownerUnknown(r *row) bool {
	return r.Kind == access.Key && !r.OwnerKnown && access.Principal{Facts: s.facts[r.Ref]}.LastOwner() == nil
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

// withoutDescription reports whether the row has no description.
func (r *row) withoutDescription() bool { return strings.TrimSpace(r.Description) == "" }

// containsAll reports whether every word occurs in a folded text. A word has no white space, so it cannot match across
// two texts of a row.
func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
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
