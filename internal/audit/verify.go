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
func (r *Record) Verify(ctx context.Context, known *Head) (Report, error) {
	tx, err := r.db.SQL().BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return Report{}, fmt.Errorf("beginning to read the record: %w", err)
	}
	v := &verifying{tx: tx, keys: r.keys, known: known}
	v.report.Findings = []Finding{}
	err = errors.Join(v.chain(ctx), tx.Rollback())
	return v.report, err
}

// verifying is one pass over the record.
type verifying struct {
	tx     *sql.Tx
	keys   keyring
	known  *Head
	report Report

	last     head // the event before, as it is stored
	chained  bool // an event with a MAC was seen, or a checkpoint of one
	lastAt   int64
	setBack  int64  // how many events are earlier than the one before
	suspects []link // the first whose MAC does not fit
}

// suspectsKept is for how many events it is tried to tell where they came from, each at the cost of one more pass.
const suspectsKept = 4

func (v *verifying) chain(ctx context.Context) error {
	v.last = head{mac: zeros()}
	if err := v.start(ctx); err != nil {
		return err
	}
	if err := v.each(ctx, v.event); err != nil {
		return err
	}
	v.report.Head = Head{Seq: v.last.seq, MAC: hex.EncodeToString(v.last.mac)}
	v.end()
	if err := v.place(ctx); err != nil {
		return err
	}
	return v.operations(ctx)
}

// each reads all events in order.
func (v *verifying) each(ctx context.Context, do func(link)) error {
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

// start looks at the newest checkpoint, from which the chain goes on.
func (v *verifying) start(ctx context.Context) error {
	c, found, err := readCheckpoint(ctx, v.tx)
	if err != nil || !found {
		return err
	}
	v.report.Checkpoint = &c
	v.last, v.chained = head{seq: c.Seq, mac: c.mac}, !hmac.Equal(c.mac, zeros())
	key, ok := v.keys.find(c.KeyID)
	switch {
	case !ok:
		v.report.find(
			Finding{
				Seq:     c.Seq,
				Problem: UnknownKey,
				Text:    fmt.Sprintf("The checkpoint at event %d was sealed with the key %s, which was not given.", c.Seq, c.KeyID),
			},
		)
	case !hmac.Equal(key.seal(c), c.sealed):
		v.report.find(
			Finding{
				Seq:     c.Seq,
				Problem: BadCheckpoint,
				Text:    fmt.Sprintf("The checkpoint at event %d was changed or made by somebody else.", c.Seq),
			},
		)
	}
	return nil
}

// event looks at the next event.
func (v *verifying) event(e link) {
	find := func(p Problem, format string, args ...any) {
		v.report.find(Finding{Seq: e.seq, Operation: e.operationID, Problem: p, Text: fmt.Sprintf(format, args...)})
	}
	if c := v.report.Checkpoint; c != nil && e.seq <= c.Seq {
		find(BeforeItsStart, "Event %d is there, though the checkpoint at %d took it out.", e.seq, c.Seq)
		return
	}
	if e.at < v.lastAt {
		v.setBack++
	}
	gap := e.seq - v.last.seq - 1
	if e.keyID == "" && len(e.mac) == 0 {
		v.before(e, find)
	} else {
		v.report.Events++
		if gap > 0 {
			find(Missing, "%d events are missing before event %d.", gap, e.seq)
		} else {
			v.seal(e, find)
		}
		v.chained = true
		v.last = head{seq: e.seq, mac: e.mac}
	}
	v.lastAt = e.at
	if v.known != nil && v.known.Seq == e.seq && v.known.MAC != hex.EncodeToString(e.mac) {
		find(OtherThan, "Event %d is another than the log knows.", e.seq)
	}
}

// before looks at an event without a MAC, which may be only where the chain has not begun.
func (v *verifying) before(e link, find func(Problem, string, ...any)) {
	if v.chained || e.seq < 1 {
		find(NotChained, "Event %d has no MAC.", e.seq)
	} else {
		v.report.BeforeChain++
	}
	v.last = head{seq: e.seq, mac: zeros()}
}

// seal looks whether an event follows the one before.
func (v *verifying) seal(e link, find func(Problem, string, ...any)) {
	key, ok := v.keys.find(e.keyID)
	switch {
	case !ok:
		find(UnknownKey, "Event %d was sealed with the key %q, which was not given.", e.seq, e.keyID)
	case !hmac.Equal(key.sum(v.last.mac, e), e.mac):
		find(Changed, "Event %d was changed, or what is before it was.", e.seq)
		if len(v.suspects) < suspectsKept {
			v.suspects = append(v.suspects, e)
		}
	}
}

// end looks at the tail, and at what proves nothing.
func (v *verifying) end() {
	if v.setBack > 0 {
		v.report.Warnings = append(
			v.report.Warnings,
			fmt.Sprintf("%d events are earlier than the one before them: a clock was set back.", v.setBack),
		)
	}
	switch c := v.report.Checkpoint; {
	case v.known == nil:
	case v.known.Seq > v.last.seq:
		v.report.find(
			Finding{
				Seq:     v.last.seq,
				Problem: ShorterThan,
				Text:    fmt.Sprintf("The record ends at event %d, though the log knows event %d.", v.last.seq, v.known.Seq),
			},
		)
	case c != nil && v.known.Seq == c.Seq && v.known.MAC != hex.EncodeToString(c.mac):
		v.report.find(
			Finding{
				Seq:     c.Seq,
				Problem: OtherThan,
				Text:    fmt.Sprintf("Event %d, at which the chain begins, is another than the log knows.", c.Seq),
			},
		)
	case c != nil && v.known.Seq < c.Seq:
		v.report.Warnings = append(
			v.report.Warnings,
			fmt.Sprintf(
				"Event %d, which the log knows, was taken out by the checkpoint at %d: take a later one.",
				v.known.Seq,
				c.Seq,
			),
		)
	}
}

// place finds out of the first events that do not fit whether they are whole, and were written at another place: then
// their MAC follows from one that is stored somewhere, at its place or beside it.
func (v *verifying) place(ctx context.Context) error {
	for _, e := range v.suspects {
		key, _ := v.keys.find(e.keyID)
		was := int64(0)
		err := v.each(ctx, func(other link) {
			for seq := max(other.seq-1, 1); was == 0 && seq <= other.seq+1; seq++ {
				moved := e
				moved.seq = seq
				if hmac.Equal(key.sum(other.mac, moved), e.mac) {
					was = seq
				}
			}
		})
		if err != nil {
			return err
		}
		for i, f := range v.report.Findings {
			if was != 0 && f.Seq == e.seq && f.Problem == Changed {
				v.report.Findings[i].Problem = OutOfOrder
				v.report.Findings[i].Text = fmt.Sprintf(
					"What stands as event %d is whole, but was written as event %d.",
					e.seq,
					was,
				)
			}
		}
	}
	return nil
}
