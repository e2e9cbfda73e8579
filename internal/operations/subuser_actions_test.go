package operations_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// inWorld runs a test in a bubble with a small team.
func inWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	o.Company = smallTeam()
	inBubble(t, o, test)
}

// inKeyWorld runs a test in a bubble with the team and its keys.
func inKeyWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	o.Company = teamWithKeys(false)
	inBubble(t, o, test)
}

func inBubble(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, o)
		defer w.Close()
		test(t, w)
	})
}

// roleNames returns the names of the direct roles of a subuser in the simulator.
func roleNames(w *apptest.World, login string) string {
	names := map[int64]string{}
	for _, r := range w.Sim.State().Roles {
		names[r.ID] = r.Name
	}
	for _, s := range w.Sim.State().Subusers {
		if s.Login == login {
			var have []string
			for _, id := range s.RoleIDs {
				have = append(have, names[id])
			}
			return strings.Join(have, " ")
		}
	}
	return "nobody"
}

func TestChangeRolesRevokesFirstAndReadsBack(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		out, err := changeRoles(t, w, "team_three", []string{"Accountant"}, []string{"Developer"})
		if err != nil || out.Result != audit.Applied || !out.Confirmed {
			t.Fatalf("%+v, %v", out, err)
		}
		if got := roleNames(w, "team_three"); got != "Accountant Supervisor" {
			t.Errorf("the subuser has %s", got)
		}
		ledger := w.Sim.Ledger()
		if len(ledger) != 2 || ledger[0].Method != "RemoveSubUserRoles" || ledger[1].Method != "SetSubUserRoles" {
			t.Errorf("the vendor was called: %+v", ledger)
		}
		if len(out.Principal.Roles) != 2 || !out.ReadBack {
			t.Errorf("what was read back: %+v", out.Principal)
		}
	})
}

func TestCreateSubuserPasswordAndTag(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		out, err := create(t, w, "Newcomer_1", "Support", "Accountant")
		if err != nil || out.Result != audit.Applied || !out.Confirmed || out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		if out.Principal.Name != "newcomer_1" || out.Principal.Description != "A newcomer" ||
			roleNames(w, "newcomer_1") != "Support Accountant" {
			t.Errorf("%+v with %s", out.Principal, roleNames(w, "newcomer_1"))
		}
		if out.Operation.Tag == "" || out.Principal.Tag != out.Operation.Tag || out.Operation.Target.ID == "" {
			t.Errorf("the tag: %+v", out.Operation)
		}
		read, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(read.Intent), out.Password.Reveal()) {
			t.Error("the password is in the audit log")
		}
	})
}

func TestCreateSubuserWithoutTags(t *testing.T) {
	inWorld(t, apptest.Options{NoTags: true}, func(t *testing.T, w *apptest.World) {
		if out, err := create(t, w, "newcomer"); err != nil || out.Operation.Tag != "" || !out.Confirmed {
			t.Fatalf("%+v, %v", out, err)
		}
		for _, s := range w.Sim.State().Subusers {
			if strings.Contains(s.Description, "vw:") {
				t.Errorf("the description is %q", s.Description)
			}
		}
	})
}

func TestInvalidForms(t *testing.T) {
	inWorld(t, apptest.Options{RequireReason: true}, func(t *testing.T, w *apptest.World) {
		for login, field := range map[string]string{
			"":                          "login",
			"abcd":                      "login",
			"1abcde":                    "login",
			"with space":                "login",
			"thislogin_is_far_too_long": "login",
			"žofie":                     "login",
		} {
			_, err := create(t, w, login)
			if invalid, ok := errors.AsType[*operations.Invalid](err); !ok || invalid.Fields[field] == "" {
				t.Errorf("login %q: %v", login, err)
			}
		}
		request := adminRequestWithID(w)
		request.Reason = ""
		_, err := w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{Request: request, Login: "fine_login"})
		if invalid, ok := errors.AsType[*operations.Invalid](err); !ok || invalid.Fields["reason"] == "" {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := changeRoles(t, w, "team_one", nil, nil); err == nil {
			t.Error("an empty change was sent")
		}
		_, err = w.Operations.RolesForm(t.Context(), adminRequest().Operator, w.Account, access.SubuserRef(999_999))
		if !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("an unknown subuser: %v", err)
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was called: %+v", w.Sim.Ledger())
		}
	})
}

func TestPartlyAppliedOutcome(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Code: 435})
		out, err := changeRoles(t, w, "team_three", []string{"Accountant"}, []string{"Developer"})
		if err != nil || out.Result != audit.PartlyApplied || !out.Confirmed || out.Call.Code != 435 || out.Advice == "" {
			t.Fatalf("%+v, %v", out, err)
		}
		if len(out.Principal.Roles) != 1 || out.Principal.Roles[0].Name != "Supervisor" || out.Operation.Open {
			t.Errorf("the roles: %+v, open %v", out.Principal.Roles, out.Operation.Open)
		}
	})
}

func TestVendorDownIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		form, err := w.Operations.NewForm(t.Context(), adminRequest().Operator, w.Account, access.Subuser)
		if err != nil {
			t.Fatal(err)
		}
		w.VendorDown()
		request := adminRequest()
		request.ID, request.Account = form.ID, w.Account
		out, err := w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{Request: request, Login: "newcomer"})
		if err != nil || out.Result != audit.NotSent || out.Operation.Open || !out.Password.Empty() {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
