package drift_test

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// stateTables hold the expected state; drift_decisions is not acted on.
var stateTables = []string{"drift_checks", "drift_expected", "drift_findings"}

func exec(t *testing.T, w *apptest.World, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := w.DB.SQL().ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// save copies the rows of the drift tables under a name, restore brings them back.
func save(t *testing.T, w *apptest.World, name string) (restore func()) {
	t.Helper()
	tables := append([]string{"drift_decisions"}, stateTables...)
	for _, table := range tables {
		exec(t, w, `CREATE TABLE `+name+`_`+table+` AS SELECT * FROM `+table)
	}
	return func() {
		t.Helper()
		for _, table := range tables {
			exec(t, w, `DELETE FROM `+table, `INSERT INTO `+table+` SELECT * FROM `+name+`_`+table)
		}
	}
}

func grantOutside(t *testing.T, w *apptest.World, subuser int64, role string) {
	t.Helper()
	if err := w.Sim.ApplyExternal(voxsim.ExternalChange{
		Kind:      voxsim.ExternalAddSubuserRoles,
		SubuserID: subuser,
		RoleIDs:   []int64{w.Sim.State().RoleID(role)},
	}); err != nil {
		t.Fatal(err)
	}
}

// worldWithDrift makes a world with an accepted finding, one that has ended, and an open one. It returns the function
// that restores the state before the last refresh.
func worldWithDrift(t *testing.T, w *apptest.World) (restoreOld func()) {
	t.Helper()
	grantOutside(t, w, 202, "Accountant")
	w.Refresh(t)
	all, err := w.Drift.Findings(t.Context(), w.Account)
	if err != nil || len(all) != 1 {
		t.Fatalf("found %+v, %v", all, err)
	}
	if _, err := w.Drift.Accept(t.Context(), acceptRequest(w, "Agreed on the phone"), all[0].ID); err != nil {
		t.Fatal(err)
	}
	w.Refresh(t)
	restoreOld = save(t, w, "old")
	grantOutside(t, w, 203, "Payer")
	w.Refresh(t)
	if got := findingsSummary(t, w); got != "team_three granted Payer" {
		t.Fatalf("found %q", got)
	}
	w.CheckIntact(t)
	return restoreOld
}

// intact reports whether verify has no findings.
func intact(t *testing.T, w *apptest.World) bool {
	t.Helper()
	report, err := w.AuditLog.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return report.Intact()
}

// storedState returns the rows of drift_checks and the number of other rows as text.
func storedState(t *testing.T, w *apptest.World) string {
	t.Helper()
	var state sql.NullString
	if err := w.DB.SQL().QueryRowContext(t.Context(), `SELECT MAX(kind || ' ' || as_of || ' ' || comparisons || ' ' ||
		(SELECT COUNT(*) FROM drift_expected) || ' ' || (SELECT COUNT(*) FROM drift_findings))
		FROM drift_checks WHERE kind = 'subuser'`).Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state.String
}

// TestChangedExpectationIsNotUsed changes the expected state in the database, in every way that could hide a change
// made outside the console. Nothing is compared with it any more, and no finding can be accepted.
func TestChangedExpectationIsNotUsed(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		restoreOld := worldWithDrift(t, w)
		owner := `'"roles":[{"id":1,"name":"Owner","direct":true},'`
		attacks := map[string][]string{
			"a role is expected": {
				`UPDATE drift_expected SET body = REPLACE(body, '"roles":[', ` + owner + `)
					WHERE kind = 'subuser' AND id = '202'`,
			},
			"a subuser is expected": {
				`INSERT INTO drift_expected SELECT account, kind, '999', body FROM drift_expected
					WHERE kind = 'subuser' AND id = '202'`,
			},
			"a subuser is forgotten": {`DELETE FROM drift_expected WHERE kind = 'subuser' AND id = '202'`},
			"all are forgotten":      {`DELETE FROM drift_expected WHERE kind = 'subuser'`},
			"nothing was compared":   {`DELETE FROM drift_checks`},
			"nothing is known": {
				`DELETE FROM drift_checks`,
				`DELETE FROM drift_expected`,
				`DELETE FROM drift_findings`,
			},
			"a finding is deleted":      {`DELETE FROM drift_findings`},
			"a finding is changed":      {`UPDATE drift_findings SET body = REPLACE(body, 'Payer', 'Support')`},
			"another role in a finding": {`UPDATE drift_findings SET role_id = role_id + 1`},
			"another id of a finding":   {`UPDATE drift_findings SET id = 'x'`},
			"a finding seen later":      {`UPDATE drift_findings SET first_seen = first_seen + 1`},
			"operations are skipped":    {`UPDATE drift_checks SET processed_seq = processed_seq + 100`},
			"operations count again":    {`UPDATE drift_checks SET processed_seq = 0`},
			"compared long ago":         {`UPDATE drift_checks SET as_of = 0`},
			"compared later":            {`UPDATE drift_checks SET as_of = as_of + 7200000000`},
			"never compared":            {`UPDATE drift_checks SET version = 0`},
			"another event":             {`UPDATE drift_checks SET seq = seq - 1`},
			"old rows":                  nil,
		}
		if w.DB.Postgres() {
			attacks["a value of another length"] = []string{`UPDATE drift_expected SET body = '' WHERE id = '202'`}
		} else {
			attacks["a value of another type"] = []string{`UPDATE drift_checks SET as_of = 'x'`}
		}
		for i, name := range slices.Sorted(maps.Keys(attacks)) {
			restore := save(t, w, fmt.Sprint("before_", i))
			began := time.Now()
			time.Sleep(time.Second)
			all, err := w.Drift.Findings(t.Context(), w.Account)
			if err != nil || len(all) != 1 {
				t.Fatalf("%s: found %+v, %v", name, all, err)
			}
			if name == "old rows" {
				restoreOld()
			}
			exec(t, w, attacks[name]...)
			before := storedState(t, w)
			if intact(t, w) {
				t.Errorf("%s: verify reports nothing", name)
			}
			w.Refresh(t)
			w.Refresh(t)
			if after := storedState(t, w); after != before {
				t.Errorf("%s: %q became %q", name, before, after)
			}
			if at, found, err := w.AuditLog.NewestMismatch(t.Context()); err != nil || !found || !at.After(began) {
				t.Errorf("%s: no event reports it: %v", name, err)
			}
			_, err = w.Drift.Accept(t.Context(), acceptRequest(w, "Agreed"), all[0].ID)
			if err == nil || strings.Contains(err.Error(), "database is locked") {
				t.Errorf("%s: the finding was accepted: %v", name, err)
			}
			restore()
			w.Refresh(t) // after which the next change is reported again
		}
		if !intact(t, w) {
			t.Error("the restored state is not intact")
		}
	})
}

