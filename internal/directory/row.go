package directory

import (
	"slices"
	"strings"
	"unique"
)

// row is a subuser with what finding and sorting need, worked out once.
type row struct {
	Subuser            // without keys, which are the snapshot's
	login       string // folded, as are the next two
	description string
	roles       []string
	text        string // all that a search looks through, a line for each thing
}

func newRow(s Subuser) *row {
	s.Keys, s.KeysKnown = nil, false
	r := &row{Subuser: s, login: fold(s.Login), description: fold(s.Description)}
	for _, role := range s.Roles {
		r.roles = append(r.roles, foldedName(role.Name))
	}
	slices.Sort(r.roles)
	r.text = r.login + "\n" + r.description + "\n" + strings.Join(r.roles, "\n")
	return r
}

// roleCount is how many roles the subuser holds; fewer than none when that is not known.
func (r *row) roleCount() int {
	if !r.RolesKnown {
		return -1
	}
	return len(r.roles)
}

// same says whether two rows say the same of a subuser.
func (r *row) same(other *row) bool {
	return r.ID == other.ID && r.Login == other.Login && r.Description == other.Description && r.Mark == other.Mark &&
		r.RolesKnown == other.RolesKnown && slices.Equal(r.Roles, other.Roles)
}

// foldedName is fold for names that many rows share: equal ones share their memory.
func foldedName(name string) string { return unique.Make(fold(name)).Value() }
