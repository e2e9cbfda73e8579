package bulk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// plannedLines returns the items of a bulk change, one line each.
func (d fixture) plannedLines(id string) string {
	var lines []string
	for _, item := range d.items(id, "") {
		line := item.Name + " +" + names(item.Grant) + " -" + names(item.Revoke)
		lines = append(lines, strings.TrimSpace(line+" "+item.Note+item.Problem))
	}
	return strings.Join(lines, "\n")
}

// operationRequest returns the request of a single operation of an admin.
func (d fixture) operationRequest() operations.Request {
	request := d.request(admin())
	request.ID = d.Operations.NewID()
	return request
}

// ref returns the subuser with a login.
func (d fixture) ref(login string) access.Ref {
	for _, s := range d.Sim.State().Subusers {
		if s.Login == login {
			return access.SubuserRef(s.ID)
		}
	}
	d.t.Fatalf("no subuser %s", login)
	return access.Ref{}
}

// Undoing reverses for each principal what the bulk change did to it: no role is revoked that it had before, and none
// of a refused item. What was changed later is named, and keeps its later state where the undo has nothing to do.
func TestUndoReversesWhatWasApplied(t *testing.T) {
	company := agents(7)
	company.Subusers[2].Roles = []string{"Support", "Accountant"}
	company.Subusers[3].Roles = []string{"Accountant"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, []string{"Support"})
		d.Sim.AddFault(voxsim.Fault{Method: "RemoveSubUserRoles", Nth: 4, Kind: voxsim.Refuse, Code: 435})
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 idle, 5 applied, 1 refused")
		// Later changes: agent_0004 gets Support back and another role, agent_0006 is deleted.
		gone := d.ref("agent_0006")
		if _, err := d.Operations.ChangeRoles(t.Context(), operations.ChangeRoles{
			Request: d.operationRequest(),
			Ref:     d.ref("agent_0004"),
			Base:    d.roleIDs("Accountant"),
			Offered: d.roleIDs("Support", "Supervisor"),
			Ticked:  d.roleIDs("Support", "Supervisor"),
		}); err != nil {
			t.Fatal(err)
		}
		deletion := must[bulk.Change](t)(d.Bulk.PlanDelete(
			t.Context(),
			d.request(admin()),
			bulk.Targets{Kind: access.Subuser, Refs: []access.Ref{gone}},
		))
		d.start(deletion)
		wantSummary(t, d.waitUntilEnded(deletion.ID), "done, 1 applied")

		undo, err := d.Bulk.Undo(t.Context(), d.request(admin()), change.ID)
		if err != nil {
			t.Fatal(err)
		}
		if undo.UndoOf != change.ID || undo.LeftOut != 1 || undo.Reason != "" {
			t.Errorf("drafted %+v", undo)
		}
		want := `agent_0001 +Support -Accountant
agent_0002 +Support -
agent_0004 + -Accountant The roles were changed later. Already has Support.
agent_0006 + - The latest listing of the account has no subuser with the id ` + gone.ID + `.
agent_0007 +Support -Accountant`
		if got := d.plannedLines(undo.ID); got != want {
			t.Errorf("the preview is\n%s\nwant\n%s", got, want)
		}
		d.start(undo)
		wantSummary(t, d.waitUntilEnded(undo.ID), "done, 1 skipped, 4 applied")
		for login, roles := range map[string]string{
			"agent_0001": "Support",
			"agent_0002": "Support Accountant",
			"agent_0003": "Accountant",
			"agent_0004": "Support Supervisor",
			"agent_0005": "Support",
			"agent_0007": "Support",
		} {
			if got := d.roleNamesOf(login); got != roles {
				t.Errorf("%s has %s, want %s", login, got, roles)
			}
		}
		// The undo is a bulk change like any other: undoing it twice leaves nothing to change the second time.
		again, err := d.Bulk.Undo(t.Context(), d.request(admin()), change.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantSummary(t, again, "draft, 4 idle, 1 skipped")
		redo, err := d.Bulk.Undo(t.Context(), d.request(admin()), undo.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Split(d.plannedLines(redo.ID), "\n")[1]; got != "agent_0002 + -Support" {
			t.Errorf("the undo of the undo has %q", got)
		}
	})
}

