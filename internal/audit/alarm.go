package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// AlarmProblem is why nothing is written to the audit log any more.
type AlarmProblem string

// The problems of an Alarm.
const (
	LostEvents  AlarmProblem = "lost_events"  // an event that was in the audit log is missing, or is another one
	BrokenChain AlarmProblem = "broken_chain" // verifying the chain had a finding
	NoWitness   AlarmProblem = "no_witness"   // the witness is missing or not usable
)

// Alarm is the error of everything that would write to the audit log while it is not what it was. AcceptLoss ends it,
// and also the return of the lost events.
type Alarm struct {
	Problem AlarmProblem
	Text    string // a sentence
	Head    Head   // the event that is missing; zero unless Problem is LostEvents
}

// Error implements error.
func (a *Alarm) Error() string {
	verify := "server audit verify"
	if a.Problem == LostEvents {
		verify += " -head " + a.Head.String()
	}
	return a.Text + " Nothing is written to the audit log, and nothing is changed. Look for a failover or a restored " +
		"copy, and run: " + verify + ". Then restore the database, or accept the loss with: server audit accept"
}

// Alarm returns why nothing is written to the audit log, nil while that is possible.
func (r *Log) Alarm() *Alarm { return r.alarm.Load() }

// raise stops writing and logs it, unless that was done for the same problem. It returns the alarm.
func (r *Log) raise(a Alarm) *Alarm {
	previous := r.alarm.Swap(&a)
	if previous == nil || previous.Problem != a.Problem {
		attributes := []any{"problem", a.Problem, "error", a.Error()}
		if a.Problem == LostEvents {
			attributes = append(attributes, "head", a.Head.String())
		}
		r.options.Logger.Error("nothing is written to the audit log any more", attributes...)
	}
	return &a
}

// end ends the alarm of a problem.
func (r *Log) end(problem AlarmProblem) {
	current := r.alarm.Load()
	if current != nil && current.Problem == problem && r.alarm.CompareAndSwap(current, nil) {
		r.options.Logger.Info("the audit log is written again")
	}
}

// presence is whether an event is still in the audit log.
type presence int

const (
	lost presence = iota
	lossAccepted
	present // or pruned
)

// find returns the presence of an event that was in the audit log. newest is its end.
func (r *Log) find(ctx context.Context, q querier, known, newest chainHead) (presence, error) {
	switch {
	case known.seq == 0 || known.equal(newest):
		return present, nil
	case known.seq < newest.seq:
		if found, err := r.contains(ctx, q, known); err != nil || found {
			return present, err
		}
	}
	if accepted, err := r.isAccepted(ctx, q, known); err != nil || accepted {
		return lossAccepted, err
	}
	return lost, nil
}

// contains reports whether an event is in the audit log, or was pruned: then a checkpoint is in its place.
func (r *Log) contains(ctx context.Context, q querier, known chainHead) (bool, error) {
	var mac []byte
	err := q.QueryRowContext(ctx, `SELECT mac FROM events WHERE seq = $1`, known.seq).Scan(&mac)
	if err == nil {
		return known.equal(chainHead{seq: known.seq, mac: mac}), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("reading an event: %w", err)
	}
	c, found, err := r.newestCheckpoint(ctx, q)
	if err != nil || !found || c.Seq < known.seq {
		return false, err
	}
	return c.Seq > known.seq || known.equal(chainHead{seq: c.Seq, mac: c.mac}), nil
}

// newestCheckpoint returns the newest checkpoint; found is false unless there is one and its seal is right.
func (r *Log) newestCheckpoint(ctx context.Context, q querier) (c Checkpoint, found bool, err error) {
	rows, err := q.QueryContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints ORDER BY seq DESC LIMIT 2`)
	if err != nil {
		return c, false, fmt.Errorf("reading checkpoints: %w", err)
	}
	defer rows.Close()
	newest := []Checkpoint{}
	for rows.Next() {
		each, err := scanCheckpoint(rows)
		if err != nil {
			return c, false, fmt.Errorf("reading checkpoints: %w", err)
		}
		newest = append(newest, each)
	}
	if err := rows.Err(); err != nil {
		return c, false, fmt.Errorf("reading checkpoints: %w", err)
	}
	if len(newest) == 0 {
		return c, false, nil
	}
	newest = append(newest, firstCheckpoint())
	key, known := r.keys.find(newest[0].KeyID)
	return newest[0], known && newest[0].sealedBy(key, newest[1]), nil
}

// checkHead returns an Alarm unless the event that this process knows is still in the audit log. known must have been
// taken before newest, the end of the audit log, was read. It is called before each event that is written.
func (r *Log) checkHead(ctx context.Context, q querier, known, newest chainHead) error {
	found, err := r.find(ctx, q, known, newest)
	switch {
	case err != nil:
		return err
	case found == lossAccepted:
		r.memory.forget(known, newest)
	case found == lost:
		return r.raise(Alarm{Problem: LostEvents, Text: lossText(known, newest), Head: known.public()})
	}
	return nil
}

// lossText returns how the audit log differs from what it was.
func lossText(known, newest chainHead) string {
	switch {
	case newest.seq == 0:
		return fmt.Sprintf("The audit log is empty, but it had event %d.", known.seq)
	case newest.seq < known.seq:
		return fmt.Sprintf("The audit log ends at event %d, but it had event %d.", newest.seq, known.seq)
	default:
		return fmt.Sprintf("Event %d of the audit log is not the event that it was.", known.seq)
	}
}

// headCheckTimeout limits CheckHead. A database that is slow is not one that went back.
const headCheckTimeout = 10 * time.Second

// CheckHead compares the audit log with the newest event that this process, or the witness, knows, and raises or ends
// the alarm. Call it at the start, before anything is written. It returns ErrEmptied for an audit log without events,
// which cannot be accepted. Another error means that the database could not be read.
func (r *Log) CheckHead(ctx context.Context) error {
	if alarm := r.Alarm(); alarm != nil && alarm.Problem == NoWitness && !r.readWitness() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, headCheckTimeout)
	defer cancel()
	known := r.memory.head()
	newest, err := readHead(ctx, r.db.SQL())
	if err != nil {
		return err
	}
	err = r.checkHead(ctx, r.db.SQL(), known, newest)
	if newest.seq == 0 && (known.seq > 0 || !r.options.BeginNew) {
		return ErrEmptied
	}
	if _, alarmed := errors.AsType[*Alarm](err); alarmed {
		return nil
	}
	if err != nil {
		return err
	}
	if known.seq == 0 || newest.seq > known.seq {
		r.memory.note(newest)
	}
	r.end(LostEvents)
	r.end(NoWitness)
	return nil
}

const (
	headCheckEvery = 30 * time.Second
	witnessEvery   = time.Second // also the time between checks during an alarm
)

// Watch checks the head and saves the witness periodically, until ctx ends.
func (r *Log) Watch(ctx context.Context) {
	ticker := time.NewTicker(witnessEvery)
	defer ticker.Stop()
	failed := false
	for checked := time.Now(); ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if r.Alarm() != nil || time.Since(checked) >= headCheckEvery {
			_ = r.CheckHead(ctx) // that the database cannot be read is reported where it is used
			checked = time.Now()
		}
		err := r.SaveWitness()
		if err != nil && !failed {
			r.options.Logger.Error("the witness of the audit log cannot be written", "error", err)
		}
		failed = err != nil
	}
}
