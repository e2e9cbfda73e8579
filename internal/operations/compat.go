package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// This file holds the requests and forms per kind that callers still use. They go when their callers use Edit,
// ChangeRoles, Delete and access.Principal.

func subuserOf(p access.Principal) directory.Subuser {
	if p.Kind != access.Subuser {
		return directory.Subuser{}
	}
	return directory.Subuser{
		ID: p.SubuserID(), Login: p.Name, Description: p.Description, Tag: p.Tag,
		Roles: p.Roles, RolesKnown: p.RolesKnown, Keys: p.Keys, KeysKnown: p.KeysKnown,
	}
}

func keyOf(p access.Principal) directory.Key {
	if p.Kind != access.Key {
		return directory.Key{}
	}
	k := directory.Key{
		ID: p.ID, Name: p.Name, Description: p.Description, Tag: p.Tag,
		Roles: p.Roles, RolesKnown: p.RolesKnown, OwnerLogin: p.OwnerLogin, OwnerKnown: p.OwnerKnown,
	}
	if p.BelongsTo != nil {
		k.OwnerID = p.BelongsTo.SubuserID()
	}
	return k
}

type (
	SubuserForm = Form
	KeyForm     = Form
)

type EditSubuser struct {
	Request
	SubuserID         int64
	Base, Description string
}

func (c EditSubuser) edit() Edit {
	return Edit{
		Request: c.Request, Ref: access.SubuserRef(c.SubuserID),
		Base: Texts{Description: c.Base}, Description: c.Description,
	}
}

func (c EditSubuser) VendorCalls() []VendorCall { return c.edit().VendorCalls() }

type EditKey struct {
	Request
	KeyID             string
	Base              Texts
	Name, Description string
}

func (c EditKey) edit() Edit {
	return Edit{
		Request: c.Request, Ref: access.KeyRef(c.KeyID), Base: c.Base, Name: c.Name, Description: c.Description,
	}
}

func (c EditKey) VendorCalls() []VendorCall { return c.edit().VendorCalls() }

type ChangeSubuserRoles struct {
	Request
	SubuserID             int64
	Base, Offered, Ticked []int64
	Confirm               string
	Force                 bool
	Warned                []Warning
}

func (c ChangeSubuserRoles) change() ChangeRoles {
	return ChangeRoles{
		Request: c.Request, Ref: access.SubuserRef(c.SubuserID), Base: c.Base, Offered: c.Offered, Ticked: c.Ticked,
		Confirm: c.Confirm, Force: c.Force, Warned: c.Warned,
	}
}

func (c ChangeSubuserRoles) VendorCalls() []VendorCall { return c.change().VendorCalls() }

func (c ChangeSubuserRoles) Change() (grant, revoke []int64) {
	d := c.change().Difference()
	return d.Grant, d.Revoke
}

func (c ChangeSubuserRoles) RebaseTicked(base []int64) []int64 { return c.change().RebaseTicked(base) }

type ChangeKeyRoles struct {
	Request
	KeyID                 string
	Base, Offered, Ticked []int64
}

func (c ChangeKeyRoles) change() ChangeRoles {
	return ChangeRoles{
		Request: c.Request, Ref: access.KeyRef(c.KeyID), Base: c.Base, Offered: c.Offered, Ticked: c.Ticked,
	}
}

func (c ChangeKeyRoles) VendorCalls() []VendorCall { return c.change().VendorCalls() }

type DeleteSubuser struct {
	Request
	SubuserID int64
	Base      []int64
	Confirm   string
	Warned    []Warning
}

func (c DeleteSubuser) remove() Delete {
	return Delete{
		Request: c.Request, Ref: access.SubuserRef(c.SubuserID), Base: c.Base, Confirm: c.Confirm, Warned: c.Warned,
	}
}

func (c DeleteSubuser) VendorCalls() []VendorCall { return c.remove().VendorCalls() }

type DeleteKey struct {
	Request
	KeyID   string
	Base    []int64
	Confirm string
}

func (c DeleteKey) remove() Delete {
	return Delete{Request: c.Request, Ref: access.KeyRef(c.KeyID), Base: c.Base, Confirm: c.Confirm}
}

func (c DeleteKey) VendorCalls() []VendorCall { return c.remove().VendorCalls() }

func KeyConfirmation(k directory.Key) string { return Confirmation(k.Principal()) }

func (s *Service) NewSubuserForm(ctx context.Context, o operator.Operator, account int64) (RolesForm, error) {
	return s.NewForm(ctx, o, account, access.Subuser)
}

func (s *Service) NewKeyForm(ctx context.Context, o operator.Operator, account int64) (RolesForm, error) {
	return s.NewForm(ctx, o, account, access.Key)
}

func (s *Service) SubuserRolesForm(ctx context.Context, o operator.Operator, account, id int64) (RolesForm, error) {
	return s.RolesForm(ctx, o, account, access.SubuserRef(id))
}

func (s *Service) KeyRolesForm(ctx context.Context, o operator.Operator, account int64, id string) (RolesForm, error) {
	return s.RolesForm(ctx, o, account, access.KeyRef(id))
}

func (s *Service) PreviewSubuserRoles(ctx context.Context, c ChangeSubuserRoles) (Difference, error) {
	return s.PreviewRoles(ctx, c.change())
}

func (s *Service) PreviewKeyRoles(ctx context.Context, c ChangeKeyRoles) (Difference, error) {
	return s.PreviewRoles(ctx, c.change())
}

func (s *Service) ChangeSubuserRoles(ctx context.Context, c ChangeSubuserRoles) (Outcome, error) {
	return s.ChangeRoles(ctx, c.change())
}

func (s *Service) ChangeKeyRoles(ctx context.Context, c ChangeKeyRoles) (Outcome, error) {
	return s.ChangeRoles(ctx, c.change())
}

func (s *Service) EditSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (Form, error) {
	return s.EditForm(ctx, o, account, access.SubuserRef(id))
}

func (s *Service) EditKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (Form, error) {
	return s.EditForm(ctx, o, account, access.KeyRef(id))
}

func (s *Service) EditSubuser(ctx context.Context, c EditSubuser) (Outcome, error) {
	return s.Edit(ctx, c.edit())
}

func (s *Service) EditKey(ctx context.Context, c EditKey) (Outcome, error) {
	return s.Edit(ctx, c.edit())
}

func (s *Service) DeleteSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (Form, error) {
	return s.DeleteForm(ctx, o, account, access.SubuserRef(id))
}

func (s *Service) DeleteKeyForm(ctx context.Context, o operator.Operator, account int64, id string) (Form, error) {
	return s.DeleteForm(ctx, o, account, access.KeyRef(id))
}

func (s *Service) DeleteSubuser(ctx context.Context, c DeleteSubuser) (Outcome, error) {
	return s.Delete(ctx, c.remove())
}

func (s *Service) DeleteKey(ctx context.Context, c DeleteKey) (Outcome, error) {
	return s.Delete(ctx, c.remove())
}