// TestMismatchIsReportedOnce refreshes often, and begins anew.
func TestMismatchIsReportedOnce(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		worldWithDrift(t, w)
		exec(t, w, `DELETE FROM drift_expected WHERE kind = 'subuser'`)
		for range 5 {
			w.Refresh(t)
			time.Sleep(time.Hour)
		}
		var events int
		if err := w.DB.SQL().QueryRowContext(
			t.Context(),
			`SELECT COUNT(*) FROM events WHERE kind = 'mismatch'`,
		).Scan(&events); err != nil || events != 1 {
			t.Errorf("%d events report it, %v", events, err)
		}
		if states, err := w.AuditLog.ResetDrift(t.Context(), "a test"); err != nil || states != 2 {
			t.Fatalf("%d states were reset, %v", states, err)
		}
		if !intact(t, w) {
			t.Error("not intact after the reset")
		}
		w.Refresh(t)
		grantOutside(t, w, 202, "Payer")
		w.Refresh(t)
		if got := findingsSummary(t, w); got != "team_two granted Payer" {
			t.Errorf("found %q", got)
		}
		w.CheckIntact(t)
	})
}

// TestChangedDecisionIsFound changes decisions, which the console only shows.
func TestChangedDecisionIsFound(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		worldWithDrift(t, w)
		restore := save(t, w, "now")
		for name, statement := range map[string]string{
			"deleted":  `DELETE FROM drift_decisions`,
			"copied":   `INSERT INTO drift_decisions SELECT * FROM now_drift_decisions`,
			"reason":   `UPDATE drift_decisions SET reason = 'other'`,
			"actor":    `UPDATE drift_decisions SET actor = REPLACE(actor, 'ada', 'eve')`,
			"outcome":  `UPDATE drift_decisions SET outcome = 'over'`,
			"time":     `UPDATE drift_decisions SET at = at + 1`,
			"event":    `UPDATE drift_decisions SET seq = seq + 1`,
			"no event": `UPDATE drift_decisions SET seq = 0`,
		} {
			exec(t, w, statement)
			if intact(t, w) {
				t.Errorf("%s: verify reports nothing", name)
			}
			restore()
		}
		w.CheckIntact(t)
	})
}

