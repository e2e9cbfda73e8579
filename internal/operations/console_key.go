package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// ConsoleKeyID says that an act would take the key away that the console runs on, or its Owner. Nothing was sent, and
// nobody may do it here.
type ConsoleKeyProtected struct{ Message string }

// Error implements error.
func (*ConsoleKeyProtected) Error() string { return "the act would reach the console's own key" }

// isConsoleKey says whether a key is the one that the console runs on.
func (s *Service) isConsoleKey(id string) bool { return id != "" && id == s.ConsoleKeyID() }

// ConsoleKeyOwner reads the console's own key and says which subuser's it is; known is false when the vendor does not
// say, or does not show the key. It fails when the key cannot be read.
func (s *Service) ConsoleKeyOwner(ctx context.Context, account int64) (owner int64, known bool, err error) {
	consoleKeyID := s.ConsoleKeyID()
	if consoleKeyID == "" {
		return 0, false, nil
	}
	key, err := s.Directory.KeyByID(ctx, account, consoleKeyID)
	if notFound(err) {
		return 0, false, nil
	}
	return key.OwnerID, err == nil && key.OwnerKnown, err
}

// consoleKeyNeedsOwner is why a change of the own key's roles is not made.
const consoleKeyNeedsOwner = "This is the key that the console runs on: without Owner it could no longer manage " +
	"subusers, and this change takes it or might. " +
	"Give the console another key first."

// mayLoseOwner says whether a change of the own key's direct roles could leave it without Owner, half-way too: what is
// revoked goes first, and a lost connection may keep the rest from following. A list that may hide roles which contain
// others may hide Owner, and SetKeyRoles, where it replaces, takes away what it does not name.
func mayLoseOwner(c directory.Catalogue, listsParentRoles bool, before, grant, revoke []int64) bool {
	kept := without(before, revoke)
	if includesOwner(c, before) {
		return !includesOwner(c, kept)
	}
	return len(grant) > 0 && !listsParentRoles && !includesOwner(c, slices.Concat(kept, grant))
}

// includesOwner says whether one of the roles is Owner or contains it.
func includesOwner(c directory.Catalogue, roles []int64) bool {
	all := c.Graph().Closure(roles...)
	return slices.ContainsFunc(c.Roles, func(r access.Role) bool { return isOwner(r.Name) && all[r.ID] })
}
