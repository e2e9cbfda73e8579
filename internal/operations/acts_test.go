package operations_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// inWorld runs a test in a bubble with a small team.
func inWorld(t *testing.T, o apptest.Options, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	t.Parallel()
	o.Company = smallTeam()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, o)
		defer w.Close()
		test(t, w)
	})
}

// held are the names of the roles that the simulator says a subuser has been given.
func held(w *apptest.World, login string) string {
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

func TestChangeTakesAwayFirstAndReadsBack(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		out, err := change(t, w, "team_three", []string{"Accountant"}, []string{"Developer"})
		if err != nil || out.Result != audit.Applied || !out.Confirmed {
			t.Fatalf("%+v, %v", out, err)
		}
		if got := held(w, "team_three"); got != "Accountant Supervisor" {
			t.Errorf("the subuser holds %s", got)
		}
		ledger := w.Sim.Ledger()
		if len(ledger) != 2 || ledger[0].Method != "RemoveSubUserRoles" || ledger[1].Method != "SetSubUserRoles" {
			t.Errorf("the vendor was asked %+v", ledger)
		}
		if len(out.Subuser.Roles) != 2 || !out.Read {
			t.Errorf("what was read back: %+v", out.Subuser)
		}
	})
}

func TestCreateAnswersAPasswordOnceAndMarksTheDescription(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		out, err := create(t, w, "Newcomer_1", "Support", "Accountant")
		if err != nil || out.Result != audit.Applied || !out.Confirmed || out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		if out.Subuser.Login != "newcomer_1" || out.Subuser.Description != "A newcomer" || held(w, "newcomer_1") != "Support Accountant" {
			t.Errorf("%+v with %s", out.Subuser, held(w, "newcomer_1"))
		}
		if out.Operation.Mark == "" || out.Subuser.Mark != out.Operation.Mark || out.Operation.Target.ID == "" {
			t.Errorf("the mark: %+v", out.Operation)
		}
		read, err := w.Record.Operation(t.Context(), out.Operation.ID)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(read.Intent), out.Password.Reveal()) {
			t.Error("the password is in the record")
		}
	})
}

func TestWithoutMarksTheDescriptionIsLeftAlone(t *testing.T) {
	inWorld(t, apptest.Options{NoMarks: true}, func(t *testing.T, w *apptest.World) {
		if out, err := create(t, w, "newcomer"); err != nil || out.Operation.Mark != "" || !out.Confirmed {
			t.Fatalf("%+v, %v", out, err)
		}
		for _, s := range w.Sim.State().Subusers {
			if strings.Contains(s.Description, "vw:") {
				t.Errorf("the description is %q", s.Description)
			}
		}
	})
}

func TestAFormSentTwiceIsDoneOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var mu sync.Mutex
		var done, repeated int
		for range 5 {
			group.Go(func() {
				_, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
				mu.Lock()
				defer mu.Unlock()
				if again, ok := errors.AsType[*operations.Repeated](err); ok && again.Operation.ID == c.ID {
					repeated++
				} else if err == nil {
					done++
				} else {
					t.Errorf("the same form again: %v", err)
				}
			})
		}
		group.Wait()
		if done != 1 || repeated != 4 || len(w.Sim.Ledger()) != 1 {
			t.Errorf("done %d times, repeated %d times, %d entries", done, repeated, len(w.Sim.Ledger()))
		}
	})
}

