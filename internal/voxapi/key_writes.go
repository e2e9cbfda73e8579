package voxapi

import "context"

// NewKey is what a key is created from.
type NewKey struct {
	// Name has at most 50 characters; left out when empty.
	Name string
	// Description says where the key is used; left out when empty.
	Description string
	// RoleIDs are the roles to give at once. A key without roles can still call
	// the methods that need none, CreateKey and SetKeyRoles among them.
	RoleIDs []int64
}

// CreateKey creates a key. The private key is in this one answer only; the vendor
// keeps no copy. Codes: 437 too many keys, 435, 440 roles not allowed, 477, 499 name
// too long.
//
// An answer without an error and without the key is Unknown.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/create-key
func (w *Writer) CreateKey(ctx context.Context, account int64, n NewKey) (KeyInfo, error) {
	p := newParams()
	p.optional("key_name", n.Name)
	p.optional("description", n.Description)
	p.roles(n.RoleIDs)
	var info KeyInfo
	err := w.write(ctx, account, "CreateKey", p, func(a envelope) (err error) {
		info, err = decodeKeyInfo(a.result(), account)
		return err
	})
	return info, err
}

// KeyUpdate is a change of a key.
type KeyUpdate struct {
	// ID is the key.
	ID string
	// Description replaces the description, also by an empty one: the vendor
	// requires it, so read it before only renaming.
	Description string
	// Name replaces the name, of at most 50 characters and not blank; nil leaves it.
	Name *string
}

// UpdateKey changes a key's description, and its name if given. Codes: 433 no such key,
// 134, 485 name blank, 477, 499 name too long.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/update-key
func (w *Writer) UpdateKey(ctx context.Context, account int64, change KeyUpdate) error {
	p := newParams()
	p.keyID(change.ID)
	p.text("description", change.Description)
	if change.Name != nil {
		p.text("key_name", *change.Name)
	}
	return w.write(ctx, account, "UpdateKey", p, decodeDone)
}

// DeleteKey deletes a key. What becomes of the tokens that it signed, and of
// rules that are bound to it, is not documented. Code 433: no such key.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/delete-key
func (w *Writer) DeleteKey(ctx context.Context, account int64, id string) error {
	p := newParams()
	p.keyID(id)
	return w.write(ctx, account, "DeleteKey", p, decodeDone)
}

// SetKeyRoles sets roles of a key; at least one. Whether they replace those held
// or are added is not documented: send all that are wanted, and read back.
// Codes: 433 no such key, 435 not this set of roles, 440 no such role.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/set-key-roles
func (w *Writer) SetKeyRoles(ctx context.Context, account int64, id string, roleIDs []int64) error {
	p := newParams()
	p.keyID(id)
	p.requiredRoles(roleIDs)
	return w.write(ctx, account, "SetKeyRoles", p, decodeDone)
}

// RemoveKeyRoles takes roles from a key; at least one. Codes: 433 no such key, 435
// not this set of roles, 440 no such role.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/remove-key-roles
func (w *Writer) RemoveKeyRoles(ctx context.Context, account int64, id string, roleIDs []int64) error {
	p := newParams()
	p.keyID(id)
	p.requiredRoles(roleIDs)
	return w.write(ctx, account, "RemoveKeyRoles", p, decodeDone)
}
