package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// roleChange is a change of roles as a form sends it. id is the subuser's or the key's; SubuserID is not used.
type roleChange struct {
	operations.ChangeSubuserRoles
	id string
}

// rolesOf is how the roles of one kind of holder are shown and changed: subusers and keys have the same pages.
type rolesOf struct {
	privileged privilegedTeller
	permission policy.Permission
	action     audit.Action
	pathID     func(r *http.Request) (string, error)
	path       func(id string) string
	form       func(ctx context.Context, o operator.Operator, id string) (operations.RolesForm, error)
	preview    func(ctx context.Context, c roleChange) (operations.Difference, error)
	apply      func(ctx context.Context, c roleChange) (operations.Outcome, error)
	code       func(c roleChange) []operations.VendorCall
}

// subuserRolesChanger shows what a change of a subuser's roles would do, and makes it.
type subuserRolesChanger interface {
	privilegedTeller
	SubuserRolesForm(ctx context.Context, o operator.Operator, account, id int64) (operations.RolesForm, error)
	PreviewSubuserRoles(ctx context.Context, c operations.ChangeSubuserRoles) (operations.Difference, error)
	ChangeSubuserRoles(ctx context.Context, c operations.ChangeSubuserRoles) (operations.Outcome, error)
}

// subuserRoles are the roles of subusers.
func (a *App) subuserRoles(s subuserRolesChanger) rolesOf {
	command := func(c roleChange) operations.ChangeSubuserRoles {
		c.SubuserID, _ = parseID(c.id) // it was read from a path as one
		return c.ChangeSubuserRoles
	}
	return rolesOf{
		privileged: s, permission: policy.SubusersRoles, action: audit.ChangeSubuserRoles, pathID: subuserInPath,
		path: func(id string) string { return "/subusers/" + id },
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
		code: func(c roleChange) []operations.VendorCall { return command(c).Code() },
	}
}

// keyRolesChanger shows what a change of a key's roles would do, and makes it.
type keyRolesChanger interface {
	privilegedTeller
	KeyRolesForm(ctx context.Context, o operator.Operator, account int64, id string) (operations.RolesForm, error)
	PreviewKeyRoles(ctx context.Context, c operations.ChangeKeyRoles) (operations.Difference, error)
	ChangeKeyRoles(ctx context.Context, c operations.ChangeKeyRoles) (operations.Outcome, error)
}

// keyRoles are the roles of keys.
func (a *App) keyRoles(s keyRolesChanger) rolesOf {
	command := func(c roleChange) operations.ChangeKeyRoles {
		return operations.ChangeKeyRoles{Act: c.Act, KeyID: c.id, Base: c.Base, Offered: c.Offered, Ticked: c.Ticked}
	}
	return rolesOf{
		privileged: s, permission: policy.KeysRoles, action: audit.ChangeKeyRoles, pathID: keyInPath, path: keyPath,
		form: func(ctx context.Context, o operator.Operator, id string) (operations.RolesForm, error) {
			return s.KeyRolesForm(ctx, o, a.Account, id)
		},
		preview: func(ctx context.Context, c roleChange) (operations.Difference, error) {
			return s.PreviewKeyRoles(ctx, command(c))
		},
		apply: func(ctx context.Context, c roleChange) (operations.Outcome, error) {
			return s.ChangeKeyRoles(ctx, command(c))
		},
		code: func(c roleChange) []operations.VendorCall { return command(c).Code() },
	}
}

// heldAfter are the roles that an outcome shows.
func heldAfter(out operations.Outcome) []directory.RoleAssignment {
	if out.Operation.Target.Kind == audit.KeyTarget {
		return out.Key.Roles
	}
	return out.Subuser.Roles
}
