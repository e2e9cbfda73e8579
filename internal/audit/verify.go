package audit

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

const linkColumns = `seq, operation_id, kind, at, result, confirmed, body, key_id, mac`

// scanLink scans linkColumns and the columns after them.
func scanLink(rows *sql.Rows, after ...any) (link, error) {
	var e link
	columns := []any{&e.seq, &e.operationID, &e.kind, &e.at, &e.result, &e.confirmed, &e.body, &e.keyID, &e.mac}
	if err := rows.Scan(append(columns, after...)...); err != nil {
		return e, fmt.Errorf("reading an event: %w", err)
	}
	return e, nil
}

// Verify reads the whole audit log in one snapshot and reports what is wrong with it. expected is a head from the
// log's copy, nil for none: without it, a truncated or restored audit log looks intact. An error means that the
// database could not be read.
func (r *Log) Verify(ctx context.Context, expected *Head) (Report, error) {
	tx, err := r.db.SQL().BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return Report{}, fmt.Errorf("beginning a read transaction: %w", err)
	}
	v := &verifier{tx: tx, keys: r.keys, expectedHead: expected}
	v.report.Findings = []Finding{}
	err = errors.Join(v.run(ctx), tx.Rollback())
	return v.report, err
}

// verifier holds the state of one Verify.
type verifier struct {
	tx           *sql.Tx
	keys         keyring
	expectedHead *Head
	report       Report

	checkpoints map[int64]bool // the last events that were pruned
	pruned      int64          // the last of them that an event names

	last     chainHead // the previous event
	lastAt   int64
	setBack  int64   // the number of events with an earlier time than the previous one
	newest   int     // the age of the newest key so far
	replaced []int64 // the events that are sealed with an older key than an event before them
	suspects []link  // the first events with a wrong MAC
}

// clockTolerance is how much earlier than the previous event an event may be. The warning names it. The time of an
// event is taken before its writer waits for other writers, so that events of two servers with one clock are a little
// out of order.
const clockTolerance = time.Minute

// maxSuspects is the number of events that locateMoved examines, at the cost of one more pass each.
const maxSuspects = 4

func (v *verifier) run(ctx context.Context) error {
	v.last, v.newest = chainHead{mac: zeroMAC()}, len(v.keys)
	if err := v.checkCheckpoints(ctx); err != nil {
		return err
	}
	if err := v.forEachEvent(ctx, v.checkEvent); err != nil {
		return err
	}
	v.checkEmpty()
	v.report.Head = Head{Seq: v.last.seq, MAC: hex.EncodeToString(v.last.mac)}
	v.checkTail()
	if err := v.locateMoved(ctx); err != nil {
		return err
	}
	if err := v.checkOperations(ctx); err != nil {
		return err
	}
	if err := v.checkBulkChanges(ctx); err != nil {
		return err
	}
	if err := v.checkDrift(ctx); err != nil {
		return err
	}
	return v.checkFacts(ctx)
}

// forEachEvent calls do for all events in order.
func (v *verifier) forEachEvent(ctx context.Context, do func(link)) error {
	rows, err := v.tx.QueryContext(ctx, `SELECT `+linkColumns+` FROM events ORDER BY seq`)
	if err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		// An event with a column of another type cannot be read. Its number is the first column.
		e, err := scanLink(rows)
		e.unreadable = err != nil
		do(e)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	return nil
}

// checkEvent verifies the next event.
func (v *verifier) checkEvent(e link) {
	addFinding := func(p Problem, format string, args ...any) {
		v.report.addFinding(Finding{Seq: e.seq, Operation: e.operationID, Problem: p, Text: fmt.Sprintf(format, args...)})
	}
	if c := v.report.Checkpoint; c != nil && e.seq <= c.Seq {
		addFinding(BeforeCheckpoint, "Event %d exists although the checkpoint at event %d pruned it.", e.seq, c.Seq)
		return
	}
	if e.unreadable {
		addFinding(Changed, "Event %d was changed: it cannot be read.", e.seq)
	}
	if e.at < v.lastAt-clockTolerance.Microseconds() {
		v.setBack++
	}
	v.checkBeginning(e, addFinding)
	v.report.Events++
	if gap := e.seq - v.last.seq - 1; gap > 0 {
		addFinding(Missing, "%d events are missing before event %d.", gap, e.seq)
	} else {
		v.checkMAC(e, addFinding)
	}
	v.checkPruned(e, addFinding)
	v.checkAccepted(e)
	v.last, v.lastAt = chainHead{seq: e.seq, mac: e.mac}, e.at
	if v.expectedHead != nil && v.expectedHead.Seq == e.seq && v.expectedHead.MAC != hex.EncodeToString(e.mac) {
		addFinding(HeadMismatch, "Event %d differs from the log's copy.", e.seq)
	}
}

