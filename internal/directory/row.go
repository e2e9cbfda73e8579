package directory

import (
	"slices"
	"strings"
	"unique"
)

// row is a subuser with what finding and sorting need, worked out once.
type row struct {
	Subuser                  // without keys, which are the snapshot's
	foldedLogin       string // folded, as are the next two
	foldedDescription string
	foldedRoles       []string
	searchText        string // all that a search looks through, a line for each thing
}

func newRow(s Subuser) *row {
	s.Keys, s.KeysKnown = nil, false
	r := &row{Subuser: s, foldedLogin: fold(s.Login), foldedDescription: fold(s.Description)}
	for _, role := range s.Roles {
		r.foldedRoles = append(r.foldedRoles, foldedName(role.Name))
	}
	slices.Sort(r.foldedRoles)
	r.searchText = r.foldedLogin + "\n" + r.foldedDescription + "\n" + strings.Join(r.foldedRoles, "\n")
	return r
}

// roleCount is how many roles the subuser holds; fewer than none when that is not known.
func (r *row) roleCount() int {
	if !r.RolesKnown {
		return -1
	}
	return len(r.foldedRoles)
}

// equal says whether two rows say the same of a subuser.
func (r *row) equal(other *row) bool {
	return r.ID == other.ID && r.Login == other.Login && r.Description == other.Description && r.Tag == other.Tag &&
		r.RolesKnown == other.RolesKnown && slices.Equal(r.Roles, other.Roles)
}

// foldedName is fold for names that many rows share: equal ones share their memory.
func foldedName(name string) string { return unique.Make(fold(name)).Value() }