func TestAnIDOfAnotherFormIsRefused(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		first, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		other, err := command(t, w, "team_three", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		foreign := map[string]func(*operations.ChangeSubuserRoles){
			"another target":   func(c *operations.ChangeSubuserRoles) { c.ID = first.ID },
			"another operator": func(c *operations.ChangeSubuserRoles) { *c = first; c.Operator = apptest.Operator("eve", policy.Admin) },
			"not an id":        func(c *operations.ChangeSubuserRoles) { c.ID = "../x" },
			"no id":            func(c *operations.ChangeSubuserRoles) { c.ID = "" },
		}
		for name, alter := range foreign {
			c := other
			alter(&c)
			_, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
			if _, ok := errors.AsType[*operations.Foreign](err); !ok {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(w.Sim.Ledger()) != 1 {
			t.Errorf("%d changes", len(w.Sim.Ledger()))
		}
	})
}

func TestWhatWasChangedMeanwhileIsAConflict(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_one", []string{"Developer"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		act := voxsim.Act{Kind: voxsim.ActAddSubuserRoles, SubuserID: c.SubuserID, RoleIDs: []int64{7}}
		if err := w.Sim.Act(act); err != nil {
			t.Fatal(err)
		}
		_, err = w.Operations.ChangeSubuserRoles(t.Context(), c)
		conflict, ok := errors.AsType[*operations.Conflict](err)
		if !ok {
			t.Fatalf("a changed target: %v", err)
		}
		if diff := cmp.Diff([]string{"Support"}, conflict.Then); diff != "" {
			t.Error(diff)
		}
		// What somebody else granted was never seen by this operator: the form must not take it away.
		if diff := cmp.Diff([]string{"Developer"}, conflict.Diff.Grant); diff != "" || len(conflict.Diff.Revoke) > 0 {
			t.Errorf("what the form would do now: %s, and revoke %v", diff, conflict.Diff.Revoke)
		}
		if diff := cmp.Diff([]string{"Support", "Accountant"}, conflict.Diff.Keep); diff != "" {
			t.Errorf("what is kept: %s", diff)
		}
		if got := held(w, "team_one"); got != "Support Accountant" {
			t.Errorf("the subuser holds %s", got)
		}
		if ops, _ := w.Record.Operations(t.Context(), audit.Filter{}); len(ops) != 0 {
			t.Errorf("%d intents were written", len(ops))
		}
	})
}

func TestAnUnknownOperationKeepsOthersOut(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first, err := change(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || first.Result != audit.Unknown {
			t.Fatalf("%+v, %v", first, err)
		}
		_, err = change(t, w, "team_one", []string{"Developer"}, nil)
		busy, ok := errors.AsType[*operations.Busy](err)
		if !ok || busy.First.ID != first.Operation.ID {
			t.Fatalf("a second operator: %v", err)
		}
		w.Settle(t, 10*time.Minute)
		op, err := w.Record.Operation(t.Context(), first.Operation.ID)
		if err != nil || op.Open || op.Result != audit.NotApplied {
			t.Fatalf("after settling: %+v, %v", op, err)
		}
		if out, err := change(t, w, "team_one", []string{"Developer"}, nil); err != nil || out.Result != audit.Applied {
			t.Errorf("after settling: %+v, %v", out, err)
		}
	})
}

func TestAnUnknownIsNotGivenUpEarly(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetThenCommit, Delay: 5 * time.Minute})
		out, err := change(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		for range 4 {
			time.Sleep(time.Minute)
			op, finding, err := w.Operations.SettleNow(t.Context(), admin().Operator, out.Operation.ID)
			if err != nil || !op.Open || finding == "" {
				t.Fatalf("too early: %+v, %q, %v", op, finding, err)
			}
		}
		time.Sleep(time.Minute)
		op, _, err := w.Operations.SettleNow(t.Context(), admin().Operator, out.Operation.ID)
		if err != nil || op.Result != audit.Applied || !op.Confirmed {
			t.Errorf("after the late commit: %+v, %v", op, err)
		}
	})
}

func TestALateCommitIsNoticed(t *testing.T) {
	for _, method := range []string{"SetSubUserRoles", "AddSubUser"} {
		t.Run(method, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				w.Sim.AddFault(voxsim.Fault{Method: method, Kind: voxsim.ResetThenCommit, Delay: 40 * time.Minute})
				var out operations.Outcome
				var err error
				if method == "AddSubUser" {
					out, err = create(t, w, "newcomer")
				} else {
					out, err = change(t, w, "team_one", []string{"Accountant"}, nil)
				}
				if err != nil || out.Result != audit.Unknown {
					t.Fatalf("%+v, %v", out, err)
				}
				w.Settle(t, 30*time.Minute)
				if op, _ := w.Record.Operation(t.Context(), out.Operation.ID); op.Result != audit.NotApplied {
					t.Fatalf("before the late commit: %+v", op)
				}
				w.Settle(t, 30*time.Minute)
				op, _ := w.Record.Operation(t.Context(), out.Operation.ID)
				events, _ := w.Record.Events(t.Context(), op.ID)
				if op.Result != audit.Applied || len(events) != 5 || events[3].Kind != audit.ReopenedEvent {
					t.Errorf("after the late commit: %+v, %+v", op, events)
				}
			})
		})
	}
}

func TestALoginThatExistsIsNotProvenOurs(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: voxsim.ResetBeforeCommit})
		out, err := create(t, w, "newcomer")
		if err != nil || out.Result != audit.Unknown || out.Password.Empty() {
			t.Fatalf("%+v, %v", out, err)
		}
		if err := w.Sim.Act(voxsim.Act{Kind: voxsim.ActAddSubuser, Login: "newcomer", Description: "by hand"}); err != nil {
			t.Fatal(err)
		}
		w.Settle(t, time.Hour)
		op, finding, err := w.Operations.SettleNow(t.Context(), admin().Operator, out.Operation.ID)
		if err != nil || !op.Open || !strings.Contains(finding, "nothing proves") {
			t.Errorf("%+v, %q, %v", op, finding, err)
		}
	})
}

