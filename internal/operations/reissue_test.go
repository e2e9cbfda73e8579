package operations_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestReissueSubuser(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		former := subuserID(t, w, "team_three")
		out, err := reissueSubuser(t, w, "team_three")
		if err != nil || out.Result != audit.Applied || !out.Confirmed || out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		now := subuserID(t, w, "team_three")
		if now == former || out.Principal.SubuserID() != now || out.Operation.Target.FormerID != fmt.Sprint(former) ||
			roleNames(w, "team_three") != "Developer Supervisor" {
			t.Errorf("%d became %d (%+v), with %s", former, now, out.Operation.Target, roleNames(w, "team_three"))
		}
		if out.Principal.Tag != out.Operation.Tag {
			t.Errorf("the tag is %q, of the operation %q", out.Principal.Tag, out.Operation.Tag)
		}
	})
}

// Each step fails in each way. When all is reconciled, the audit log says which subuser exists, and a partly applied
// re-issue can be finished with the same login, description and roles.
func TestReissueFailingAtEachStep(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"DelSubUser", "AddSubUser"} {
		for _, kind := range voxsim.AllFaultKinds() {
			t.Run(fmt.Sprintf("%s on %s", kind, method), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { testReissueFault(t, method, kind) })
			})
		}
	}
}

func testReissueFault(t *testing.T, method string, kind voxsim.FaultKind) {
	w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(false)})
	defer w.Close()
	w.Sim.AddFault(voxsim.Fault{Method: method, Kind: kind, Delay: 8 * time.Second})
	out, err := reissueSubuser(t, w, "team_one")
	if err != nil {
		t.Fatal(err)
	}
	if _, exists := w.Sim.State().Subuser("team_one"); out.Result == audit.PartlyApplied && exists {
		t.Error("the result is that no subuser has the login, but one has")
	}
	if sent := out.Call.Method == "AddSubUser" &&
		(out.Result == audit.Applied || out.Result == audit.Unknown); sent == out.Password.Empty() {
		t.Errorf("after %s of %s the returned password is %q", out.Result, out.Call.Method, out.Password.Reveal())
	}
	w.Reconcile(t, 3*time.Hour)
	w.CheckAgreement(t)
	op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
	if err != nil {
		t.Fatal(err)
	}
	now, exists := w.Sim.State().Subuser("team_one")
	made := exists && strings.Contains(now.Description, op.Tag)
	if want := map[audit.Result]bool{audit.Applied: true, audit.PartlyApplied: false}; op.Result != "" {
		if has, says := want[op.Result]; says && has != made {
			t.Errorf("the audit log says %s; the subuser exists: %v, created by it: %v", op.Result, exists, made)
		}
	}
	if op.Result != audit.PartlyApplied {
		return
	}
	form, err := w.Operations.NewForm(t.Context(), adminRequest().Operator, w.Account, access.Subuser)
	if err != nil {
		t.Fatal(err)
	}
	roles := roleIDs(form.Catalogue, []string{"Support"})
	finish, err := w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{
		Request:     adminRequestWithID(w),
		Login:       "another_login",
		Description: "First of the team",
		Roles:       roles,
		Offered:     roles,
		Finishes:    op.ID,
	})
	if err != nil || finish.Result != audit.Applied || roleNames(w, "team_one") != "Support" || finish.Password.Empty() {
		t.Errorf("finishing: %+v, %v, has %s", finish, err, roleNames(w, "team_one"))
	}
	w.CheckAgreement(t)
}

func TestReissuedSubuserDeletedLater(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.ResetThenCommit, Delay: time.Minute})
		out, err := reissueSubuser(t, w, "team_one")
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		time.Sleep(2 * time.Minute)
		if gone, err := deleteSubuserByLogin(t, w, "team_one"); err != nil || gone.Result != audit.Applied {
			t.Fatalf("deleting what was created late: %+v, %v", gone, err)
		}
		w.Reconcile(t, 4*time.Hour)
		op, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, out.Operation.ID)
		if err != nil || !op.Open || !strings.Contains(finding, "a later operation deleted one with this name") {
			t.Errorf("%+v, %q, %v", op, finding, err)
		}
	})
}
