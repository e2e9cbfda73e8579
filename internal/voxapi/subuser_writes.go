package voxapi

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/voxwarden/voxwarden/internal/config"
)

// NewSubUser is the input of AddSubUser.
type NewSubUser struct {
	// Login is unique in the account and cannot be changed later. It has 5 to 20 Latin characters and starts with a
	// letter. The vendor stores it in lower case.
	Login string
	// Password has at least 8 characters, with an upper-case letter, a lower-case letter, a digit and a special
	// character.
	Password config.Secret
	// RoleIDs are the initial roles; may be empty.
	RoleIDs []int64
	// Description is free text; not sent if empty.
	Description string
}

// AddSubUser creates a subuser and returns its id. Codes: 436 login taken, 452 and 453 login not allowed, 463, 464,
// 523, 524 and 535 password not allowed, 435 and 440 roles not allowed, 438 too many subusers, 104 the console key is
// not Owner.
//
// A response without an error and without the new id is Unknown.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/add-sub-user
func (w *Writer) AddSubUser(ctx context.Context, account int64, n NewSubUser) (int64, error) {
	p := newParams()
	p.text("new_subuser_name", n.Login)
	p.secret("new_subuser_password", n.Password)
	p.roles(n.RoleIDs)
	p.optional("description", n.Description)
	var id int64
	err := w.write(ctx, account, "AddSubUser", p, func(a envelope) error {
		var wire struct {
			ID *number `json:"subuser_id"`
		}
		if json.Unmarshal(a.result(), &wire) != nil {
			return errors.New("the result is not the documented object")
		}
		var err error
		id, err = requiredID(wire.ID, "a new subuser without subuser_id")
		return err
	})
	return id, err
}

// SubUserInfo is the input of SetSubUserInfo. The login cannot be changed.
type SubUserInfo struct {
	// ID is the id of the subuser.
	ID int64
	// OldPassword is required with NewPassword; not sent if empty.
	OldPassword config.Secret
	// NewPassword replaces the password, with the rules of NewSubUser.Password; not sent if empty.
	NewPassword config.Secret
	// Description replaces the description, also if empty; nil keeps it.
	Description *string
}

// SetSubUserInfo changes the description or the password of a subuser, or both. Codes: 434 no such subuser, 448 old
// password missing, 463, 464, 523, 524 and 535 new password not allowed. The code for a wrong old password is not
// documented.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/set-sub-user-info
func (w *Writer) SetSubUserInfo(ctx context.Context, account int64, change SubUserInfo) error {
	p := newParams()
	p.subuserID(change.ID)
	p.secret("old_subuser_password", change.OldPassword)
	p.secret("new_subuser_password", change.NewPassword)
	if change.Description != nil {
		p.text("description", *change.Description)
	}
	return w.write(ctx, account, "SetSubUserInfo", p, decodeDone)
}

// DelSubUser deletes a subuser. What happens to its keys is not documented. Codes: 434 no such subuser, 104 the console
// key is not Owner.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/del-sub-user
func (w *Writer) DelSubUser(ctx context.Context, account, id int64) error {
	p := newParams()
	p.subuserID(id)
	return w.write(ctx, account, "DelSubUser", p, decodeDone)
}

// SetSubUserRoles adds roles to a subuser; at least one. Codes: 434 no such subuser, 435 roles not allowed in this
// combination, 440 no such role, 104 the console key is not Owner.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/set-sub-user-roles
func (w *Writer) SetSubUserRoles(ctx context.Context, account, id int64, roleIDs []int64) error {
	p := newParams()
	p.subuserID(id)
	p.requiredRoles(roleIDs)
	return w.write(ctx, account, "SetSubUserRoles", p, decodeDone)
}

// RemoveSubUserRoles revokes roles from a subuser; at least one. With force they are revoked from all of its keys too.
// Without force, a key with one of the roles gives code 439. Other codes: 434 no such subuser, 435 roles not allowed in
// this combination, 440 no such role, 104 the console key is not Owner.
//
// https://docs.voximplant.ai/api-reference/management-api/role-system/remove-sub-user-roles
func (w *Writer) RemoveSubUserRoles(ctx context.Context, account, id int64, roleIDs []int64, force bool) error {
	p := newParams()
	p.subuserID(id)
	p.requiredRoles(roleIDs)
	p.flag("force", force)
	return w.write(ctx, account, "RemoveSubUserRoles", p, decodeDone)
}
