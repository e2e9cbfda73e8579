package operations

import (
	"context"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// ownersLock serialises the acts that take Owner from a subuser, over the whole account.
const ownersLock = "owners"

// isOwner says whether a role is the vendor's Owner.
func isOwner(name string) bool { return strings.EqualFold(strings.TrimSpace(name), "Owner") }

// isLastOwner says whether revoking these roles takes Owner from the last subuser who has it. The listing only
// says whom to ask: whether another one still is an Owner is read by id. When that cannot be read, the answer
// is yes, so that a person confirms.
func (s *Service) isLastOwner(
	ctx context.Context,
	account, id int64,
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
	owners, _, err := s.Directory.SubusersWithRole(ctx, account, revoke[at])
	if err != nil {
		return true
	}
	for _, owner := range owners {
		if owner.ID == id {
			continue
		}
		current, err := s.Directory.SubuserByID(ctx, account, owner.ID)
		if err == nil && slices.Contains(current.RoleIDs(), revoke[at]) {
			return false
		}
	}
	return true
}

// becameLastOwner is what an operation says that found, once it had the lock, that somebody else had meanwhile taken
// Owner from the only other one: nothing was sent, since nobody confirmed that.
const becameLastOwner = "This subuser has just become the last one with Owner. Nothing was sent; open the form again " +
	"to confirm that."
