package audit

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
)

const linkColumns = `seq, operation_id, kind, at, result, confirmed, body, key_id, mac`

func scanLink(rows *sql.Rows) (link, error) {
	var e link
	err := rows.Scan(&e.seq, &e.operationID, &e.kind, &e.at, &e.result, &e.confirmed, &e.body, &e.keyID, &e.mac)
	if err != nil {
		return link{}, fmt.Errorf("reading an event: %w", err)
	}
	return e, nil
}

// Verify reads the whole record once, as it is at one moment, and says what is wrong with it. known is a head that
// the log has, nil for none: without one, a record that was cut short or put back from a copy looks whole. It holds
// one event at a time. Its error means that the record could not be read.
func (r *Log) Verify(ctx context.Context, expected *Head) (Report, error) {
	tx, err := r.db.SQL().BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return Report{}, fmt.Errorf("beginning to read the record: %w", err)
	}
	v := &verifier{tx: tx, keys: r.keys, expectedHead: expected}
	v.report.Findings = []Finding{}
	err = errors.Join(v.run(ctx), tx.Rollback())
	return v.report, err
}

// verifier is one pass over the record.
type verifier struct {
	tx           *sql.Tx
	keys         keyring
	expectedHead *Head
	report       Report

	last     chainHead // the event before, as it is stored
	chained  bool      // an event with a MAC was seen, or a checkpoint of one
	lastAt   int64
	setBack  int64  // how many events are earlier than the one before
	suspects []link // the first whose MAC does not fit
}

// maxSuspects is for how many events it is tried to tell where they came from, each at the cost of one more pass.
const maxSuspects = 4

func (v *verifier) run(ctx context.Context) error {
	v.last = chainHead{mac: zeroMAC()}
	if err := v.checkCheckpoint(ctx); err != nil {
		return err
	}
	if err := v.forEachEvent(ctx, v.checkEvent); err != nil {
		return err
	}
	v.report.Head = Head{Seq: v.last.seq, MAC: hex.EncodeToString(v.last.mac)}
	v.checkTail()
	if err := v.locateMoved(ctx); err != nil {
		return err
	}
	return v.checkOperations(ctx)
}

// forEachEvent reads all events in order.
func (v *verifier) forEachEvent(ctx context.Context, do func(link)) error {
	rows, err := v.tx.QueryContext(ctx, `SELECT `+linkColumns+` FROM events ORDER BY seq`)
	if err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanLink(rows)
		if err != nil {
			return err
		}
		do(e)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	return nil
}

// checkCheckpoint looks at the newest checkpoint, from which the chain goes on.
func (v *verifier) checkCheckpoint(ctx context.Context) error {
	c, found, err := readCheckpoint(ctx, v.tx)
	if err != nil || !found {
		return err
	}
	v.report.Checkpoint = &c
	v.last, v.chained = chainHead{seq: c.Seq, mac: c.mac}, !hmac.Equal(c.mac, zeroMAC())
	key, ok := v.keys.find(c.KeyID)
	switch {
	case !ok:
		v.report.addFinding(
			Finding{
				Seq:     c.Seq,
				Problem: UnknownKey,
				Text:    fmt.Sprintf("The checkpoint at event %d was sealed with the key %s, which was not given.", c.Seq, c.KeyID),
			},
		)
	case !hmac.Equal(key.checkpointMAC(c), c.seal):
		v.report.addFinding(
			Finding{
				Seq:     c.Seq,
				Problem: BadCheckpoint,
				Text:    fmt.Sprintf("The checkpoint at event %d was changed or made by somebody else.", c.Seq),
			},
		)
	}
	return nil
}

