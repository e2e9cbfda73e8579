package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// Difference is what a change of roles does to a principal.
type Difference struct {
	Principal        access.Principal  // read just now
	Change           access.Difference // by id
	Grant            []string          // the names of Change
	Revoke           []string
	Keep             []string // the other direct roles
	PrivilegedGrants []int64  // those of Change.Grant that make it the grant of a privileged role, which needs a reason
	AlsoGranted      []string // roles that granted ones contain, and that the principal does not have yet
	AlsoRevoked      []string // roles that the principal has only through revoked ones
	LastOwner        bool     // it revokes Owner from the last subuser who has it: Confirm must be the login
	Catalogue        directory.Catalogue
	Keys             []access.Principal // with Force: the known keys of the subuser, from which the roles are revoked too
	Warnings         []Warning          // with Force: what the page must show
	BlockedReason    string             // a sentence: why the change is not possible here; "" when it is
}

// newDifference compares a change with the roles that the form was built from.
func newDifference(form RolesForm, change access.Difference) Difference {
	kept := access.Without(form.Base, change.Revoke)
	d := Difference{
		Principal: form.Principal,
		Change:    change,
		Catalogue: form.Catalogue,
		Grant:     form.Catalogue.Names(change.Grant),
		Revoke:    form.Catalogue.Names(change.Revoke),
		Keep:      form.Catalogue.Names(kept),
	}
	after := form.Catalogue.Graph().Closure(slices.Concat(kept, change.Grant)...)
	for _, r := range form.Catalogue.Roles {
		had := form.Principal.HasRole(r.ID)
		switch {
		case after[r.ID] && !had && !slices.Contains(change.Grant, r.ID):
			d.AlsoGranted = append(d.AlsoGranted, r.Name)
		case !after[r.ID] && had && !slices.Contains(change.Revoke, r.ID):
			d.AlsoRevoked = append(d.AlsoRevoked, r.Name)
		}
	}
	return d
}
