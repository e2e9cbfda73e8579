package bulk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// tamper runs statements as a user of the database with all rights can.
func (d fixture) tamper(statements ...string) {
	d.t.Helper()
	d.tamperWith("", statements...)
}

// tamperWith is tamper for a bulk change. It replaces BULK by its id, COPY by an unused one, and OTHER_ADMIN and
// OWNER_ITEM by JSON. Time passes, so that wantMismatch recognizes a later event.
func (d fixture) tamperWith(id string, statements ...string) {
	d.t.Helper()
	*d.tampered = time.Now()
	time.Sleep(time.Second)
	other := admin()
	other.Subject = "other"
	otherJSON, err := json.Marshal(other)
	if err != nil {
		d.t.Fatal(err)
	}
	values := strings.NewReplacer(
		"BULK", id, "COPY", copied, "OTHER_ADMIN", string(otherJSON), "OWNER_ITEM", d.ownerItem(),
	)
	for _, statement := range statements {
		statement = values.Replace(statement)
		if _, err := d.DB.SQL().ExecContext(d.t.Context(), statement); err != nil {
			d.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// checkVerify requires that verify reports nothing, or after tamper at least one finding.
func (d fixture) checkVerify() {
	d.t.Helper()
	if d.tampered.IsZero() {
		d.CheckIntact(d.t)
		return
	}
	report, err := d.AuditLog.Verify(d.t.Context(), nil)
	if err != nil || report.Intact() {
		d.t.Errorf("verify does not report what was changed in the database: %+v, %v", report, err)
	}
}

// wantMismatch fails the test unless the console has written, since the last tamper, that it refused to act on a row.
func (d fixture) wantMismatch(name string) {
	d.t.Helper()
	at, found, err := d.AuditLog.NewestMismatch(d.t.Context())
	if err != nil || !found || !at.After(*d.tampered) {
		d.t.Errorf("%s: no event reports the mismatch: %v", name, err)
	}
}

// wantWrites fails the test when another number of writing requests has reached the vendor.
func (d fixture) wantWrites(want int) {
	d.t.Helper()
	if got := d.writeCount(); got != want {
		d.t.Errorf("%d writing requests were sent, want %d", got, want)
	}
}

// ownerItem returns the JSON of an item that grants Owner to the first agent.
func (d fixture) ownerItem() string {
	return fmt.Sprintf(
		`{"action":"subuser.roles","target":{"kind":"subuser","id":"1001"},"name":"agent_0001",
			"before":[{"id":%d,"name":"Support"}],"grant":[{"id":%d,"name":"Owner"}]}`,
		d.roleIDs("Support")[0],
		d.roleIDs("Owner")[0],
	)
}

// forge returns statements that write a running bulk change of an admin with one item that grants Owner.
func (d fixture) forge(id string) []string {
	operatorJSON, err := json.Marshal(admin())
	if err != nil {
		d.t.Fatal(err)
	}
	return []string{
		fmt.Sprintf(
			`INSERT INTO bulk_changes (id, account, actor_id, operator, kind, state, reason, stop_reason, body,
				retry_of, created_at, started_at, ended_at, seq, lease_holder, lease_until, bytes)
			VALUES ('%s', %d, '%s', '%s', 'roles', 'running', 'a reason', '', '{}', '', %[5]d, %[5]d, 0, 1, '', 0, 0)`,
			id,
			d.Account,
			admin().ID(),
			operatorJSON,
			time.Now().UnixMicro(),
		),
		fmt.Sprintf(
			`INSERT INTO bulk_items (bulk_id, n, state, operation_id, result, final, code, body, message, seq)
			VALUES ('%s', 1, 'waiting', '', '', FALSE, 0, '%s', '', 0)`,
			id,
			"OWNER_ITEM",
		),
	}
}

// TestForgedChangeIsNotSent writes a running bulk change that no operator has made into the database. It does not keep
// later ones from being processed.
func TestForgedChangeIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		id := strings.Repeat("f", 26)
		d.tamper(d.forge(id)...)
		end := d.waitUntilEnded(id)
		if !strings.Contains(end.StopReason, "do not agree with the audit log") {
			t.Errorf("the stop reason is %q", end.StopReason)
		}
		d.wantWrites(0)
		d.wantMismatch("")
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 8 applied")
		if got := d.roleNamesOf("agent_0001"); strings.Contains(got, "Owner") {
			t.Errorf("agent_0001 has %s", got)
		}
	})
}