// Retrying an undo that was stopped plans it for each principal, not one change for all.
func TestRetryOfUndo(t *testing.T) {
	company := agents(3)
	company.Subusers[2].Roles = []string{"Support", "Accountant"}
	inWorld(t, apptest.Options{Company: company}, func(t *testing.T, d fixture) {
		stopWorkers := d.startWorkers()
		change := d.draftRoles([]string{"Accountant"}, []string{"Support"})
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 3 applied")
		undo, err := d.Bulk.Undo(t.Context(), d.request(admin()), change.ID)
		if err != nil {
			t.Fatal(err)
		}
		stopWorkers() // so that they process nothing before the stop
		d.start(undo)
		if _, err := d.Bulk.Stop(t.Context(), admin(), undo.ID); err != nil {
			t.Fatal(err)
		}
		defer d.startWorkers()()
		ended := d.waitUntilEnded(undo.ID)
		if ended.Counts.Waiting != 3 {
			t.Fatalf("something was processed: %s", summary(ended))
		}
		retry, err := d.Bulk.Retry(t.Context(), d.request(admin()), undo.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range d.items(retry.ID, "") {
			want := "agent_0002 +Support -"
			if item.Name != "agent_0002" {
				want = item.Name + " +Support -Accountant"
			}
			if got := item.Name + " +" + names(item.Grant) + " -" + names(item.Revoke); got != want {
				t.Errorf("the item is %s, want %s", got, want)
			}
		}
		if retry.UndoOf != change.ID || retry.RetryOf != undo.ID {
			t.Errorf("drafted %+v", retry)
		}
	})
}

// Undoing the creation of subusers deletes those that were created. A deletion cannot be undone.
func TestUndoOfCreationAndDeletion(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		file := bulk.ImportFile{Content: []byte("login,roles\nnew_one,Support\nagent_0001,Support\nnew_two,Support\n")}
		created, err := d.Bulk.PlanImport(t.Context(), d.request(admin()), file)
		if err != nil {
			t.Fatal(err)
		}
		d.start(created)
		wantSummary(t, d.waitUntilEnded(created.ID), "done, 1 skipped, 2 applied")
		undo, err := d.Bulk.Undo(t.Context(), d.request(admin()), created.ID)
		if err != nil {
			t.Fatal(err)
		}
		if undo.Kind != bulk.Delete || undo.UndoOf != created.ID || undo.LeftOut != 1 {
			t.Errorf("drafted %+v", undo)
		}
		want := `new_one + - It is not known whether keys belong to new_one.
new_two + - It is not known whether keys belong to new_two.`
		if got := d.plannedLines(undo.ID); got != want {
			t.Errorf("the preview is\n%s", got)
		}
		if _, err := d.Bulk.Undo(t.Context(), d.request(editor()), created.ID); err == nil {
			t.Error("an editor drafts the undo of an admin's bulk change")
		}
		started, err := d.Bulk.Start(
			t.Context(),
			d.request(admin()),
			undo.ID,
			bulk.StartForm{Confirm: "2", Warned: undo.Warnings, Reason: "a mistake"},
		)
		if err != nil {
			t.Fatal(err)
		}
		wantSummary(t, d.waitUntilEnded(started.Change.ID), "done, 2 applied")
		invalid := &operations.Invalid{}
		if _, err := d.Bulk.Undo(t.Context(), d.request(admin()), undo.ID); !errors.As(err, &invalid) ||
			!strings.Contains(invalid.Fields["rows"], "cannot be undone") {
			t.Errorf("undoing a deletion: %v", err)
		}
	})
}

// Only an ended bulk change that changed something is undone, by an operator that may make the reverse change.
func TestUndoIsRefused(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Owner"}, nil)
		conflict := &bulk.StateConflict{}
		if _, err := d.Bulk.Undo(t.Context(), d.request(admin()), change.ID); !errors.As(err, &conflict) {
			t.Errorf("undoing a draft: %v", err)
		}
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Count: -1, Kind: voxsim.Refuse, Code: 435})
		d.start(change)
		d.waitUntilEnded(change.ID)
		invalid := &operations.Invalid{}
		if _, err := d.Bulk.Undo(t.Context(), d.request(admin()), change.ID); !errors.As(err, &invalid) ||
			invalid.Fields["rows"] != "Nothing of this bulk change was applied." {
			t.Errorf("undoing a bulk change without effect: %v", err)
		}
		denied := &policy.Denied{}
		viewer := apptest.Operator("auditor", policy.Auditor)
		if _, err := d.Bulk.Undo(t.Context(), d.request(viewer), change.ID); !errors.As(err, &denied) {
			t.Errorf("an auditor: %v", err)
		}
	})
}

// The estimate follows from the pace of the latest items. There is none before five items were processed, and none
// after the end.
func TestRemainingTime(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(30)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Count: -1, Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.start(change)
		var estimates []time.Duration
		for range 60 {
			time.Sleep(3 * time.Second)
			shown := must[bulk.Change](t)(d.Bulk.Show(t.Context(), admin(), change.ID))
			finished := shown.Counts.Finished()
			if finished < 5 && shown.Remaining != 0 {
				t.Errorf("after %d items the estimate is %s", finished, shown.Remaining)
			}
			if shown.State != bulk.Running {
				if shown.Remaining != 0 {
					t.Errorf("after the end the estimate is %s", shown.Remaining)
				}
				break
			}
			if finished >= 5 {
				left := time.Duration(shown.Counts.Waiting+shown.Counts.InProgress) * 4 * time.Second
				if shown.Remaining < left/2 || shown.Remaining > 2*left+10*time.Second {
					t.Errorf("with %s left the estimate is %s", left, shown.Remaining)
				}
				estimates = append(estimates, shown.Remaining)
			}
		}
		if len(estimates) < 5 || slices.Max(estimates) != estimates[0] && estimates[len(estimates)-1] >= estimates[0] {
			t.Errorf("the estimates are %v", estimates)
		}
	})
}

