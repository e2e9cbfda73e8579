package operations

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// ownersLock serialises the operations of an account that revoke Owner from a subuser.
const ownersLock = "owners"

// isOwner reports whether a role is the vendor's Owner.
func isOwner(name string) bool { return strings.EqualFold(strings.TrimSpace(name), "Owner") }

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
		r, ok := catalogue.ByID(role)
		return ok && isOwner(r.Name)
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