// copied is the id of a copied bulk change.
var copied = strings.Repeat("c", 26)

// copyStatements returns the statements that copy the bulk change BULK under another id.
func copyStatements() []string {
	return []string{
		`INSERT INTO bulk_changes (id, account, actor_id, operator, kind, state, reason, stop_reason, body, retry_of,
				created_at, started_at, ended_at, seq, lease_holder, lease_until, bytes)
			SELECT 'COPY', account, actor_id, operator, kind, state, reason, stop_reason, body, retry_of, created_at,
				started_at, ended_at, seq, lease_holder, lease_until, bytes FROM bulk_changes WHERE id = 'BULK'`,
		`INSERT INTO bulk_items (bulk_id, n, state, operation_id, result, final, code, body, message, seq)
			SELECT 'COPY', n, state, operation_id, result, final, code, body, message, seq
			FROM bulk_items WHERE bulk_id = 'BULK'`,
	}
}

// changedPlans returns changes of what the draft or the running bulk change BULK holds. Each adds, removes or changes
// something that would be sent, or with which permissions.
func changedPlans() map[string][]string {
	return map[string][]string{
		"another role in an item": {`UPDATE bulk_items SET body = 'OWNER_ITEM' WHERE bulk_id = 'BULK' AND n = 3`},
		"another item": {
			`INSERT INTO bulk_items SELECT bulk_id, 9, state, operation_id, result, final, code, body, message, seq
				FROM bulk_items WHERE bulk_id = 'BULK' AND n = 3`,
		},
		"an item deleted":   {`DELETE FROM bulk_items WHERE bulk_id = 'BULK' AND n = 8`},
		"all items deleted": {`DELETE FROM bulk_items WHERE bulk_id = 'BULK'`},
		"items exchanged": {
			`UPDATE bulk_items SET n = 9 WHERE bulk_id = 'BULK' AND n = 3`,
			`UPDATE bulk_items SET n = 3 WHERE bulk_id = 'BULK' AND n = 7`,
			`UPDATE bulk_items SET n = 7 WHERE bulk_id = 'BULK' AND n = 9`,
		},
		"an item not sent":            {`UPDATE bulk_items SET state = 'idle' WHERE bulk_id = 'BULK' AND n = 3`},
		"an item with another number": {`UPDATE bulk_items SET n = 9 WHERE bulk_id = 'BULK' AND n = 3`},
		"an item with a result": {
			`UPDATE bulk_items SET state = 'done', result = 'not_sent', final = TRUE WHERE bulk_id = 'BULK' AND n = 3`,
		},
		"an item in progress": {
			`UPDATE bulk_items SET state = 'busy', operation_id = 'COPY' WHERE bulk_id = 'BULK' AND n = 3`,
		},
		"another operator":  {`UPDATE bulk_changes SET operator = 'OTHER_ADMIN' WHERE id = 'BULK'`},
		"another actor":     {`UPDATE bulk_changes SET actor_id = 'x|y' WHERE id = 'BULK'`},
		"no recent sign-in": {`UPDATE bulk_changes SET body = '{}' WHERE id = 'BULK'`},
		"another kind":      {`UPDATE bulk_changes SET kind = 'delete' WHERE id = 'BULK'`},
		"another account":   {`UPDATE bulk_changes SET account = account + 1 WHERE id = 'BULK'`},
		"another reason":    {`UPDATE bulk_changes SET reason = 'other' WHERE id = 'BULK'`},
		"another draft":     {`UPDATE bulk_changes SET created_at = created_at + 1 WHERE id = 'BULK'`},
		"another start":     {`UPDATE bulk_changes SET started_at = started_at + 1 WHERE id = 'BULK'`},
		"another retry":     {`UPDATE bulk_changes SET retry_of = 'COPY' WHERE id = 'BULK'`},
		"another size":      {`UPDATE bulk_changes SET bytes = 0 WHERE id = 'BULK'`},
		"another event":     {`UPDATE bulk_changes SET seq = seq - 1 WHERE id = 'BULK'`},
		"its event is missing": {
			`UPDATE bulk_changes SET seq = (SELECT MAX(seq) FROM events) + 1 WHERE id = 'BULK'`,
		},
	}
}