// checkMAC verifies that an event follows the previous one.
func (v *verifier) checkMAC(e link, addFinding func(Problem, string, ...any)) {
	key, ok := v.keys.find(e.keyID)
	switch {
	case e.unreadable:
	case len(e.mac) == 0:
		addFinding(NotChained, "Event %d has no MAC.", e.seq)
	case !ok:
		addFinding(UnknownKey, "Event %d is sealed with the key %q, which is not listed.", e.seq, e.keyID)
	case !key.seals(v.last.mac, e):
		addFinding(Changed, "Event %d, or an event before it, was changed.", e.seq)
		if len(v.suspects) < maxSuspects {
			v.suspects = append(v.suspects, e)
		}
	case key.age > v.newest:
		v.replaced = append(v.replaced, e.seq)
	default:
		v.newest = key.age
	}
}

// checkTail compares the end of the chain with the expected head, and adds the warnings.
func (v *verifier) checkTail() {
	if v.setBack > 0 {
		v.report.Warnings = append(
			v.report.Warnings,
			fmt.Sprintf(
				"%d events are more than a minute earlier than the previous event: a clock was set back, or the clocks of "+
					"two servers differ.",
				v.setBack,
			),
		)
	}
	if count := len(v.replaced); count > 0 {
		v.report.Warnings = append(v.report.Warnings, fmt.Sprintf(
			"%d events, from event %d on, are sealed with a key that was replaced before: a server was not restarted, or "+
				"another program has the key.",
			count,
			v.replaced[0],
		))
	}
	if v.expectedHead == nil {
		return
	}
	expected := *v.expectedHead
	switch c := v.report.Checkpoint; {
	case expected.Seq > v.last.seq:
		v.report.addFinding(Finding{
			Seq:     v.last.seq,
			Problem: Truncated,
			Text: fmt.Sprintf(
				"The audit log ends at event %d, but the log's copy has event %d.",
				v.last.seq,
				expected.Seq,
			),
		})
	case c != nil && expected.Seq == c.Seq && expected.MAC != hex.EncodeToString(c.mac):
		v.report.addFinding(Finding{
			Seq:     c.Seq,
			Problem: HeadMismatch,
			Text:    fmt.Sprintf("Event %d, where the chain begins, differs from the log's copy.", c.Seq),
		})
	case c != nil && expected.Seq < c.Seq:
		v.report.Warnings = append(v.report.Warnings, fmt.Sprintf(
			"Event %d of the expected head was pruned by the checkpoint at event %d: use a later head.",
			expected.Seq,
			c.Seq,
		))
	}
}

// locateMoved finds out whether the first events with a wrong MAC are unchanged but were moved: then their MAC
// follows from the MAC of a stored event, which is at its own position or next to it.
func (v *verifier) locateMoved(ctx context.Context) error {
	for _, e := range v.suspects {
		key, _ := v.keys.find(e.keyID)
		originalSeq := int64(0)
		err := v.forEachEvent(ctx, func(other link) {
			for seq := max(other.seq-1, 1); originalSeq == 0 && seq <= other.seq+1; seq++ {
				moved := e
				moved.seq = seq
				if key.seals(other.mac, moved) {
					originalSeq = seq
				}
			}
		})
		if err != nil {
			return err
		}
		for i, f := range v.report.Findings {
			if originalSeq != 0 && f.Seq == e.seq && f.Problem == Changed {
				v.report.Findings[i].Problem = OutOfOrder
				v.report.Findings[i].Text = fmt.Sprintf(
					"Event %d is unchanged, but was written as event %d.",
					e.seq,
					originalSeq,
				)
			}
		}
	}
	return nil
}
