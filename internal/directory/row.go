package directory

import (
	"slices"
	"strings"
	"unique"

	"github.com/voxwarden/voxwarden/internal/access"
)

// row is a principal with the texts that searching and sorting need, folded once. What a search reads comes first, so
// that it is in one or two cache lines.
type row struct {
	searchText        string   // every text that a search looks through, one a line
	foldedRoles       []string // in ascending order
	roleCount         int      // -1 when the roles are not known
	number            int64    // the id of a subuser, 0 for a key
	foldedName        string
	foldedDescription string
	access.Principal  // without the keys of a subuser, which the snapshot has
}

func newRow(p access.Principal) *row {
	p.Keys, p.KeysKnown = nil, false
	r := &row{Principal: p, roleCount: -1, number: p.SubuserID()}
	if p.RolesKnown {
		r.roleCount = len(p.Roles)
	}
	for _, role := range p.Roles {
		r.foldedRoles = append(r.foldedRoles, foldedName(role.Name))
	}
	slices.Sort(r.foldedRoles)
	name, description := fold(p.Name), fold(p.Description)
	texts := []string{name, description}
	if p.Kind == access.Key {
		texts = append(texts, fold(p.ID), fold(p.OwnerLogin))
	}
	r.searchText = strings.Join(append(texts, r.foldedRoles...), "\n")
	r.foldedName = r.searchText[:len(name)] // without memory of its own
	r.foldedDescription = r.searchText[len(name)+1:][:len(description)]
	return r
}

// roleLists are the role lists of rows, by their folded names. Most principals have the roles of many others.
type roleLists map[string]*row

// share makes the row use the role lists of an earlier row with the same roles.
func (lists roleLists) share(r *row) {
	names := strings.Join(r.foldedRoles, "\n")
	first := lists[names]
	if first == nil {
		lists[names] = r
		return
	}
	r.foldedRoles = first.foldedRoles
	if len(r.Roles) > 0 && slices.Equal(r.Roles, first.Roles) {
		r.Roles = first.Roles
	}
}

// foldedName is fold for names that many rows share: equal results share their memory.
func foldedName(name string) string { return unique.Make(fold(name)).Value() }