func TestChangedDraftIsNotStarted(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		for name, statements := range changedPlans() {
			change := d.draftRoles([]string{"Accountant"}, nil)
			d.tamperWith(change.ID, statements...)
			d.wantNotStarted(name, change)
		}
		d.wantWrites(0)
	})
}

// wantNotStarted fails the test when a draft can be started.
func (d fixture) wantNotStarted(name string, change bulk.Change) {
	d.t.Helper()
	count, _ := change.Confirmation()
	form := bulk.StartForm{Confirm: fmt.Sprint(count), Warned: change.Warnings, Reason: "the yearly review"}
	_, err := d.Bulk.Start(d.t.Context(), d.request(admin()), change.ID, form)
	if _, denied := errors.AsType[*policy.Denied](err); denied { // another operator's draft
		return
	}
	if _, isMismatch := errors.AsType[*audit.Mismatch](err); !isMismatch {
		d.t.Errorf("%s: starting it: %v", name, err)
	}
	d.wantMismatch(name)
}

func TestChangedRunningChangeIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for name, statements := range changedPlans() {
			change := d.draftRoles([]string{"Accountant"}, nil)
			d.start(change)
			d.tamperWith(change.ID, statements...)
			end := d.startWorkers()
			d.waitUntilEnded(change.ID)
			d.wantMismatch(name)
			end()
		}
		d.wantWrites(0)
	})
}

// TestCopiedChangeIsNotSent copies a draft and a running bulk change under another id.
func TestCopiedChangeIsNotSent(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.tamperWith(change.ID, copyStatements()...)
		other := change
		other.ID = copied
		d.wantNotStarted("a copied draft", other)
		d.tamper(`DELETE FROM bulk_changes WHERE id = 'COPY'`)
		d.start(change)
		d.tamperWith(change.ID, copyStatements()...)
		defer d.startWorkers()()
		d.waitUntilEnded(change.ID)
		d.waitUntilEnded(copied)
		d.wantWrites(8)
		d.wantMismatch("a copied running change")
	})
}

// TestReplayedChangeIsNotSentAgain puts the rows of a finished bulk change back to a state before, or changes them.
// None is sent again, and none can be retried.
func TestReplayedChangeIsNotSentAgain(t *testing.T) {
	again := `UPDATE bulk_items SET state = 'waiting', operation_id = '', result = '', final = FALSE, code = 0, seq = 0
		WHERE bulk_id = 'BULK'`
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		wanted := 0
		for name, statements := range map[string][]string{
			"running again": {again, `UPDATE bulk_changes SET state = 'running', ended_at = 0 WHERE id = 'BULK'`},
			"running again, with the event of the start": {
				again,
				`UPDATE bulk_changes SET state = 'running', ended_at = 0, seq = (SELECT MIN(seq) FROM events
					WHERE operation_id = 'bulk/BULK' AND body LIKE '%"state":"running"%') WHERE id = 'BULK'`,
			},
			"one item in progress again": {
				`UPDATE bulk_items SET state = 'busy', operation_id = 'COPY', result = '', final = FALSE
					WHERE bulk_id = 'BULK' AND n = 3`,
				`UPDATE bulk_changes SET state = 'running', ended_at = 0 WHERE id = 'BULK'`,
			},
			"another operation":   {`UPDATE bulk_items SET operation_id = 'COPY' WHERE bulk_id = 'BULK' AND n = 3`},
			"another result":      {`UPDATE bulk_items SET result = 'refused' WHERE bulk_id = 'BULK' AND n = 3`},
			"another code":        {`UPDATE bulk_items SET code = 340 WHERE bulk_id = 'BULK' AND n = 3`},
			"another message":     {`UPDATE bulk_items SET message = 'It is fine.' WHERE bulk_id = 'BULK' AND n = 3`},
			"no final result":     {`UPDATE bulk_items SET final = FALSE WHERE bulk_id = 'BULK' AND n = 3`},
			"another end":         {`UPDATE bulk_changes SET ended_at = ended_at + 1 WHERE id = 'BULK'`},
			"stopped":             {`UPDATE bulk_changes SET state = 'stopped' WHERE id = 'BULK'`},
			"another stop reason": {`UPDATE bulk_changes SET stop_reason = 'Stopped by Ada.' WHERE id = 'BULK'`},
		} {
			grant, revoke := []string{"Accountant"}, []string(nil)
			if wanted%16 == 8 {
				grant, revoke = revoke, grant
			}
			change := d.draftRoles(grant, revoke)
			d.start(change)
			wantSummary(t, d.waitUntilEnded(change.ID), "done, 8 applied")
			wanted += 8
			d.tamperWith(change.ID, statements...)
			time.Sleep(time.Minute)
			d.waitUntilEnded(change.ID)
			d.wantWrites(wanted)
			_, err := d.Bulk.Retry(t.Context(), d.request(admin()), change.ID)
			if _, isMismatch := errors.AsType[*audit.Mismatch](err); !isMismatch {
				t.Errorf("%s: retrying it: %v", name, err)
			}
			d.wantMismatch(name)
		}
	})
}

