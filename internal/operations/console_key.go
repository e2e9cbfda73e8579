package operations

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// ConsoleKeyProtected is the error of an operation that would delete the console key or revoke its Owner. Nothing was
// sent, and no operator may do it here.
type ConsoleKeyProtected struct{ Message string }

// Error implements error.
func (*ConsoleKeyProtected) Error() string { return "the operation would change the console key" }

// IsConsoleKey reports whether a principal is the key that this server uses for the API.
func (s *Service) IsConsoleKey(ref access.Ref) bool {
	return !ref.IsZero() && ref == access.KeyRef(s.ConsoleKeyID())
}

// ConsoleKeyOwner reads the console key and returns the subuser that it belongs to. known is false when the vendor does
// not report it, or does not list the key. It fails when the key cannot be read.
func (s *Service) ConsoleKeyOwner(ctx context.Context, account int64) (owner access.Ref, known bool, err error) {
	ref := access.KeyRef(s.ConsoleKeyID())
	if ref.IsZero() {
		return access.Ref{}, false, nil
	}
	key, err := s.Directory.ByID(ctx, account, ref)
	switch {
	case notFound(err):
		return access.Ref{}, false, nil
	case err != nil:
		return access.Ref{}, false, err
	case key.BelongsTo != nil:
		owner = *key.BelongsTo
	}
	return owner, key.OwnerKnown, nil
}

// consoleKeyNeedsOwner is the reason for which a change of the console key's roles is blocked.
const consoleKeyNeedsOwner = "This is the console key. It needs Owner to manage subusers, and this change may revoke " +
	"Owner. Give the console another key first."

// mayLoseOwner reports whether a change of the console key's direct roles may leave it without Owner, even for a
// moment: roles are revoked first, and a lost connection may prevent the grant. A vendor that does not list roles which
// contain others may not list Owner, and SetKeyRoles, where it replaces, then revokes it.
func mayLoseOwner(
	c directory.Catalogue,
	listsParentRoles bool,
	before []int64,
	change access.Difference,
) bool {
	kept := access.Without(before, change.Revoke)
	if includesOwner(c, before) {
		return !includesOwner(c, kept)
	}
	return len(change.Grant) > 0 && !listsParentRoles && !includesOwner(c, slices.Concat(kept, change.Grant))
}

// includesOwner reports whether one of the roles is Owner or contains it.
func includesOwner(c directory.Catalogue, roles []int64) bool {
	all := c.Graph().Closure(roles...)
	return slices.ContainsFunc(c.Roles, func(r access.Role) bool { return r.HasName(isOwner) && all[r.ID] })
}
