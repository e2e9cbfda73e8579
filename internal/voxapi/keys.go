package voxapi

import (
	"context"
	"encoding/json"
	"errors"
)

// Key is a service account: the right of a program to call the API.
type Key struct {
	// ID is the key's id, a UUID.
	ID string
	// Name has at most 50 characters; may be empty.
	Name string
	// Description is free text.
	Description string
	// Roles are the roles held, direct and inherited.
	Roles []Role
	// RolesKnown is false when the answer had no roles field. Roles is empty then,
	// and that does not mean that none are held.
	RolesKnown bool
	// Owner is the subuser whose key it is. The vendor's clients disagree on
	// whether there can be several.
	Owner []SubUser
	// OwnerKnown is false when the answer names no owner. That does not mean that
	// nobody owns the key.
	OwnerKnown bool
}

// KeysQuery chooses which keys to list.
type KeysQuery struct {
	// ID asks for one key; empty for all.
	ID string
	// WithRoles asks for the roles of each.
	WithRoles bool
	// Offset skips so many rows.
	Offset int
	// Count is the wanted page size; 0 leaves it to the vendor. The vendor's
	// default and maximum are not documented: a short page is not the last one.
	Count int
}

// GetKeys lists keys; there is no total. An unknown id gives an empty list or
// code 433: which one is not documented. Any key may call it.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/get-keys
func (r *Reader) GetKeys(ctx context.Context, account int64, q KeysQuery) ([]Key, error) {
	p := newParams()
	p.optional("key_id", q.ID)
	p.flag("with_roles", q.WithRoles)
	p.count("offset", q.Offset)
	p.count("count", q.Count)
	return readList(ctx, r, account, "GetKeys", p, wireKey.key)
}

// GetKeyRoles lists the roles that a key holds; expanded asks for the roles'
// additional properties. Code 433: no such key. Any key may call it.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/get-key-roles
func (r *Reader) GetKeyRoles(ctx context.Context, account int64, id string, expanded bool) ([]Role, error) {
	p := newParams()
	p.keyID(id)
	p.flag("with_expanded_roles", expanded)
	return readList(ctx, r, account, "GetKeyRoles", p, wireRole.role)
}

// wireKey is the vendor's KeyView.
type wireKey struct {
	ID          text                 `json:"key_id"`
	Name        text                 `json:"key_name"`
	Description text                 `json:"description"`
	Roles       *oneOrMany[wireRole] `json:"roles"`
	Owner       json.RawMessage      `json:"subuser"`
}

func (w wireKey) key() (Key, error) {
	if w.ID == "" {
		return Key{}, errors.New("a key without key_id")
	}
	roles, known, err := decodeRoles(w.Roles)
	if err != nil {
		return Key{}, err
	}
	owner := decodeOwner(w.Owner)
	return Key{
		ID:          string(w.ID),
		Name:        string(w.Name),
		Description: string(w.Description),
		Roles:       roles,
		RolesKnown:  known,
		Owner:       owner,
		OwnerKnown:  len(owner) > 0,
	}, nil
}

// decodeOwner reads the subuser of a key, an object or a list. Whatever does not
// name a subuser is no knowledge of an owner, and no reason to lose the key.
func decodeOwner(raw json.RawMessage) []SubUser {
	var wire oneOrMany[wireSubUser]
	if raw == nil || json.Unmarshal(raw, &wire) != nil || len(wire) == 0 {
		return nil
	}
	owner, err := convertAll(wire, wireSubUser.subUser)
	if err != nil {
		return nil
	}
	return owner
}