// TestOldDraftIsNotStartedAgain brings the rows of a draft back after it was started, and after it was discarded.
func TestOldDraftIsNotStartedAgain(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		for _, discarded := range []bool{false, true} {
			change := d.draftRoles([]string{"Accountant"}, nil)
			for _, table := range []string{"bulk_changes", "bulk_items"} {
				d.tamper(`DROP TABLE IF EXISTS old_`+table, `CREATE TABLE old_`+table+` AS SELECT * FROM `+table)
			}
			if discarded {
				time.Sleep(25 * time.Hour)
			} else {
				d.start(change)
			}
			end := d.startWorkers()
			time.Sleep(time.Minute)
			end()
			d.tamper(
				`DELETE FROM bulk_changes`,
				`INSERT INTO bulk_changes SELECT * FROM old_bulk_changes`,
				`INSERT INTO bulk_items SELECT * FROM old_bulk_items`,
			)
			d.wantNotStarted(fmt.Sprint("discarded: ", discarded), change)
			d.tamper(`DELETE FROM bulk_changes`)
		}
		d.wantWrites(8)
	})
}

// TestItemChangedBeforeItsTurn changes items while another one is sent.
func TestItemChangedBeforeItsTurn(t *testing.T) {
	for name, statement := range map[string]string{
		"another role":     `UPDATE bulk_items SET body = 'OWNER_ITEM' WHERE n = 4`,
		"suppressed":       `UPDATE bulk_items SET state = 'done', result = 'applied', final = TRUE WHERE n IN (4, 8)`,
		"deleted":          `DELETE FROM bulk_items WHERE n = 8`,
		"another operator": `UPDATE bulk_changes SET operator = '{}'`,
		"copied from another bulk change": `UPDATE bulk_items SET body =
			(SELECT body FROM bulk_items WHERE n = 1) WHERE n = 4`,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				change := d.draftRoles([]string{"Accountant"}, nil)
				d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Nth: 3, Kind: voxsim.SlowDrip, Delay: 3 * time.Second})
				d.start(change)
				d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Applied == 2 && c.Counts.InProgress == 1 })
				d.tamper(statement)
				if end := d.waitUntilEnded(change.ID); end.State != bulk.Stopped {
					t.Errorf("it ended as %s", end.State)
				}
				if got := d.roleNamesOf("agent_0004"); got != "Support" && strings.Contains(statement, "n = 4") {
					t.Errorf("agent_0004 has %s", got)
				}
				d.wantMismatch("")
			})
		})
	}
}

// TestDeletedStopIsNoticed deletes the event of a stop and sets the row back.
func TestDeletedStopIsNoticed(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.start(change)
		if _, err := d.Bulk.Stop(t.Context(), admin(), change.ID); err != nil {
			t.Fatal(err)
		}
		if err := d.AuditLog.Note(t.Context(), audit.SignedOut{}); err != nil {
			t.Fatal(err)
		}
		drop := `DROP TRIGGER events_no_delete`
		if d.DB.Postgres() {
			drop += ` ON events`
		}
		d.tamper(
			drop,
			`DELETE FROM events WHERE body LIKE '%"state":"stopped"%'`,
			`UPDATE bulk_changes SET state = 'running', stop_reason = '', ended_at = 0,
				seq = (SELECT MIN(seq) FROM events WHERE body LIKE '%"state":"running"%')`,
		)
		defer d.startWorkers()()
		d.waitUntilEnded(change.ID)
		d.wantWrites(0)
		d.wantMismatch("")
	})
}