// checkEvent looks at the next event.
func (v *verifier) checkEvent(e link) {
	addFinding := func(p Problem, format string, args ...any) {
		v.report.addFinding(Finding{Seq: e.seq, Operation: e.operationID, Problem: p, Text: fmt.Sprintf(format, args...)})
	}
	if c := v.report.Checkpoint; c != nil && e.seq <= c.Seq {
		addFinding(BeforeCheckpoint, "Event %d is there, though the checkpoint at %d took it out.", e.seq, c.Seq)
		return
	}
	if e.at < v.lastAt {
		v.setBack++
	}
	gap := e.seq - v.last.seq - 1
	if e.keyID == "" && len(e.mac) == 0 {
		v.checkUnchained(e, addFinding)
	} else {
		v.report.Events++
		if gap > 0 {
			addFinding(Missing, "%d events are missing before event %d.", gap, e.seq)
		} else {
			v.checkMAC(e, addFinding)
		}
		v.chained = true
		v.last = chainHead{seq: e.seq, mac: e.mac}
	}
	v.lastAt = e.at
	if v.expectedHead != nil && v.expectedHead.Seq == e.seq && v.expectedHead.MAC != hex.EncodeToString(e.mac) {
		addFinding(HeadMismatch, "Event %d is another than the log knows.", e.seq)
	}
}

// checkUnchained looks at an event without a MAC, which may be only where the chain has not begun.
func (v *verifier) checkUnchained(e link, addFinding func(Problem, string, ...any)) {
	if v.chained || e.seq < 1 {
		addFinding(NotChained, "Event %d has no MAC.", e.seq)
	} else {
		v.report.BeforeChain++
	}
	v.last = chainHead{seq: e.seq, mac: zeroMAC()}
}

// checkMAC looks whether an event follows the one before.
func (v *verifier) checkMAC(e link, addFinding func(Problem, string, ...any)) {
	key, ok := v.keys.find(e.keyID)
	switch {
	case !ok:
		addFinding(UnknownKey, "Event %d was sealed with the key %q, which was not given.", e.seq, e.keyID)
	case !hmac.Equal(key.eventMAC(v.last.mac, e), e.mac):
		addFinding(Changed, "Event %d was changed, or what is before it was.", e.seq)
		if len(v.suspects) < maxSuspects {
			v.suspects = append(v.suspects, e)
		}
	}
}

// checkTail looks at the tail, and at what proves nothing.
func (v *verifier) checkTail() {
	if v.setBack > 0 {
		v.report.Warnings = append(
			v.report.Warnings,
			fmt.Sprintf("%d events are earlier than the one before them: a clock was set back.", v.setBack),
		)
	}
	switch c := v.report.Checkpoint; {
	case v.expectedHead == nil:
	case v.expectedHead.Seq > v.last.seq:
		v.report.addFinding(
			Finding{
				Seq:     v.last.seq,
				Problem: Truncated,
				Text:    fmt.Sprintf("The record ends at event %d, though the log knows event %d.", v.last.seq, v.expectedHead.Seq),
			},
		)
	case c != nil && v.expectedHead.Seq == c.Seq && v.expectedHead.MAC != hex.EncodeToString(c.mac):
		v.report.addFinding(
			Finding{
				Seq:     c.Seq,
				Problem: HeadMismatch,
				Text:    fmt.Sprintf("Event %d, at which the chain begins, is another than the log knows.", c.Seq),
			},
		)
	case c != nil && v.expectedHead.Seq < c.Seq:
		v.report.Warnings = append(
			v.report.Warnings,
			fmt.Sprintf(
				"Event %d, which the log knows, was taken out by the checkpoint at %d: take a later one.",
				v.expectedHead.Seq,
				c.Seq,
			),
		)
	}
}

// locateMoved finds out of the first events that do not fit whether they are whole, and were written at another
// place: then their MAC follows from one that is stored somewhere, at its place or beside it.
func (v *verifier) locateMoved(ctx context.Context) error {
	for _, e := range v.suspects {
		key, _ := v.keys.find(e.keyID)
		originalSeq := int64(0)
		err := v.forEachEvent(ctx, func(other link) {
			for seq := max(other.seq-1, 1); originalSeq == 0 && seq <= other.seq+1; seq++ {
				moved := e
				moved.seq = seq
				if hmac.Equal(key.eventMAC(other.mac, moved), e.mac) {
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
					"What stands as event %d is whole, but was written as event %d.",
					e.seq,
					originalSeq,
				)
			}
		}
	}
	return nil
}
