package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// ownersLock serialises the operations of an account that revoke Owner from a subuser.
const ownersLock = "owners"

// isOwner reports whether a name is that of the vendor's Owner.
func isOwner(name string) bool { return policy.SameRoleName(name, "Owner") }

// isOwnerRole reports whether a role is the vendor's Owner by its name or by any name in the catalogue.
func isOwnerRole(c directory.Catalogue, id int64, name string) bool {
	role, listed := c.ByID(id)
	return isOwner(name) || listed && role.HasName(isOwner)
}

// isLastOwner reports whether revoking these roles revokes Owner from the last subuser who has it. The listing only
// suggests other owners; each is read by id. It returns true when they cannot be read, so that the operator must
// confirm.
func (s *Service) isLastOwner(
	ctx context.Context,
	account int64,
	subuser access.Ref,
	revoke []int64,
	catalogue directory.Catalogue,
) bool {
	at := slices.IndexFunc(revoke, func(role int64) bool {
		return isOwnerRole(catalogue, role, "")
	})
	if at < 0 {
		return false
	}
	owners, _, err := s.Directory.WithRole(ctx, account, access.Subuser, revoke[at])
	if err != nil {
		return true
	}
	for _, owner := range owners {
		if owner.Ref == subuser {
			continue
		}
		current, err := s.Directory.ByID(ctx, account, owner.Ref)
		if err == nil && current.HasRole(revoke[at]) {
			return false
		}
	}
	return true
}

// becameLastOwner is the note of an operation that found, when it had the lock, that the only other subuser with Owner
// has lost it.
const becameLastOwner = "This subuser has just become the last one with Owner. Nothing was sent. Open the form again " +
	"to confirm."
