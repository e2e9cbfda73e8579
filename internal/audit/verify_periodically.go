package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	verifyEvery  = time.Hour
	verifySpread = 10 * time.Minute // added at random, so that replicas do not verify at the same time
	verifyRetry  = 30 * time.Second // after an attempt that was not possible, or while there is an alarm
	verifyWhole  = 24               // each of so many verifications begins at the beginning of the chain
	verifyPart   = 2000             // events in one scan, so that searches are not kept waiting
)

// errVerifyBusy is returned while another process verifies.
var errVerifyBusy = errors.New("another process verifies the chain")

// VerifyPeriodically verifies the chain at once and then every hour, until ctx ends: the events since the last
// verification, once a day all of them.
func (r *Log) VerifyPeriodically(ctx context.Context) {
	for count := 0; ; {
		wait := verifyRetry
		whole := count%verifyWhole == 1
		if alarm := r.Alarm(); alarm == nil || alarm.Problem == BrokenChain {
			err := r.VerifyChain(ctx, whole)
			switch {
			case err == nil:
				count++
				wait = verifyEvery + rand.N(verifySpread)
			case !errors.Is(err, errVerifyBusy) && ctx.Err() == nil && r.Alarm() == nil:
				r.options.Logger.Warn("the chain of the audit log was not verified, trying again", "error", err)
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// VerifyChain verifies the chain from the last event that was verified to its end, with whole from its beginning. A
// finding raises the alarm and is returned as an Alarm. It reads a part at a time with store.DB.Scan, and continues an
// attempt that an error ended. Only one process of those that share the database verifies at a time.
func (r *Log) VerifyChain(ctx context.Context, whole bool) error {
	release, ok, err := r.db.TryLock(ctx, "verify")
	if err != nil {
		return err
	}
	if !ok {
		return errVerifyBusy
	}
	defer release()
	if err := r.CheckHead(ctx); err != nil {
		return err
	}
	if alarm := r.Alarm(); alarm != nil && alarm.Problem != BrokenChain {
		return alarm // the chain to verify is not here
	}
	for {
		at, err := r.verifyBegin(ctx, whole)
		if err != nil {
			return err
		}
		at, err = r.verifyFrom(ctx, at)
		finding, found := errors.AsType[*Mismatch](err)
		if !found {
			return err
		}
		// Pruning deletes events while they are verified, and then there is a checkpoint behind them.
		if c, sealed, err := r.newestCheckpoint(ctx, r.db.SQL()); err != nil {
			return err
		} else if sealed && (c.Seq > at.seq || c.Seq == at.seq && at.isEvent) {
			whole = true
			continue
		}
		return r.raise(Alarm{Problem: BrokenChain, Text: finding.Text})
	}
}

// verifyBegin returns where to begin: after the last event that was verified, or at the beginning of the chain, but not
// before an event that accepted findings.
func (r *Log) verifyBegin(ctx context.Context, whole bool) (place, error) {
	verified := r.memory.progress().last
	from := place{chainHead: verified, isEvent: true}
	q := r.db.SQL()
	switch ownKey := len(r.options.Keys) == 0; {
	case ownKey && verified.seq == 0: // no earlier event is sealed with it
		newest, err := readHead(ctx, q)
		return place{chainHead: newest}, err
	case whole && !ownKey || verified.seq == 0:
		from = place{chainHead: chainHead{mac: zeroMAC()}}
		c, sealed, err := r.newestCheckpoint(ctx, q)
		if err != nil {
			return from, err
		}
		if sealed && c.Seq > from.seq {
			from = place{chainHead: chainHead{seq: c.Seq, mac: c.mac}}
		}
	}
	all, err := r.acceptances(ctx, q)
	for _, a := range all {
		if len(a.Findings) > 0 && a.seq > from.seq {
			from = place{chainHead: chainHead{seq: a.seq, mac: a.mac}, isEvent: true}
		}
	}
	return from, err
}

// verifyFrom verifies the chain from a place to its end. It returns how far it came.
func (r *Log) verifyFrom(ctx context.Context, from place) (place, error) {
	end, err := readHead(ctx, r.db.SQL())
	if err != nil {
		return from, err
	}
	if from.seq == 0 && end.seq > 0 {
		if err := r.checkGenesis(ctx); err != nil {
			return from, err
		}
	}
	for part := true; part; part = from.seq < end.seq {
		until := min(from.seq+verifyPart, end.seq)
		err := r.db.Scan(ctx, func(ctx context.Context, conn *sql.Conn) error {
			at, err := r.walk(ctx, conn, from, until, func(link) error { return nil })
			if err == nil && at.seq < until {
				err = mismatchf("Event %d is missing.", at.seq+1)
			}
			if err == nil {
				from = at
			}
			return err
		})
		if err != nil {
			return from, err
		}
		r.memory.noteVerified(from.chainHead, 0)
	}
	r.memory.noteVerified(from.chainHead, r.options.Now().UnixMicro())
	r.end(BrokenChain)
	return from, nil
}

// checkGenesis returns a Mismatch unless the chain begins with the genesis event.
func (r *Log) checkGenesis(ctx context.Context) error {
	var kind string
	err := r.db.SQL().QueryRowContext(ctx, `SELECT kind FROM events WHERE seq = 1`).Scan(&kind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return mismatchf("Event 1 is missing.")
	case err != nil:
		return fmt.Errorf("reading the first event: %w", err)
	case EventKind(kind) != GenesisEvent:
		return mismatchf("Event 1 is not a genesis event.")
	}
	return nil
}
