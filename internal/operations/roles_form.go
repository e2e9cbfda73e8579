package operations

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// RoleChoice is one role of a form.
type RoleChoice struct {
	Role             access.Role
	Direct           bool   // directly held now
	Inherited        bool   // held, but only through a parent that is held too
	Privileged       bool   // only an admin may grant or revoke it
	Offered          bool   // this operator may tick it here
	NotOfferedReason string // a sentence, when it is not offered for another reason than Inherited
}

// RolesForm is what the form for a subuser's roles, or for a new subuser, is drawn from.
type RolesForm struct {
	ID           string            // a new operation id
	Subuser      directory.Subuser // read just now; zero for a new one, and for a key
	Key          directory.Key     // read just now, when the roles are a key's
	IsConsoleKey bool              // it is the key that the console runs on
	Base         []int64           // its direct roles
	Choices      []RoleChoice      // the catalogue in its order, then held roles that the catalogue lacks
	Catalogue    directory.Catalogue
	Missing      []string // configured privileged role names that the catalogue lacks: every role counts as privileged
}

// Offered returns the ids that the form offers.
func (f RolesForm) Offered() []int64 {
	var ids []int64
	for _, c := range f.Choices {
		if c.Offered {
			ids = append(ids, c.Role.ID)
		}
	}
	return ids
}

// Difference is a change of roles, before it is made or after.
type Difference struct {
	Subuser       directory.Subuser
	Key           directory.Key // of a change of a key's roles
	IsConsoleKey  bool          // it is the key that the console runs on
	Grant         []string      // names
	Revoke        []string
	Keep          []string
	AlsoGranted   []string // contained in what is granted, and not held yet
	AlsoRevoked   []string // held only through what is revoked
	LastOwner     bool     // it takes Owner from the last subuser who has it: Confirm must be the login
	GrantIDs      []int64
	RevokeIDs     []int64
	Catalogue     directory.Catalogue
	NothingToDo   bool
	Keys          []directory.Key // with Force: those known to be theirs, which lose the revoked roles too
	Warnings      []Warning       // with Force: what the page must say
	BlockedReason string          // a sentence: why nobody may do this here; "" when it can be done
}
