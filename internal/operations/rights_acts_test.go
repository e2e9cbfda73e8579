package operations_test

import (
	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// rightsAct is one act as somebody sends it who knows all that a form says, whether it was ever drawn for them or not.
type rightsAct struct {
	name   string
	method string              // the call that it begins with
	admin  bool                // none but an admin may do it at all
	gives  func(h holder) bool // it grants or revokes some role; nil for never
	// it grants, or comes to, a privileged role where none is held; nil for never
	makes func(h holder) bool
	keys  bool                // keys of the holder go with it
	whole bool                // it needs to know the catalogue, whatever is held
	skip  func(h holder) bool // there is nothing to do; nil for never
	// prepares one try, and answers the operation that it is about; nil for nothing
	before func(g *ground, o operator.Operator) string
	others bool // that operation is another's
	try    func(g *ground, o operator.Operator, h holder, about string) error
}

func always(holder) bool                  { return true }
func some(h holder) bool                  { return len(h.roles) > 0 }
func none(h holder) bool                  { return len(h.roles) == 0 }
func named(name string) func(holder) bool { return func(h holder) bool { return h.name == name } }

// rightsActs are all acts.
func rightsActs() []rightsAct {
	privileged := func(h holder) bool { return h.privileged }
	return []rightsAct{
		{
			name:   "create",
			method: "AddSubUser",
			gives:  some,
			makes:  privileged,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				return g.create(o, g.unheard(), h, "")
			},
		},
		{
			name:   "finish one's own re-issue",
			method: "AddSubUser",
			gives:  some,
			makes:  privileged,
			before: halfReissued,
			try: func(g *ground, o operator.Operator, h holder, about string) error {
				return g.create(o, "", h, about)
			},
		},
		{
			name:   "finish another's re-issue",
			method: "AddSubUser",
			gives:  some,
			makes:  privileged,
			others: true,
			before: func(g *ground, _ operator.Operator) string {
				return halfReissued(g, apptest.Operator("another", policy.Admin))
			},
			try: func(g *ground, o operator.Operator, h holder, about string) error {
				return g.create(o, "", h, about)
			},
		},
		{name: "edit", method: "SetSubUserInfo", try: func(g *ground, o operator.Operator, h holder, _ string) error {
			_, err := g.Operations.EditSubuser(
				g.t.Context(),
				operations.EditSubuser{Act: g.act(o), SubuserID: subuserID(g.t, g.World, h.name), Description: g.unheard()},
			)
			return err
		}},
		{name: "password", method: "SetSubUserInfo", try: func(g *ground, o operator.Operator, h holder, _ string) error {
			_, err := g.Operations.ChangeSubuserPassword(
				g.t.Context(),
				operations.ChangeSubuserPassword{
					Act:       g.act(o),
					SubuserID: subuserID(g.t, g.World, h.name),
					Current:   config.NewSecret(voxsim.SeedPassword),
				},
			)
			return err
		}},
		{name: "grant a plain role", method: "SetSubUserRoles", gives: always, try: granting("Accountant")},
		{name: "grant a privileged role", method: "SetSubUserRoles", gives: always, makes: always, try: granting("Admin")},
		{
			name:   "grant a plain and a privileged role",
			method: "SetSubUserRoles",
			gives:  always,
			makes:  always,
			try:    granting("Accountant", "Admin"),
		},
		{
			name:   "grant what contains a privileged role",
			method: "SetSubUserRoles",
			gives:  always,
			makes:  always,
			skip:   named("holds_container"),
			try:    granting("ACDManager"),
		},
		{
			name:   "grant all that a privileged role comes down to",
			method: "SetSubUserRoles",
			gives:  always,
			makes:  always,
			skip:   named("holds_together"),
			try:    granting("UserRead", "UserUpdate"),
		},
		{
			name:   "grant the other half of that",
			method: "SetSubUserRoles",
			gives:  always,
			makes:  named("holds_half"),
			skip:   named("holds_together"),
			try:    granting("UserRead"),
		},
		{
			name:   "revoke a plain role",
			method: "RemoveSubUserRoles",
			gives:  always,
			skip:   none,
			try:    revoking(false, "CallHistory"),
		},
		{
			name:   "revoke what makes them what they are",
			method: "RemoveSubUserRoles",
			gives:  always,
			skip:   none,
			try:    revoking(false),
		},
		{
			name:   "revoke by force",
			method: "RemoveSubUserRoles",
			admin:  true,
			gives:  always,
			skip:   none,
			try:    revoking(true, "CallHistory"),
		},
		{
			name:   "re-issue",
			method: "DelSubUser",
			gives:  some,
			keys:   true,
			whole:  true,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				_, err := g.Operations.ReissueSubuser(g.t.Context(), operations.ReissueSubuser{
					Act: g.act(
						o,
					), SubuserID: subuserID(g.t, g.World, h.name), Base: g.ids(h.all()), Confirm: h.name, Warned: everyWarning(),
				})
				return err
			},
		},
		{
			name:   "delete",
			method: "DelSubUser",
			keys:   true,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				_, err := g.Operations.DeleteSubuser(g.t.Context(), operations.DeleteSubuser{
					Act: g.act(
						o,
					), SubuserID: subuserID(g.t, g.World, h.name), Base: g.ids(h.all()), Confirm: h.name, Warned: everyWarning(),
				})
				return err
			},
		},
		{
			name:   "create key",
			method: "CreateKey",
			admin:  true,
			gives:  some,
			makes:  privileged,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				_, err := g.Operations.CreateKey(
					g.t.Context(),
					operations.CreateKey{Act: g.act(o), Name: g.unheard(), Roles: g.ids(h.all()), Offered: g.ids(h.all())},
				)
				return err
			},
		},
		{
			name:   "edit key",
			method: "UpdateKey",
			admin:  true,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				_, err := g.Operations.EditKey(
					g.t.Context(),
					operations.EditKey{
						Act:         g.act(o),
						KeyID:       keyOf(h),
						Base:        operations.Texts{Name: h.name},
						Name:        h.name,
						Description: g.unheard(),
					},
				)
				return err
			},
		},
		{
			name:   "grant to key",
			method: "SetKeyRoles",
			admin:  true,
			gives:  always,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				return g.keyRoles(o, h, append(h.all(), "Accountant"), "Accountant")
			},
		},
		{
			name:   "revoke from key",
			method: "RemoveKeyRoles",
			admin:  true,
			gives:  always,
			skip:   none,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				return g.keyRoles(o, h, nil, h.all()...)
			},
		},
		{
			name:   "delete key",
			method: "DeleteKey",
			admin:  true,
			try: func(g *ground, o operator.Operator, h holder, _ string) error {
				_, err := g.Operations.DeleteKey(
					g.t.Context(),
					operations.DeleteKey{Act: g.act(o), KeyID: keyOf(h), Base: g.ids(h.all()), Confirm: h.name},
				)
				return err
			},
		},
	}
}

