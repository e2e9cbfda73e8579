package operations_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestEditSubuserKeepsTag(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		made, err := create(t, w, "newcomer")
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.Operations.Edit(t.Context(), operations.Edit{
			Request:     adminRequestWithID(w),
			Ref:         made.Principal.Ref,
			Base:        operations.Texts{Name: "newcomer", Description: "A newcomer"}, // a page sends the login too
			Description: " Of the night shift ",
		})
		if err != nil || !out.Confirmed || out.Principal.Description != "Of the night shift" ||
			out.Principal.Tag != made.Operation.Tag {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestEditSubuserOutdatedForm(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		_, err := w.Operations.Edit(t.Context(), operations.Edit{
			Request:     adminRequestWithID(w),
			Ref:         access.SubuserRef(subuserID(t, w, "team_one")),
			Base:        operations.Texts{Description: "as it was last week"},
			Description: "new",
		})
		if outdated, ok := errors.AsType[*operations.FormOutdated](err); !ok ||
			outdated.Form.Principal.Description != "First of the team" ||
			len(w.Sim.Ledger()) != 0 {
			t.Errorf("%v", err)
		}
	})
}

func TestChangePasswordIsNotConfirmed(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		out, err := password(t, w)
		if err != nil || out.Result != audit.Applied || out.Confirmed || !out.Unreadable || out.Operation.Open ||
			out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		wrong := operations.ChangeSubuserPassword{
			Request:   adminRequestWithID(w),
			SubuserID: subuserID(t, w, "team_one"),
			Current:   config.NewSecret("Not-the-1st!"),
		}
		if out, err := w.Operations.ChangeSubuserPassword(t.Context(), wrong); err != nil || out.Result != audit.Refused ||
			!out.Password.Empty() {
			t.Errorf("the wrong current password: %+v, %v", out, err)
		}
	})
}

func TestDeleteSubuserRemainingKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variants voxsim.Variants
		alive    int
	}{
		"the keys stay":                   {voxsim.Variants{}, 1},
		"the keys are deleted":            {voxsim.Variants{SubuserKeys: voxsim.SubuserKeysDeleted}, 0},
		"the keys name a deleted subuser": {voxsim.Variants{SubuserKeys: voxsim.SubuserKeysUnchanged}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inKeyWorld(t, apptest.Options{Variants: c.variants}, func(t *testing.T, w *apptest.World) {
				if _, _, err := w.Directory.KeysBelongingTo(t.Context(), w.Account, access.Ref{}); err != nil {
					t.Fatal(err)
				}
				out, err := deleteSubuser(t, w)
				if err != nil || !out.Gone || !out.Confirmed || len(out.RemainingKeys) != c.alive {
					t.Errorf("%+v, %v", out, err)
				}
				if _, err := deleteSubuserByID(t, w, out.Principal.SubuserID()); !errors.Is(err, directory.ErrNotFound) {
					t.Errorf("deleting again: %v", err)
				}
			})
		})
	}
}

// deleteSubuserByID sends the deletion of a subuser without reading it.
func deleteSubuserByID(t *testing.T, w *apptest.World, id int64) (operations.Outcome, error) {
	t.Helper()
	return w.Operations.Delete(
		t.Context(),
		operations.Delete{Request: adminRequestWithID(w), Ref: access.SubuserRef(id), Confirm: "team_three"},
	)
}

func TestDeleteSubuserNeedsKeysDelete(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		request := adminRequestWithID(w)
		request.Operator = apptest.Operator("ed", policy.Editor)
		id := subuserID(t, w, "team_three")
		form, err := w.Operations.DeleteForm(t.Context(), request.Operator, w.Account, access.SubuserRef(id))
		if err != nil || form.BlockedReason == "" {
			t.Fatalf("%+v, %v", form, err)
		}
		_, err = w.Operations.Delete(
			t.Context(),
			operations.Delete{
				Request: request,
				Ref:     access.SubuserRef(id),
				Base:    form.Principal.DirectRoleIDs(),
				Confirm: "team_three",
				Warned:  allWarnings(),
			},
		)
		if denied, ok := errors.AsType[*policy.Denied](err); !ok || denied.Permission != policy.KeysDelete ||
			len(w.Sim.Ledger()) != 0 {
			t.Errorf("%v", err)
		}
	})
}

func TestForceRevokesKeyRoles(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		plain, err := changeRoles(t, w, "team_three", nil, []string{"Supervisor"})
		if err != nil || plain.Result != audit.Refused || plain.Call.Code != 439 {
			t.Fatalf("without force: %+v, %v", plain, err)
		}
		out, err := force(t, w)
		if err != nil || !out.Confirmed || roleNames(w, "team_three") != "Developer" {
			t.Fatalf("%+v, %v", out, err)
		}
		if key, _ := w.Sim.State().Key(wallboard); len(key.RoleIDs) != 0 {
			t.Errorf("the key has %v", key.RoleIDs)
		}
	})
}

func TestChangeKeyRolesAddedOrReplaced(t *testing.T) {
	t.Parallel()
	for name, variants := range map[string]voxsim.Variants{
		"added": {}, "replaced": {SetKeyRolesReplaces: true}, "added, and what is held is refused": {RoleNoopRefused: true},
		"shifted": {RoleIDShift: 1000}, "refused beyond one's own": {GrantBeyondOwnRefused: true},
	} {
		t.Run(name, func(t *testing.T) {
			inKeyWorld(t, apptest.Options{Variants: variants}, func(t *testing.T, w *apptest.World) {
				out, err := swapKeyRoles(t, w)
				if err != nil || out.Result != audit.Applied || !out.Confirmed || out.UnrequestedChanges.Any() {
					t.Fatalf("%+v, %v", out, err)
				}
				if got := directRoleNames(out.Principal.Roles); got != "Developer CallHistory" {
					t.Errorf("the key has %s", got)
				}
			})
		})
	}
}

func directRoleNames(roles []access.RoleAssignment) string {
	var names []string
	for _, r := range roles {
		if r.Direct {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestCreateKeyShowsCredentialsOnce(t *testing.T) {
	inKeyWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		out, err := createKey(t, w)
		if err != nil || !out.Confirmed || !strings.Contains(out.Credentials.Reveal(), "PRIVATE KEY") ||
			out.Principal.Tag != out.Operation.Tag {
			t.Fatalf("%+v, %v", out, err)
		}
		op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
		if err != nil || strings.Contains(string(op.Intent), "PRIVATE") || op.Target.ID != out.Principal.ID {
			t.Errorf("%+v, %v", op, err)
		}
		w.Sim.AddFault(voxsim.Fault{Method: "CreateKey", Kind: voxsim.CommitThenReset})
		lost, err := createKey(t, w)
		if err != nil || lost.Result != audit.Applied || !lost.Credentials.Empty() || lost.Principal.ID == "" {
			t.Errorf("with the answer lost: %+v, %v", lost, err)
		}
	})
}