// TestPruneKeepsExpectedState prunes every event that set the expected state and decisions.
func TestPruneKeepsExpectedState(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		worldWithDrift(t, w)
		time.Sleep(24 * time.Hour)
		pruned, err := w.AuditLog.Prune(t.Context(), time.Now().Add(-time.Hour), "a test")
		if err != nil || pruned.Events == 0 {
			t.Fatalf("pruned %+v, %v", pruned, err)
		}
		w.CheckIntact(t)
		if decisions, err := w.Drift.Decisions(t.Context(), w.Account, 10); err != nil || len(decisions) != 0 {
			t.Errorf("%d decisions are left, %v", len(decisions), err)
		}
		w.Refresh(t)
		if got := findingsSummary(t, w); got != "team_three granted Payer" {
			t.Errorf("found %q", got)
		}
		if _, found, err := w.AuditLog.NewestMismatch(t.Context()); err != nil || found {
			t.Errorf("a mismatch was reported: %v", err)
		}
	})
}

// TestRefreshDoesNotFillAuditLog refreshes without a change: there is at most one event of each kind of principal in an
// hour.
func TestRefreshDoesNotFillAuditLog(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		before, err := w.AuditLog.NewestSeq(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			time.Sleep(2 * time.Minute)
			w.Refresh(t)
		}
		after, err := w.AuditLog.NewestSeq(t.Context())
		if err != nil || after-before > 4 {
			t.Errorf("%d events in two hours, %v", after-before, err)
		}
	})
}

// TestAcceptWritesItsEvents looks for the event with the operator and the reason.
func TestAcceptWritesItsEvents(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		worldWithDrift(t, w)
		var body string
		err := w.DB.SQL().QueryRowContext(t.Context(), `SELECT body FROM events WHERE kind = 'drift_accepted'`).Scan(&body)
		if err != nil || !strings.Contains(body, `"subject":"ada"`) || !strings.Contains(body, "Agreed on the phone") {
			t.Errorf("the event is %s, %v", body, err)
		}
		_, err = w.Drift.Accept(t.Context(), acceptRequest(w, "Agreed"), "unknown")
		if _, isMismatch := errors.AsType[*audit.Mismatch](err); isMismatch {
			t.Error("an unknown finding counts as a mismatch")
		}
	})
}

// TestEveryColumnIsVerified changes every column of the drift tables, except those that only order the writers.
func TestEveryColumnIsVerified(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		worldWithDrift(t, w)
		restore := save(t, w, "now")
		for _, table := range append([]string{"drift_decisions"}, stateTables...) {
			for column, kind := range storetest.Columns(t, w.DB, table) {
				if column == "version" || column == "comparisons" {
					continue
				}
				// as_of may be up to an hour later than in the event.
				value := map[string]string{"text": column + ` || 'x'`, "number": column + ` + 3600000001`}[kind]
				exec(t, w, `UPDATE `+table+` SET `+column+` = `+value)
				if intact(t, w) {
					t.Errorf("verify does not report a change of %s.%s", table, column)
				}
				restore()
			}
		}
		w.CheckIntact(t)
	})
}

