package audit

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Mismatch is the error for a row that the console must not act on, because it does not agree with the event that set
// it, or because the chain since that event is broken.
type Mismatch struct {
	Text     string // a sentence
	Reported bool   // an event about it was written before
}

// Error implements error.
func (m *Mismatch) Error() string { return m.Text }

func mismatchf(format string, args ...any) *Mismatch {
	return &Mismatch{Text: fmt.Sprintf(format, args...)}
}

// MismatchFound is the notice of a row that the console refused to act on.
type MismatchFound struct {
	Account int64  `json:"account"`
	Fact    string `json:"fact"` // "bulk_change", "drift" or "facts"
	ID      string `json:"id"`   // of the bulk change, or the kind of the drift state, or the account of the facts
	Text    string `json:"text"` // a sentence
}

func (MismatchFound) kind() EventKind                       { return MismatchEvent }
func (MismatchFound) rateLimit() (string, func(int) Notice) { return "", nil }

// NewestMismatch returns when the console last refused to act on a row; found is false when it never did, or when that
// event was pruned.
func (r *Log) NewestMismatch(ctx context.Context) (at time.Time, found bool, err error) {
	var micro int64
	err = r.db.SQL().
		QueryRowContext(ctx, `SELECT at FROM events WHERE kind = 'mismatch' ORDER BY seq DESC LIMIT 1`).
		Scan(&micro)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("reading the newest mismatch: %w", err)
	}
	return time.UnixMicro(micro).UTC(), true, nil
}

// walk verifies the events after a place of the chain up to the event until, or up to the end of the chain, and calls
// each for every one. It returns the last place. It returns a *Mismatch when the chain is broken: then an event may
// have been changed or deleted.
func (r *Log) walk(ctx context.Context, q querier, from place, until int64, each func(link) error) (place, error) {
	rows, err := q.QueryContext(
		ctx,
		`SELECT `+linkColumns+` FROM events WHERE seq BETWEEN $1 AND $2 ORDER BY seq`,
		from.seq,
		until,
	)
	if err != nil {
		return from, fmt.Errorf("reading events: %w", err)
	}
	defer rows.Close()
	at := from
	for rows.Next() {
		e, err := scanLink(rows)
		if err != nil {
			return from, err
		}
		if e.seq == from.seq {
			if !hmac.Equal(e.mac, from.mac) {
				return from, mismatchf("Event %d was changed.", e.seq)
			}
			from.isEvent = false // found
			continue
		}
		if e.seq != at.seq+1 {
			return from, mismatchf("%d events are missing before event %d.", e.seq-at.seq-1, e.seq)
		}
		if err := r.checkSeal(at.mac, e); err != nil {
			return from, err
		}
		at = place{chainHead: chainHead{seq: e.seq, mac: e.mac}, isEvent: true}
		if err := each(e); err != nil {
			return from, err
		}
	}
	if err := rows.Err(); err != nil {
		return from, fmt.Errorf("reading events: %w", err)
	}
	if from.isEvent {
		return from, mismatchf("Event %d was deleted.", from.seq)
	}
	return at, nil
}

// checkSeal returns a *Mismatch when an event does not follow the event with the MAC previous.
func (r *Log) checkSeal(previous []byte, e link) error {
	key, known := r.keys.find(e.keyID)
	if !known {
		return mismatchf("Event %d is sealed with the key %q, which is not listed.", e.seq, e.keyID)
	}
	if !key.seals(previous, e) {
		return mismatchf("Event %d, or an event before it, was changed.", e.seq)
	}
	return nil
}

// place is a place in the chain: the MAC that the next event follows.
type place struct {
	chainHead
	isEvent bool // there is an event at seq, which must stay there
}

// placeBefore returns the place before an event. Its MAC need not be verified: the MAC of the event covers it.
func placeBefore(ctx context.Context, q querier, seq int64) (place, error) {
	p := place{chainHead: chainHead{seq: seq - 1, mac: zeroMAC()}}
	err := q.QueryRowContext(ctx, `SELECT mac FROM events WHERE seq = $1
		UNION ALL SELECT mac FROM checkpoints WHERE seq = $1 LIMIT 1`, seq-1).Scan(&p.mac)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return place{}, fmt.Errorf("reading the event before event %d: %w", seq, err)
	}
	return p, nil
}