// TestForgedOperationIsNoResult writes a row of operations with the id of an item's operation.
func TestForgedOperationIsNoResult(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		before := d.draftRoles([]string{"Accountant"}, nil)
		d.start(before)
		wantSummary(t, d.waitUntilEnded(before.ID), "done, 8 applied")
		change := d.draftRoles(nil, []string{"Support"})
		d.tamper(fmt.Sprintf(
			`INSERT INTO operations (id, account, action, target_kind, target_id, target_name, former_id, actor_id, actor,
				reason, request_id, tag, intent, created_at, result, confirmed, open, closed_at, last_seq, bulk_id, bulk_later)
			SELECT '%s', account, action, target_kind, target_id, target_name, former_id, actor_id, actor, reason,
				request_id, tag, intent, created_at, result, confirmed, open, closed_at, last_seq, bulk_id, bulk_later
			FROM operations WHERE target_id = '1001'`,
			audit.BulkOperationID(change.ID, 1, 0),
		))
		d.start(change)
		end := d.waitUntilEnded(change.ID)
		if end.State != bulk.Stopped || end.Counts.Applied != 0 {
			t.Errorf("it ended as %s", summary(end))
		}
		d.wantWrites(8)
		d.wantMismatch("")
	})
}

// TestDeletedRowsAreFound deletes rows that nothing acts on any more.
func TestDeletedRowsAreFound(t *testing.T) {
	for _, table := range []string{"bulk_changes", "bulk_items"} {
		t.Run(table, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				change := d.draftRoles([]string{"Accountant"}, nil)
				d.start(change)
				d.waitUntilEnded(change.ID)
				d.tamper(`DELETE FROM ` + table)
			})
		})
	}
}

// TestEveryColumnIsVerified changes every column of a finished bulk change and of its items, except those of the lease,
// which only order the replicas, and the ids, for which there is TestCopiedChangeIsNotSent.
func TestEveryColumnIsVerified(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(2)}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 2 applied")
		d.tamper(`CREATE TABLE items AS SELECT * FROM bulk_items`, `CREATE TABLE changes AS SELECT * FROM bulk_changes`)
		for _, table := range []string{"bulk_changes", "bulk_items"} {
			for column, kind := range storetest.Columns(t, d.DB, table) {
				if slices.Contains([]string{"lease_holder", "lease_until", "id", "bulk_id"}, column) {
					continue
				}
				value := map[string]string{"text": column + ` || 'x'`, "number": column + ` + 7`, "bool": `NOT ` + column}[kind]
				d.tamperWith(change.ID, `UPDATE `+table+` SET `+column+` = `+value)
				d.checkVerify()
				d.tamper(`DELETE FROM bulk_items`, `DELETE FROM bulk_changes`)
				d.tamper(`INSERT INTO bulk_changes SELECT * FROM changes`, `INSERT INTO bulk_items SELECT * FROM items`)
				d.CheckIntact(t)
			}
		}
		d.tamper(`UPDATE bulk_items SET message = 'x'`)
	})
}

// TestPruneDeletesEndedChanges prunes ended and discarded bulk changes with their items, and keeps a draft.
func TestPruneDeletesEndedChanges(t *testing.T) {
	inWorld(t, apptest.Options{Company: agents(2)}, func(t *testing.T, d fixture) {
		end := d.startWorkers()
		discarded := d.draftRoles(nil, []string{"Support"})
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.start(change)
		wantSummary(t, d.waitUntilEnded(change.ID), "done, 2 applied")
		end()
		time.Sleep(25 * time.Hour)
		defer d.startWorkers()()
		draft := d.draftRoles([]string{"Developer"}, nil)
		time.Sleep(time.Hour)
		d.CheckIntact(t)
		pruned, err := d.AuditLog.Prune(t.Context(), time.Now(), "a test")
		if err != nil || pruned.BulkChanges != 1 {
			t.Fatalf("pruned %+v, %v", pruned, err)
		}
		d.CheckIntact(t)
		for id, want := range map[string]error{discarded.ID: bulk.ErrNotFound, change.ID: bulk.ErrNotFound, draft.ID: nil} {
			if _, err := d.Bulk.Show(t.Context(), admin(), id); !errors.Is(err, want) {
				t.Errorf("showing %s: %v, want %v", id, err, want)
			}
		}
		d.start(draft)
		wantSummary(t, d.waitUntilEnded(draft.ID), "done, 2 applied")
	})
}