// create sends a form that gives a newcomer the roles of a holder.
func (g *ground) create(o operator.Operator, login string, h holder, finishes string) error {
	_, err := g.Operations.CreateSubuser(
		g.t.Context(),
		operations.CreateSubuser{
			Act:      g.act(o),
			Login:    login,
			Roles:    g.ids(h.all()),
			Offered:  g.ids(h.all()),
			Finishes: finishes,
		},
	)
	return err
}

// granting sends a form that offers these roles and nothing else, and has all of them ticked.
func granting(names ...string) func(g *ground, o operator.Operator, h holder, about string) error {
	return func(g *ground, o operator.Operator, h holder, _ string) error {
		return g.change(o, h, operations.ChangeSubuserRoles{Offered: g.ids(names), Ticked: g.ids(names)})
	}
}

// revoking sends a form that offers these roles, or what the holder has beside CallHistory, and has none ticked.
func revoking(force bool, names ...string) func(g *ground, o operator.Operator, h holder, about string) error {
	return func(g *ground, o operator.Operator, h holder, _ string) error {
		taken := names
		if len(taken) == 0 {
			taken = h.roles
		}
		return g.change(o, h, operations.ChangeSubuserRoles{Offered: g.ids(taken), Force: force, Warned: everyWarning()})
	}
}

func (g *ground) change(o operator.Operator, h holder, c operations.ChangeSubuserRoles) error {
	c.Act, c.SubuserID, c.Base, c.Confirm = g.act(o), subuserID(g.t, g.World, h.name), g.ids(h.all()), h.name
	_, err := g.Operations.ChangeSubuserRoles(g.t.Context(), c)
	return err
}

// keyRoles sends a form that offers roles of a key and has some of them ticked.
func (g *ground) keyRoles(o operator.Operator, h holder, ticked []string, offered ...string) error {
	_, err := g.Operations.ChangeKeyRoles(g.t.Context(), operations.ChangeKeyRoles{
		Act: g.act(o), KeyID: keyOf(h), Base: g.ids(h.all()), Offered: g.ids(offered), Ticked: g.ids(ticked),
	})
	return err
}

// halfReissued is an operation of somebody, while they were an admin, that deleted a plain subuser and did not create
// them again. Nobody has none.
func halfReissued(g *ground, o operator.Operator) string {
	g.t.Helper()
	if !o.Authenticated() || g.halves[o.ID()] != "" {
		return g.halves[o.ID()]
	}
	newcomer := g.newcomer()
	g.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.Refuse, Code: refusedForAll})
	o.Groups, o.Method = []string{string(policy.Admin)}, operator.ProxyJWT
	out, err := g.Operations.ReissueSubuser(g.t.Context(), operations.ReissueSubuser{
		Act: g.act(o), SubuserID: subuserID(g.t, g.World, newcomer), Confirm: newcomer, Warned: everyWarning(),
	})
	if err != nil || out.Result != audit.PartlyApplied {
		g.t.Fatalf("re-issuing half: %+v, %v", out, err)
	}
	g.halves[o.ID()] = out.Operation.ID
	return out.Operation.ID
}

// refusedForAll is a code with which the vendor refuses a call, and does nothing.
const refusedForAll = 104
