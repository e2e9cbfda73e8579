package voxapi

import (
	"context"
	"encoding/json"
	"errors"
)

// Key is a service-account key, with which a program calls the API.
type Key struct {
	// ID is the key's id, a UUID.
	ID string
	// Name has at most 50 characters; may be empty.
	Name string
	// Description is free text.
	Description string
	// Roles are the key's roles, direct and inherited.
	Roles []Role
	// RolesKnown is false if the response had no roles field. Roles is then empty, which does not mean that the key has
	// none.
	RolesKnown bool
	// Owner is the subuser that the key belongs to. The vendor's clients disagree on whether there can be several.
	Owner []SubUser
	// OwnerKnown is false if the response names no owner, which does not mean that the key belongs to no subuser.
	OwnerKnown bool
}

// KeysQuery selects keys.
type KeysQuery struct {
	// ID selects one key; empty for all.
	ID string
	// WithRoles includes the roles of each key.
	WithRoles bool
	// Offset is how many rows to skip.
	Offset int
	// Count is the page size; 0 leaves it to the vendor. The vendor's default and maximum are not documented, so a
	// short page is not necessarily the last.
	Count int
}

// GetKeys lists keys, without a total. An unknown id returns an empty list or code 433; which one is not documented.
// Any key may call it.
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

// GetKeyRoles lists the roles of a key. expanded includes additional properties of the roles. Code 433: no such key.
// Any key may call it.
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

// decodeOwner decodes the subuser of a key, an object or a list. A value that does not name a subuser counts as an
// unknown owner, so that the key itself is not lost.
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
