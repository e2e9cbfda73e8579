package operations_test

import (
	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// permissionAction is an action, sent with everything that a form could contain, whether or not the operator may see
// the form.
type permissionAction struct {
	name         string
	method       string                 // its first call
	adminOnly    bool                   // only an admin may do it at all
	changesRoles func(h principal) bool // it grants or revokes a role; nil: never
	// it grants, or amounts to, a privileged role where the principal has none; nil: never
	grantsPrivileged func(h principal) bool
	grantsAgain      func(h principal) bool // it grants again a privileged role that the principal has; nil: never
	affectsKeys      bool                   // keys of the subuser are affected too
	needsCatalogue   bool                   // it needs the catalogue, whatever roles the principal has
	skip             func(h principal) bool // there is nothing to change; nil: never
	// prepares an attempt and returns the operation that it is about; nil: nothing to prepare
	prepare         func(g *permissionWorld, o operator.Operator) string
	ofOtherOperator bool // that operation belongs to another operator
	try             func(g *permissionWorld, o operator.Operator, h principal, about string) error
}

func always(principal) bool       { return true }
func hasRoles(h principal) bool   { return len(h.roles) > 0 }
func hasNoRoles(h principal) bool { return len(h.roles) == 0 }
func isNamed(name string) func(principal) bool {
	return func(h principal) bool { return h.name == name }
}

// permissionActions returns all actions.
func permissionActions() []permissionAction {
	privileged := func(target principal) bool { return target.privileged }
	return []permissionAction{
		{
			name:             "create",
			method:           "AddSubUser",
			changesRoles:     hasRoles,
			grantsPrivileged: privileged,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				return g.create(o, g.unusedName(), target, "")
			},
		},
		{
			name:             "finish one's own re-issue",
			method:           "AddSubUser",
			changesRoles:     hasRoles,
			grantsPrivileged: privileged,
			prepare:          partlyAppliedReissue,
			try: func(g *permissionWorld, o operator.Operator, target principal, operationID string) error {
				return g.create(o, "", target, operationID)
			},
		},
		{
			name:             "finish the re-issue of another operator",
			method:           "AddSubUser",
			changesRoles:     hasRoles,
			grantsPrivileged: privileged,
			ofOtherOperator:  true,
			prepare: func(g *permissionWorld, _ operator.Operator) string {
				return partlyAppliedReissue(g, apptest.Operator("another", policy.Admin))
			},
			try: func(g *permissionWorld, o operator.Operator, target principal, operationID string) error {
				return g.create(o, "", target, operationID)
			},
		},
		{
			name:   "edit",
			method: "SetSubUserInfo",
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.Edit(
					g.t.Context(),
					operations.Edit{
						Request:     g.request(o),
						Ref:         access.SubuserRef(subuserID(g.t, g.World, target.name)),
						Description: g.unusedName(),
					},
				)
				return err
			},
		},
		{
			name:   "password",
			method: "SetSubUserInfo",
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.ChangeSubuserPassword(
					g.t.Context(),
					operations.ChangeSubuserPassword{
						Request:   g.request(o),
						SubuserID: subuserID(g.t, g.World, target.name),
						Current:   config.NewSecret(voxsim.SeedPassword),
					},
				)
				return err
			},
		},
		{name: "grant a plain role", method: "SetSubUserRoles", changesRoles: always, try: granting("Accountant")},
		{
			name:             "grant a privileged role",
			method:           "SetSubUserRoles",
			changesRoles:     always,
			grantsPrivileged: always,
			try:              granting("Admin"),
		},
		{
			name:             "grant a plain and a privileged role",
			method:           "SetSubUserRoles",
			changesRoles:     always,
			grantsPrivileged: always,
			try:              granting("Accountant", "Admin"),
		},
		{
			name:             "grant a role that contains a privileged one",
			method:           "SetSubUserRoles",
			changesRoles:     always,
			grantsPrivileged: always,
			skip:             isNamed("holds_container"),
			try:              granting("ACDManager"),
		},
		{
			name:             "grant all roles that a privileged role contains",
			method:           "SetSubUserRoles",
			changesRoles:     always,
			grantsPrivileged: always,
			skip:             isNamed("holds_together"),
			try:              granting("UserRead", "UserUpdate"),
		},
		{
			name:             "grant the rest of the roles that a privileged role contains",
			method:           "SetSubUserRoles",
			changesRoles:     always,
			grantsPrivileged: isNamed("holds_half"),
			skip:             isNamed("holds_together"),
			try:              granting("UserRead"),
		},
		{
			name:         "revoke a plain role",
			method:       "RemoveSubUserRoles",
			changesRoles: always,
			skip:         hasNoRoles,
			try:          revoking(false, "CallHistory"),
		},
		{
			name:         "revoke the roles of the principal",
			method:       "RemoveSubUserRoles",
			changesRoles: always,
			skip:         hasNoRoles,
			try:          revoking(false),
		},
		{
			name:         "revoke by force",
			method:       "RemoveSubUserRoles",
			adminOnly:    true,
			changesRoles: always,
			skip:         hasNoRoles,
			try:          revoking(true, "CallHistory"),
		},
		{
			name:           "re-issue",
			method:         "DelSubUser",
			changesRoles:   hasRoles,
			grantsAgain:    privileged,
			affectsKeys:    true,
			needsCatalogue: true,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.ReissueSubuser(g.t.Context(), operations.ReissueSubuser{
					Request: g.request(
						o,
					),
					SubuserID: subuserID(g.t, g.World, target.name),
					Base:      g.ids(target.allRoles()),
					Confirm:   target.name,
					Warned:    allWarnings(),
				})
				return err
			},
		},
		{
			name:        "delete",
			method:      "DelSubUser",
			affectsKeys: true,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.Delete(g.t.Context(), operations.Delete{
					Request: g.request(
						o,
					),
					Ref:     access.SubuserRef(subuserID(g.t, g.World, target.name)),
					Base:    g.ids(target.allRoles()),
					Confirm: target.name,
					Warned:  allWarnings(),
				})
				return err
			},
		},
		{
			name:             "create key",
			method:           "CreateKey",
			adminOnly:        true,
			changesRoles:     hasRoles,
			grantsPrivileged: privileged,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.CreateKey(
					g.t.Context(),
					operations.CreateKey{
						Request: g.request(o),
						Name:    g.unusedName(),
						Roles:   g.ids(target.allRoles()),
						Offered: g.ids(target.allRoles()),
					},
				)
				return err
			},
		},
		{
			name:      "edit key",
			method:    "UpdateKey",
			adminOnly: true,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.Edit(
					g.t.Context(),
					operations.Edit{
						Request:     g.request(o),
						Ref:         access.KeyRef(keyIDOf(target)),
						Base:        operations.Texts{Name: target.name},
						Name:        target.name,
						Description: g.unusedName(),
					},
				)
				return err
			},
		},
		{
			name:         "grant to key",
			method:       "SetKeyRoles",
			adminOnly:    true,
			changesRoles: always,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				return g.keyRoles(o, target, append(target.allRoles(), "Accountant"), "Accountant")
			},
		},
		{
			name:         "revoke from key",
			method:       "RemoveKeyRoles",
			adminOnly:    true,
			changesRoles: always,
			skip:         hasNoRoles,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				return g.keyRoles(o, target, nil, target.allRoles()...)
			},
		},
		{
			name:      "delete key",
			method:    "DeleteKey",
			adminOnly: true,
			try: func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
				_, err := g.Operations.Delete(
					g.t.Context(),
					operations.Delete{
						Request: g.request(o),
						Ref:     access.KeyRef(keyIDOf(target)),
						Base:    g.ids(target.allRoles()),
						Confirm: target.name,
					},
				)
				return err
			},
		},
	}
}