// Undone names the operation that undid each one: a single operation, or one of a bulk change. Undoing the undo, which
// restores the change, leaves none.
func TestUndone(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(3)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, []string{"Support"})
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 3 applied")
		want := func(count int, whole bool) bulk.Undone {
			t.Helper()
			undone := must[bulk.Undone](t)(d.Bulk.Undone(t.Context(), admin(), change.ID))
			if len(undone.By) != count || undone.Whole != whole {
				t.Errorf("%d undone, all: %v; want %d, %v", len(undone.By), undone.Whole, count, whole)
			}
			return undone
		}
		want(0, false)
		first := d.items(change.ID, "")[0]
		out, err := d.Operations.ChangeRoles(t.Context(), operations.ChangeRoles{
			Request: d.operationRequest(),
			Ref:     first.Target,
			Base:    d.roleIDs("Accountant"),
			Offered: d.roleIDs("Accountant", "Support"),
			Ticked:  d.roleIDs("Support"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if by := want(1, false).By[first.OperationID]; by.ID != out.Operation.ID {
			t.Errorf("the first one was undone by %q, want %s", by.ID, out.Operation.ID)
		}
		undo := must[bulk.Change](t)(d.Bulk.Undo(t.Context(), d.request(admin()), change.ID))
		d.start(undo)
		wantSummary(t, d.waitUntilEnded(undo.ID), "done, 1 idle, 2 applied")
		second := d.items(change.ID, "")[1]
		if by := want(3, true).By[second.OperationID]; by.BulkID != undo.ID {
			t.Errorf("the second one was undone by %+v", by)
		}
		redo := must[bulk.Change](t)(d.Bulk.Undo(t.Context(), d.request(admin()), undo.ID))
		d.start(redo)
		wantSummary(t, d.waitUntilEnded(redo.ID), "done, 2 applied")
		want(1, false)
	})
}

// An import is undone by the deletion of its subusers, and a deletion by a new subuser with the same login.
func TestUndoneByDeletionAndCreation(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(1)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		undone := func(change bulk.Change, by bulk.Change) {
			t.Helper()
			got := must[bulk.Undone](t)(d.Bulk.Undone(t.Context(), admin(), change.ID))
			op := got.By[d.items(change.ID, "")[0].OperationID]
			if !got.Whole || op.BulkID != by.ID {
				t.Errorf("undone: %v, by %+v", got.Whole, op)
			}
		}
		imports := func() bulk.Change {
			t.Helper()
			change := d.draftImport(admin(), "login,description,roles\nnew_one,New,Support\n")
			d.start(change)
			wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 applied")
			return change
		}
		first := imports()
		deletion := must[bulk.Change](t)(d.Bulk.Undo(t.Context(), d.request(admin()), first.ID))
		d.start(deletion)
		wantSummary(t, d.waitUntilEnded(deletion.ID), "done, 1 applied")
		undone(first, deletion)
		second := imports()
		undone(deletion, second)
		again := must[bulk.Change](t)(d.Bulk.Undo(t.Context(), d.request(admin()), second.ID))
		d.start(again)
		wantSummary(t, d.waitUntilEnded(again.ID), "done, 1 applied")
		if got := must[bulk.Undone](t)(d.Bulk.Undone(t.Context(), admin(), deletion.ID)); len(got.By) != 0 || got.Whole {
			t.Errorf("deleted again, and still undone by %+v", got.By)
		}
	})
}

// A creation that an admin has resolved as applied has no id, so that no undo deletes it: not all is undone.
func TestUndoneWithoutResolved(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer startLoops(d.Bulk.Run)() // nothing is reconciled
		change := d.draftImport(admin(), "login,description,roles\nnew_one,New,Support\nnew_two,New,Support\n")
		d.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Nth: 2, Kind: voxsim.HangBeforeCommit})
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 1 applied, 1 unknown")
		lost := d.items(change.ID, string(audit.Unknown))[0].OperationID
		request := d.operationRequest()
		request.Reason = "It was found at the vendor"
		if _, err := d.Operations.Resolve(t.Context(), request, lost, audit.Applied); err != nil {
			t.Fatal(err)
		}
		undo := must[bulk.Change](t)(d.Bulk.Undo(t.Context(), d.request(admin()), change.ID))
		d.start(undo)
		wantSummary(t, d.waitUntilEnded(undo.ID), "done, 1 applied")
		undone := must[bulk.Undone](t)(d.Bulk.Undone(t.Context(), admin(), change.ID))
		if len(undone.By) != 1 || undone.Whole {
			t.Errorf("%d undone, all: %v", len(undone.By), undone.Whole)
		}
	})
}
