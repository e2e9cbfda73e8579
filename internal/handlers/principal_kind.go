package handlers

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// roleChange is a change of roles as a form sends it. id is the subuser's or the key's; SubuserID is not used.
type roleChange struct {
	operations.ChangeSubuserRoles
	principalID string
}

// principalKind is how the roles of one kind of holder are shown and changed: subusers and keys have the same pages.
type principalKind struct {
	privileged  privilegedRolesReader
	permission  policy.Permission
	action      audit.Action
	kind        access.Kind
	form        func(ctx context.Context, o operator.Operator, id string) (operations.RolesForm, error)
	preview     func(ctx context.Context, c roleChange) (operations.Difference, error)
	apply       func(ctx context.Context, c roleChange) (operations.Outcome, error)
	vendorCalls func(c roleChange) []operations.VendorCall
}

// subuserRolesChanger shows what a change of a subuser's roles would do, and makes it.
type subuserRolesChanger interface {
	privilegedRolesReader
	SubuserRolesForm(ctx context.Context, o operator.Operator, account, id int64) (operations.RolesForm, error)
	PreviewSubuserRoles(ctx context.Context, c operations.ChangeSubuserRoles) (operations.Difference, error)
	ChangeSubuserRoles(ctx context.Context, c operations.ChangeSubuserRoles) (operations.Outcome, error)
}

// subuserKind are the roles of subusers.
func (a *App) subuserKind(s subuserRolesChanger) principalKind {
	command := func(c roleChange) operations.ChangeSubuserRoles {
		c.SubuserID, _ = parseID(c.principalID) // it was read from a path as one
		return c.ChangeSubuserRoles
	}
	return principalKind{
		privileged: s, permission: policy.SubusersRoles, action: audit.ChangeSubuserRoles, kind: access.Subuser,
		form: func(ctx context.Context, o operator.Operator, id string) (operations.RolesForm, error) {
			number, _ := parseID(id)
			return s.SubuserRolesForm(ctx, o, a.Account, number)
		},
		preview: func(ctx context.Context, c roleChange) (operations.Difference, error) {
			return s.PreviewSubuserRoles(ctx, command(c))
		},
		apply: func(ctx context.Context, c roleChange) (operations.Outcome, error) {
			return s.ChangeSubuserRoles(ctx, command(c))
		},
		vendorCalls: func(c roleChange) []operations.VendorCall { return command(c).VendorCalls() },
	}
}

// keyRolesChanger shows what a change of a key's roles would do, and makes it.
type keyRolesChanger interface {
	privilegedRolesReader
	KeyRolesForm(ctx context.Context, o operator.Operator, account int64, id string) (operations.RolesForm, error)
	PreviewKeyRoles(ctx context.Context, c operations.ChangeKeyRoles) (operations.Difference, error)
	ChangeKeyRoles(ctx context.Context, c operations.ChangeKeyRoles) (operations.Outcome, error)
}

// keyKind are the roles of keys.
func (a *App) keyKind(s keyRolesChanger) principalKind {
	command := func(c roleChange) operations.ChangeKeyRoles {
		return operations.ChangeKeyRoles{
			Request: c.Request,
			KeyID:   c.principalID,
			Base:    c.Base,
			Offered: c.Offered,
			Ticked:  c.Ticked,
		}
	}
	return principalKind{
		privileged: s, permission: policy.KeysRoles, action: audit.ChangeKeyRoles, kind: access.Key,
		form: func(ctx context.Context, o operator.Operator, id string) (operations.RolesForm, error) {
			return s.KeyRolesForm(ctx, o, a.Account, id)
		},
		preview: func(ctx context.Context, c roleChange) (operations.Difference, error) {
			return s.PreviewKeyRoles(ctx, command(c))
		},
		apply: func(ctx context.Context, c roleChange) (operations.Outcome, error) {
			return s.ChangeKeyRoles(ctx, command(c))
		},
		vendorCalls: func(c roleChange) []operations.VendorCall { return command(c).VendorCalls() },
	}
}

// rolesAfter are the roles that an outcome shows.
func rolesAfter(out operations.Outcome) []access.RoleAssignment {
	if out.Operation.Target.Kind == access.Key {
		return out.Key.Roles
	}
	return out.Subuser.Roles
}

// principalOf returns the principal of a form or an outcome, which has either.
func principalOf(s directory.Subuser, k directory.Key) access.Principal {
	if k.ID != "" {
		return k.Principal()
	}
	return s.Principal()
}