// TestForgedOperationExplainsNothing writes an operation that would explain a change made outside the console, and
// changes a real one so that it would.
func TestForgedOperationExplainsNothing(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		support, owner := w.Sim.State().RoleID("Support"), w.Sim.State().RoleID("Owner")
		if _, err := w.Operations.ChangeRoles(t.Context(), operations.ChangeRoles{
			Request: operations.Request{
				ID: w.Operations.NewID(), Operator: apptest.Operator("admin", policy.Admin), Account: w.Account,
			},
			Ref:     access.SubuserRef(202),
			Base:    []int64{w.Sim.State().RoleID("Supervisor")},
			Offered: []int64{support},
			Ticked:  []int64{support},
		}); err != nil {
			t.Fatal(err)
		}
		exec(t, w, `CREATE TABLE real_operations AS SELECT * FROM operations`)
		for name, statement := range map[string]string{
			"forged": `INSERT INTO operations (id, account, action, target_kind, target_id, target_name, former_id, actor_id,
				actor, reason, request_id, tag, intent, created_at, result, confirmed, open, closed_at, last_seq,
				bulk_id, bulk_later)
				SELECT 'forged', account, action, target_kind, target_id, target_name, former_id, actor_id, actor, reason,
				request_id, tag, REPLACE(intent, '"id":` + fmt.Sprint(support) + `,', '"id":` + fmt.Sprint(owner) + `,'),
				created_at, result, confirmed, open, closed_at, last_seq, bulk_id, bulk_later
				FROM operations`,
			"changed": `UPDATE operations SET
				intent = REPLACE(intent, '"id":` + fmt.Sprint(support) + `,', '"id":` + fmt.Sprint(owner) + `,')`,
		} {
			exec(t, w, statement)
			grantOutside(t, w, 202, "Owner")
			time.Sleep(2 * time.Minute)
			before := storedState(t, w)
			w.Refresh(t)
			if after := storedState(t, w); after != before {
				t.Errorf("%s: %q became %q", name, before, after)
			}
			if intact(t, w) {
				t.Errorf("%s: verify reports nothing", name)
			}
			exec(
				t,
				w,
				`DELETE FROM operations WHERE id = 'forged'`,
				`UPDATE operations SET intent = (SELECT intent FROM real_operations)`,
			)
		}
		if _, found, err := w.AuditLog.NewestMismatch(t.Context()); err != nil || !found {
			t.Errorf("no event reports it: %v", err)
		}
		w.Refresh(t)
		if got := findingsSummary(t, w); got != "team_two granted Owner" {
			t.Errorf("found %q", got)
		}
		w.CheckIntact(t)
	})
}

// A bulk change is explained by its operations, and drift goes on after it.
func TestBulkChangeIsNoDrift(t *testing.T) {
	withTamperedWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		payer := w.Sim.State().RoleID("Payer")
		for id, base := range map[int64][]string{202: {"Supervisor"}, 203: {"Developer", "Accountant"}} {
			var ids []int64
			for _, name := range base {
				ids = append(ids, w.Sim.State().RoleID(name))
			}
			if _, err := w.Operations.ChangeRoles(t.Context(), operations.ChangeRoles{
				Request: operations.Request{
					ID:       w.Operations.NewID(),
					Operator: apptest.Operator("admin", policy.Admin),
					Account:  w.Account,
					BulkID:   "bulkchange",
				},
				Ref:     access.SubuserRef(id),
				Base:    ids,
				Offered: []int64{payer},
				Ticked:  []int64{payer},
			}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Minute)
		w.Refresh(t)
		if got := findingsSummary(t, w); got != "" {
			t.Errorf("found %q", got)
		}
		grantOutside(t, w, 203, "Support")
		w.Refresh(t)
		if got := findingsSummary(t, w); got != "team_three granted Support" {
			t.Errorf("found %q", got)
		}
		if m, found, err := w.AuditLog.NewestMismatch(t.Context()); err != nil || found {
			t.Errorf("reported %+v, %v", m, err)
		}
	})
}
