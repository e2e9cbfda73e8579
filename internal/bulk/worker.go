package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	pollInterval = 15 * time.Second // between looks for a run that another process has left
	maxDraftAge  = 24 * time.Hour   // how long a draft can be started
	// maxChangeAge is how long after its start a run is still taken up. Its rows count as decided at the start, by
	// whoever had the right then: a server that was stopped for a weekend must not go on with what nobody remembers.
	maxChangeAge = 24 * time.Hour
	// maxSharedFailures is how many rows in a row may fail for a reason that the next would share.
	maxSharedFailures = 3
)

// jobName is the name under which replicas take turns.
const jobName = "bulk"

// BulkID works off the runs that were started, one row at a time, until the context ends: those too that another
// process has left unfinished. Of the replicas that share a database, one works at a time.
func (s *Service) Run(ctx context.Context) {
	defer func() {
		if err := s.releaseLeases(context.WithoutCancel(ctx)); err != nil {
			s.Logger.Warn("the runs of this process could not be given back", "error", err)
		}
	}()
	for {
		s.logError(ctx, "runs could not be tidied up", s.sweep(ctx))
		s.logError(ctx, "runs could not be kept", s.renewLeases(ctx))
		s.workAll(ctx)
		timer := time.NewTimer(pollInterval)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// workAll works off one run after another until there is none, or it is another replica's turn.
func (s *Service) workAll(ctx context.Context) {
	for ctx.Err() == nil && s.workOne(ctx) {
	}
}

// workOne works off the run whose turn it is, and answers false when there is none for this process.
//
// The job is taken for the time of one run, so that replicas do not share the vendor's patience between several. It
// is no guard: a replica that has lost it in mid-run is not told, and goes on beside its successor. What keeps the
// two apart is the holder of each run, which is looked at again before every row, and the id of the row's operation,
// which the record takes but once.
func (s *Service) workOne(ctx context.Context) (more bool) {
	release, ok, err := s.DB.TryLock(ctx, jobName)
	if err != nil || !ok {
		s.logError(ctx, "runs wait, since the database does not say whose turn it is", err)
		return false
	}
	defer release()
	r, found, err := s.acquireNext(ctx)
	if err != nil || !found {
		s.logError(ctx, "runs could not be read", err)
		return false
	}
	if err := s.work(ctx, r); err != nil {
		s.logError(ctx, "a run was interrupted", fmt.Errorf("run %s: %w", r.ID, err))
		return false
	}
	return true
}

// logError logs what kept the loop from going on; it is tried again.
func (s *Service) logError(ctx context.Context, message string, err error) {
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn(message, "error", err)
	}
}

// startWorkers works off one run, until it is done, is stopped, or stops by itself. Its errors are those of the
// database, and the context's: the run is taken up again then.
func (s *Service) work(ctx context.Context, r storedChange) error {
	if r.Kind == Create && !s.hasPasswords(r.ID) {
		return s.abandon(ctx, r, passwordsLostReason)
	}
	if s.Now().Sub(r.StartedAt) >= maxChangeAge {
		return s.abandon(ctx, r, tooOldReason)
	}
	failures := 0
	for {
		item, err := s.nextItem(ctx, r.ID)
		if errors.Is(err, errLeaseLost) || errors.Is(err, errFinished) {
			s.forgetPasswords(r.ID)
			return nil
		}
		if err != nil {
			return err
		}
		a, err := s.processItem(ctx, r, item)
		if errors.Is(err, errLeaseLost) {
			continue // next says the same
		}
		if err != nil {
			return err
		}
		if a.sharedFailure == "" {
			failures = 0
			continue
		}
		if failures++; failures < maxSharedFailures {
			continue
		}
		if _, err := s.setStopped(
			ctx,
			r.ID,
			"Three rows in a row failed for a reason that the next would share. "+a.sharedFailure,
		); err != nil {
			return err
		}
	}
}

// abandon ends a run that was taken up and cannot go on.
func (s *Service) abandon(ctx context.Context, r storedChange, note string) error {
	_, err := s.update(
		ctx,
		`UPDATE bulk_changes SET state = $1, stop_reason = $2, ended_at = $3, lease_until = 0
			WHERE id = $4 AND state = $5 AND lease_holder = $6`,
		Stopped,
		note,
		s.Now().UnixMicro(),
		r.ID,
		Running,
		s.replicaID,
	)
	return err
}

// passwordsLostReason says why a run that creates does not go on after a restart.
const passwordsLostReason = "The server was restarted, and the passwords that were not used yet were in its " +
	"memory only. " +
	"Who is not created yet was not sent; the passwords for them in the file that was handed out are worth nothing. " +
	"Try those again: they get new ones."

// tooOldReason says why a run that was left lying for long does not go on.
const tooOldReason = "It was started more than a day ago and could not go on until now: whoever started it may not " +
	"mean it any more, or may not do it any more. " +
	"What was not sent can be tried again."

// The pauses before a row is tried again.
const busyRetryDelay = 15 * time.Second

// rateLimitDelays are those after the vendor's rate limit was met.
func rateLimitDelays() []time.Duration {
	return []time.Duration{10 * time.Second, 30 * time.Second, time.Minute}
}

// processItem gives a row its turn, and writes what came of it. It fails with errNotOurs when the run ended while the
// row waited to be tried again.
func (s *Service) processItem(ctx context.Context, r storedChange, item Item) (itemOutcome, error) {
	for attempts := 0; ; attempts++ {
		a := s.attempt(ctx, r, item)
		if a.interrupted {
			return a, ctx.Err() // the row keeps its id, and is taken up with it
		}
		pause := a.retryDelay(attempts)
		if pause > 0 && a.notStarted {
			// Nothing was written, so the same id may be used again.
			if err := s.wait(ctx, r.ID, pause); err != nil {
				return a, errors.Join(err, s.resetItemUnlessCanceled(ctx, item))
			}
			continue
		}
		if err := s.finishItem(context.WithoutCancel(ctx), item, a); err != nil || pause == 0 {
			return a, err
		}
		if err := s.wait(ctx, r.ID, pause); err != nil {
			return a, err
		}
		var err error
		if item, err = s.retryItem(ctx, item); err != nil {
			return a, err
		}
	}
}

// resetItemUnlessCanceled puts a row back whose run has ended. When it is this process that ends, the row keeps its id.
func (s *Service) resetItemUnlessCanceled(ctx context.Context, item Item) error {
	if ctx.Err() != nil {
		return nil
	}
	return s.resetItem(ctx, item)
}

// wait waits while the run is this process's. It fails with errNotOurs when it is no more, and with the context's
// error.
func (s *Service) wait(ctx context.Context, id string, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		if err := s.renewLease(ctx, id); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return s.renewLease(ctx, id)
		case <-s.wake: // a run was stopped, perhaps this one; runs that were started are found when this one ends
		}
	}
}
