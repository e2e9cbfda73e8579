package voxapi

import "context"

// NewKey is the input of CreateKey.
type NewKey struct {
	// Name has at most 50 characters; not sent if empty.
	Name string
	// Description is where the key is used; not sent if empty.
	Description string
	// RoleIDs are the initial roles. A key without roles can still call the methods that need no role, among them
	// CreateKey and SetKeyRoles.
	RoleIDs []int64
}

// CreateKey creates a key. Only this response contains the private key; the vendor keeps no copy. Codes: 437 too many
// keys, 435 and 440 roles not allowed, 477 and 499 name too long.
//
// A response without an error and without the key is Unknown.
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

// KeyUpdate is the input of UpdateKey.
type KeyUpdate struct {
	// ID is the id of the key.
	ID string
	// Description replaces the description, also if empty: the vendor requires it, so read it before you only change
	// the name.
	Description string
	// Name replaces the name, with at most 50 characters and not blank; nil keeps it.
	Name *string
}

// UpdateKey changes the description of a key, and its name if given. Codes: 433 no such key, 134 and 485 name blank,
// 477 and 499 name too long.
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

// DeleteKey deletes a key. What happens to the tokens that it signed, and to rules that are bound to it, is not
// documented. Code 433: no such key.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/delete-key
func (w *Writer) DeleteKey(ctx context.Context, account int64, id string) error {
	p := newParams()
	p.keyID(id)
	return w.write(ctx, account, "DeleteKey", p, decodeDone)
}

// SetKeyRoles sets roles of a key; at least one. Whether they replace the current roles or are added to them is not
// documented: send all that are wanted, and read back. Codes: 433 no such key, 435 roles not allowed in this
// combination, 440 no such role.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/set-key-roles
func (w *Writer) SetKeyRoles(ctx context.Context, account int64, id string, roleIDs []int64) error {
	p := newParams()
	p.keyID(id)
	p.requiredRoles(roleIDs)
	return w.write(ctx, account, "SetKeyRoles", p, decodeDone)
}

// RemoveKeyRoles revokes roles from a key; at least one. Codes: 433 no such key, 435 roles not allowed in this
// combination, 440 no such role.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/remove-key-roles
func (w *Writer) RemoveKeyRoles(ctx context.Context, account int64, id string, roleIDs []int64) error {
	p := newParams()
	p.keyID(id)
	p.requiredRoles(roleIDs)
	return w.write(ctx, account, "RemoveKeyRoles", p, decodeDone)
}