func TestTheLastOwnerWantsAConfirmation(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_two", nil, []string{"Owner"})
		if err != nil {
			t.Fatal(err)
		}
		diff, err := w.Operations.PreviewSubuserRoles(t.Context(), c)
		if err != nil || !diff.LastOwner || strings.Join(diff.Takes, ",") != "Support" || len(diff.Brings) > 0 {
			t.Fatalf("%+v, %v", diff, err)
		}
		for _, confirm := range []string{"", "team_one"} {
			c.Confirm = confirm
			_, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
			if invalid, ok := errors.AsType[*operations.Invalid](err); !ok || invalid.Fields["confirm"] == "" {
				t.Errorf("confirmed with %q: %v", confirm, err)
			}
		}
		c.Confirm = " TEAM_two "
		if out, err := w.Operations.ChangeSubuserRoles(t.Context(), c); err != nil || out.Result != audit.Applied {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestAnOwnerWhoIsNotTheLastWantsNone(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		granting, err := command(t, w, "team_three", []string{"Owner", "UserManager"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		diff, err := w.Operations.PreviewSubuserRoles(t.Context(), granting)
		if err != nil || strings.Join(diff.Brings, ",") != "Support,UserRead,UserUpdate" || len(diff.Takes) > 0 {
			t.Fatalf("%+v, %v", diff, err)
		}
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), granting); err != nil {
			t.Fatal(err)
		}
		c, err := command(t, w, "team_two", nil, []string{"Owner"})
		if err != nil {
			t.Fatal(err)
		}
		c.Confirm = ""
		if out, err := w.Operations.ChangeSubuserRoles(t.Context(), c); err != nil || out.Result != audit.Applied {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestTwoOwnersAreNotTakenAwayAtOnce(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		if _, err := change(t, w, "team_one", []string{"Owner"}, nil); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for _, login := range []string{"team_one", "team_two"} {
			c, err := command(t, w, login, nil, []string{"Owner"})
			if err != nil {
				t.Fatal(err)
			}
			c.Confirm = ""
			group.Go(func() { _, _ = w.Operations.ChangeSubuserRoles(t.Context(), c) })
		}
		group.Wait()
		if !strings.Contains(held(w, "team_one")+held(w, "team_two"), "Owner") {
			t.Error("the last Owner was taken away without anybody confirming it")
		}
	})
}

func TestWhoMayNotIsRefusedBeforeAnythingIsSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		try := func(roles []policy.DashboardRole, login string, grant, revoke []string) error {
			c, err := command(t, w, login, grant, revoke)
			if err != nil {
				t.Fatal(err)
			}
			c.Operator = apptest.Operator("someone", roles...)
			_, err = w.Operations.ChangeSubuserRoles(t.Context(), c)
			return err
		}
		editor := []policy.DashboardRole{policy.Editor}
		denied := map[string]error{
			"a stranger":                          try(nil, "team_one", []string{"Accountant"}, nil),
			"a viewer":                            try([]policy.DashboardRole{policy.Viewer}, "team_one", []string{"Accountant"}, nil),
			"an auditor":                          try([]policy.DashboardRole{policy.Auditor}, "team_one", []string{"Accountant"}, nil),
			"an editor granting Admin":            try(editor, "team_one", []string{"Admin"}, nil),
			"an editor changing an Owner":         try(editor, "team_two", []string{"Accountant"}, nil),
			"an editor revoking Owner":            try(editor, "team_two", nil, []string{"Owner"}),
			"an editor granting Owner and others": try(editor, "team_one", []string{"Accountant", "Owner"}, nil),
		}
		for who, err := range denied {
			if _, ok := errors.AsType[*policy.Denied](err); !ok {
				t.Errorf("%s: %v", who, err)
			}
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was asked: %+v", w.Sim.Ledger())
		}
		if err := try(editor, "team_one", []string{"Accountant"}, nil); err != nil {
			t.Errorf("an editor granting an unprivileged role: %v", err)
		}
	})
}

func TestWithoutARecordNothingIsSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DB.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), c); !errors.Is(err, operations.ErrRecord) {
			t.Errorf("a closed record: %v", err)
		}
		if _, err := create(t, w, "newcomer"); !errors.Is(err, operations.ErrRecord) {
			t.Errorf("a closed record: %v", err)
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was asked: %+v", w.Sim.Ledger())
		}
	})
}