// create sends a form that creates a subuser with the roles of a principal.
func (g *permissionWorld) create(o operator.Operator, login string, target principal, finishes string) error {
	_, err := g.Operations.CreateSubuser(
		g.t.Context(),
		operations.CreateSubuser{
			Request:  g.request(o),
			Login:    login,
			Roles:    g.ids(target.allRoles()),
			Offered:  g.ids(target.allRoles()),
			Finishes: finishes,
		},
	)
	return err
}

// granting sends a form that offers and ticks only these roles.
func granting(names ...string) func(g *permissionWorld, o operator.Operator, target principal, about string) error {
	return func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
		return g.change(o, target, operations.ChangeRoles{Offered: g.ids(names), Ticked: g.ids(names)})
	}
}

// revoking sends a form that offers these roles, or all roles of the principal except CallHistory, and ticks none.
func revoking(
	force bool,
	names ...string,
) func(g *permissionWorld, o operator.Operator, target principal, about string) error {
	return func(g *permissionWorld, o operator.Operator, target principal, _ string) error {
		revoked := names
		if len(revoked) == 0 {
			revoked = target.roles
		}
		return g.change(o, target, operations.ChangeRoles{
			Offered: g.ids(revoked),
			Force:   force,
			Warned:  allWarnings(),
		})
	}
}

func (g *permissionWorld) change(o operator.Operator, target principal, c operations.ChangeRoles) error {
	c.Request = g.request(o)
	c.Ref = access.SubuserRef(subuserID(g.t, g.World, target.name))
	c.Base = g.ids(target.allRoles())
	c.Confirm = target.name
	_, err := g.Operations.ChangeRoles(g.t.Context(), c)
	return err
}

// keyRoles sends a form that offers roles of a key and ticks some of them.
func (g *permissionWorld) keyRoles(o operator.Operator, target principal, ticked []string, offered ...string) error {
	_, err := g.Operations.ChangeRoles(g.t.Context(), operations.ChangeRoles{
		Request: g.request(o),
		Ref:     access.KeyRef(keyIDOf(target)),
		Base:    g.ids(target.allRoles()),
		Offered: g.ids(offered),
		Ticked:  g.ids(ticked),
	})
	return err
}

// partlyAppliedReissue returns an operation of the operator, from when they were an admin, that deleted a plain subuser
// and did not create it again. An anonymous operator has none.
func partlyAppliedReissue(g *permissionWorld, o operator.Operator) string {
	g.t.Helper()
	if !o.Authenticated() || g.partialReissues[o.ID()] != "" {
		return g.partialReissues[o.ID()]
	}
	login := g.addSubuser()
	g.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.Refuse, Code: refusalCode})
	o.Groups, o.Method = []string{string(policy.Admin)}, operator.ProxyJWT
	out, err := g.Operations.ReissueSubuser(g.t.Context(), operations.ReissueSubuser{
		Request: g.request(o), SubuserID: subuserID(g.t, g.World, login), Confirm: login, Warned: allWarnings(),
	})
	if err != nil || out.Result != audit.PartlyApplied {
		g.t.Fatalf("partly re-issuing: %+v, %v", out, err)
	}
	g.partialReissues[o.ID()] = out.Operation.ID
	return out.Operation.ID
}

// refusalCode is a code with which the vendor refuses a call without changing anything.
const refusalCode = 104
