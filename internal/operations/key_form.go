package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// KeyForm is what a form about one key, other than that of its roles, is drawn from.
type KeyForm struct {
	ID            string        // a new operation id
	Key           directory.Key // read just now
	Catalogue     directory.Catalogue
	IsConsoleKey  bool   // it is the key that the console runs on
	BlockedReason string // a sentence: why nobody may do this here; "" when it can be done
}

// NewKeyForm draws the form for a new key: all roles this operator may give. It fails with policy.Denied.
func (s *Service) NewKeyForm(ctx context.Context, o operator.Operator, account int64) (RolesForm, error) {
	if err := s.Policy.Require(o, policy.KeysCreate); err != nil {
		return RolesForm{}, err
	}
	return s.rolesForm(o, RolesForm{Catalogue: s.Directory.Catalogue(ctx, account)}), nil
}

// KeyRolesForm reads the key and draws the form for its roles. It fails with policy.Denied, directory.ErrNotFound or
// a directory.LastError.
func (s *Service) KeyRolesForm(ctx context.Context, o operator.Operator, account int64, id string) (RolesForm, error) {
	form, err := s.keyForm(ctx, o, policy.KeysRoles, account, id)
	if err != nil {
		return RolesForm{}, err
	}
	return s.rolesForm(o, RolesForm{
		Key:          form.Key,
		IsConsoleKey: form.IsConsoleKey,
		Base:         form.Key.DirectRoleIDs(),
		Catalogue:    form.Catalogue,
	}), nil
}

// keyForm reads a key for a form.
func (s *Service) keyForm(
	ctx context.Context,
	o operator.Operator,
	permission policy.Permission,
	account int64,
	id string,
) (KeyForm, error) {
	if err := s.Policy.Require(o, permission); err != nil {
		return KeyForm{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	key, err := s.Directory.KeyByID(ctx, account, id)
	if err != nil {
		return KeyForm{}, err
	}
	catalogue := s.Directory.Catalogue(ctx, account)
	if err := s.Policy.RequireRoleChange(o, s.PrivilegedRoles(catalogue), key.RoleIDs(), nil); err != nil {
		return KeyForm{}, err
	}
	return KeyForm{ID: s.NewID(), Key: key, Catalogue: catalogue, IsConsoleKey: s.isConsoleKey(key.ID)}, nil
}
