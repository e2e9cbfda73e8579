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
	r := &row{
		Principal:         p,
		roleCount:         -1,
		number:            p.SubuserID(),
		foldedName:        fold(p.Name),
		foldedDescription: fold(p.Description),
	}
	if p.RolesKnown {
		r.roleCount = len(p.Roles)
	}
	for _, role := range p.Roles {
		r.foldedRoles = append(r.foldedRoles, foldedName(role.Name))
	}
	slices.Sort(r.foldedRoles)
	texts := []string{r.foldedName, r.foldedDescription}
	if p.Kind == access.Key {
		texts = append(texts, fold(p.ID), fold(p.OwnerLogin))
	}
	r.searchText = strings.Join(append(texts, r.foldedRoles...), "\n")
	return r
}

// foldedName is fold for names that many rows share: equal results share their memory.
func foldedName(name string) string { return unique.Make(fold(name)).Value() }
