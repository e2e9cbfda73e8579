package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// OwnKey says that an act would take the key away that the console runs on, or its Owner. Nothing was sent, and
// nobody may do it here.
type OwnKey struct{ Sentence string }

// Error implements error.
func (*OwnKey) Error() string { return "the act would reach the console's own key" }

// isOwnKey says whether a key is the one that the console runs on.
func (s *Service) isOwnKey(id string) bool { return id != "" && id == s.OwnKey() }

// OwnKeyOwner reads the console's own key and says which subuser's it is; known is false when the vendor does not
// say, or does not show the key. It fails when the key cannot be read.
func (s *Service) OwnKeyOwner(ctx context.Context, account int64) (owner int64, known bool, err error) {
	own := s.OwnKey()
	if own == "" {
		return 0, false, nil
	}
	key, err := s.Directory.KeyByID(ctx, account, own)
	if notFound(err) {
		return 0, false, nil
	}
	return key.OwnerID, err == nil && key.OwnerKnown, err
}

// takesOwnersRole says whether a change of a key's direct roles leaves it without Owner when it has that now.
func takesOwnersRole(c directory.Catalogue, before, after []int64) bool {
	return reachesOwner(c, before) && !reachesOwner(c, after)
}

// reachesOwner says whether one of the roles is Owner or contains it.
func reachesOwner(c directory.Catalogue, roles []int64) bool {
	all := closure(c, roles)
	return slices.ContainsFunc(c.Roles, func(r directory.Role) bool { return isOwner(r.Name) && all[r.ID] })
}