func TestAnOutcomeThatCannotBeWrittenIsSettledLater(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		// The database goes away while the vendor takes its time to answer.
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.SlowDrip, Delay: 2 * time.Second})
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			_ = w.DB.Close()
		}()
		out, err := w.Operations.ChangeSubuserRoles(t.Context(), c)
		if err != nil || !out.Unsaved || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		w.Restart()
		op, err := w.Record.Operation(t.Context(), c.ID)
		if err != nil || op.Result != "" || !op.Open {
			t.Fatalf("after the restart: %+v, %v", op, err)
		}
		w.Settle(t, 10*time.Minute)
		if op, _ = w.Record.Operation(t.Context(), c.ID); op.Result != audit.Applied || !op.Confirmed || op.Open {
			t.Errorf("after settling: %+v", op)
		}
	})
}

func TestWhoMaySeeAndSettle(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		c, err := command(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Operator = apptest.Operator("erin", policy.Editor)
		if _, err := w.Operations.ChangeSubuserRoles(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		see := map[string]bool{"erin": true}
		for who, o := range map[string][]policy.DashboardRole{
			"erin": {policy.Editor}, "ed": {policy.Editor}, "vera": {policy.Viewer}, "aud": {policy.Auditor}, "adam": {policy.Admin}, "nobody": nil,
		} {
			want := see[who] || who == "aud" || who == "adam"
			_, _, err := w.Operations.Show(t.Context(), apptest.Operator(who, o...), c.ID)
			if (err == nil) != want {
				t.Errorf("%s sees the operation: %v", who, err)
			}
			act := operations.Act{Operator: apptest.Operator(who, o...), Reason: "x"}
			if _, err := w.Operations.SettleByHand(t.Context(), act, c.ID, audit.NotApplied); (err == nil) != (who == "adam") {
				t.Errorf("%s settles the operation: %v", who, err)
			}
			if who == "adam" {
				// settled now: nobody can do it again
				if _, err := w.Operations.SettleByHand(t.Context(), act, c.ID, audit.Applied); err == nil {
					t.Error("an operation was settled twice")
				}
			}
		}
		if _, _, err := w.Operations.Show(t.Context(), admin().Operator, "aaaaaaaaaaaaaaaaaaaaaaaaaa"); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("an operation that is not there: %v", err)
		}
	})
}

func TestFormsThatCannotBeSent(t *testing.T) {
	inWorld(t, apptest.Options{RequireReason: true}, func(t *testing.T, w *apptest.World) {
		for login, field := range map[string]string{"": "login", "abcd": "login", "1abcde": "login", "with space": "login", "thislogin_is_far_too_long": "login", "žofie": "login", "fine_login": "reason"} {
			_, err := create(t, w, login)
			if invalid, ok := errors.AsType[*operations.Invalid](err); !ok || invalid.Fields[field] == "" {
				t.Errorf("login %q: %v", login, err)
			}
		}
		if _, err := change(t, w, "team_one", nil, nil); err == nil {
			t.Error("a change without a change was sent")
		}
		_, err := w.Operations.SubuserRolesForm(t.Context(), admin().Operator, w.Account, 999_999)
		if !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("an unknown subuser: %v", err)
		}
		if len(w.Sim.Ledger()) != 0 {
			t.Errorf("the vendor was asked: %+v", w.Sim.Ledger())
		}
	})
}

func TestPartlyAppliedSaysWhatHolds(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Code: 435})
		out, err := change(t, w, "team_three", []string{"Accountant"}, []string{"Developer"})
		if err != nil || out.Result != audit.Partly || !out.Confirmed || out.Call.Code != 435 || out.Advice == "" {
			t.Fatalf("%+v, %v", out, err)
		}
		if len(out.Subuser.Roles) != 1 || out.Subuser.Roles[0].Name != "Supervisor" || out.Operation.Open {
			t.Errorf("what holds: %+v, open %v", out.Subuser.Roles, out.Operation.Open)
		}
	})
}

func TestAVendorThatIsDownIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		form, err := w.Operations.NewSubuserForm(t.Context(), admin().Operator, w.Account)
		if err != nil {
			t.Fatal(err)
		}
		w.VendorDown()
		act := admin()
		act.ID, act.Account = form.ID, w.Account
		out, err := w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{Act: act, Login: "newcomer"})
		if err != nil || out.Result != audit.NotSent || out.Operation.Open || !out.Password.Empty() {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
