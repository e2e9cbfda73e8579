package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

const (
	pollInterval = 3 * time.Second // between searches for a bulk change that another process has left
	maxDraftAge  = 24 * time.Hour  // after which a draft is deleted
	// maxChangeAge is how long after its start a bulk change is still taken up. Its items count as decided at the
	// start, and must not be sent long afterwards by a server that was down meanwhile.
	maxChangeAge = 24 * time.Hour
	// maxSharedFailures is how many consecutive items may fail for a reason that the next item would probably share.
	maxSharedFailures = 3
)

// jobName is the name of the lock with which replicas work one at a time.
const jobName = "bulk"

// Run processes started bulk changes, one item at a time, until the context ends. It also takes over those that another
// process has left unfinished. Of the replicas that share a database, one works at a time.
func (s *Service) Run(ctx context.Context) {
	defer func() {
		if err := s.releaseLeases(context.WithoutCancel(ctx)); err != nil {
			s.Logger.Warn("bulk leases could not be released", "error", err)
		}
	}()
	for {
		s.logError(ctx, "bulk changes could not be cleaned up", s.sweep(ctx))
		running, err := s.anyRunning(ctx)
		s.logError(ctx, "bulk changes could not be read", err)
		if running {
			s.logError(ctx, "bulk leases could not be renewed", s.renewLeases(ctx))
			s.workAll(ctx)
		}
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

// anyRunning reports whether there is a running bulk change. It spares an idle console the lock and the transactions.
func (s *Service) anyRunning(ctx context.Context) (running bool, err error) {
	if err := s.DB.SQL().QueryRowContext(
		ctx,
		`SELECT EXISTS (SELECT 1 FROM bulk_changes WHERE state = 'running')`,
	).Scan(&running); err != nil {
		return false, fmt.Errorf("reading bulk changes: %w", err)
	}
	return running, nil
}

// workAll processes one bulk change after another until none is left for this process.
func (s *Service) workAll(ctx context.Context) {
	for ctx.Err() == nil && s.workOne(ctx) {
	}
}

// workOne processes the next bulk change. It returns false when there is none for this process.
//
// The lock is held for one bulk change, so that replicas do not share the vendor's rate limit between several. It is no
// guarantee: a replica that loses the lock meanwhile does not notice and goes on. The lease, which is checked before
// every item, and the id of the item's operation, which the audit log accepts only once, keep two replicas apart.
func (s *Service) workOne(ctx context.Context) (more bool) {
	release, ok, err := s.DB.TryLock(ctx, jobName)
	if err != nil || !ok {
		s.logError(ctx, "bulk changes wait: the database lock could not be taken", err)
		return false
	}
	defer release()
	id, found, err := s.acquireNext(ctx)
	if err != nil || !found {
		s.logError(ctx, "bulk changes could not be read", err)
		return false
	}
	err = s.work(ctx, id)
	if _, isMismatch := errors.AsType[*audit.Mismatch](err); isMismatch {
		return true // stopped
	}
	if err != nil {
		s.logError(ctx, "a bulk change was interrupted", fmt.Errorf("bulk change %s: %w", id, err))
		return false
	}
	return true
}

// logError logs an error after which the loop tries again.
func (s *Service) logError(ctx context.Context, message string, err error) {
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn(message, "error", err)
	}
}

// work processes one bulk change until it is done or stopped. It returns errors of the database and of the context; the
// bulk change is then taken up again. It stops a bulk change with rows that do not agree with their events, and returns
// an *audit.Mismatch.
func (s *Service) work(ctx context.Context, id string) error {
	proof, c, err := s.prove(ctx, id)
	if err != nil {
		return err
	}
	if c.Kind == Create && !s.hasPasswords(c.ID) {
		return s.abandon(ctx, c, passwordsLostReason)
	}
	if s.Now().Sub(c.StartedAt) >= maxChangeAge {
		return s.abandon(ctx, c, tooOldReason)
	}
	failures, check := 0, newOperatorCheck(c, s.Now())
	for {
		if err := s.stopUnlessAllowed(ctx, &c, check); err != nil {
			return err
		}
		item, err := s.nextItem(ctx, c.ID, proof)
		if errors.Is(err, errLeaseLost) || errors.Is(err, errFinished) {
			s.forgetPasswords(c.ID)
			return nil
		}
		if err != nil {
			return s.reportMismatch(ctx, c.ID, err)
		}
		o, err := s.processItem(ctx, &c, item, check, proof)
		if errors.Is(err, errLeaseLost) {
			continue // nextItem returns the same error
		}
		if err != nil {
			return s.reportMismatch(ctx, c.ID, err)
		}
		if o.sharedFailure == "" {
			failures = 0
			continue
		}
		if failures++; failures < maxSharedFailures {
			continue
		}
		reason := "Three items in a row failed, and the others would probably fail too. " + o.sharedFailure
		if _, err := s.setStopped(ctx, c.ID, reason, nil); err != nil {
			return err
		}
	}
}

// abandon stops a bulk change that this process has taken up but cannot continue.
func (s *Service) abandon(ctx context.Context, c storedChange, reason string) error {
	return s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		released, err := updateTx(
			ctx,
			tx.Tx,
			`UPDATE bulk_changes SET lease_until = 0 WHERE id = $1 AND state = $2 AND lease_holder = $3`,
			c.ID,
			Running,
			s.replicaID,
		)
		if err != nil || !released {
			return err
		}
		_, err = s.setEndedTx(ctx, tx, c.ID, Running, audit.BulkChanged{State: audit.BulkStopped, StopReason: reason})
		return err
	})
}

// passwordsLostReason is the stop reason of a creation after a restart.
const passwordsLostReason = "The server was restarted. It keeps passwords in memory only, so the passwords of " +
	"subusers that were not created yet are void. Retry creates them with new passwords."

// tooOldReason is the stop reason of a bulk change that could not continue for a day.
const tooOldReason = "It was started more than a day ago and could not continue until now. Retry drafts the " +
	"remaining items again."

// busyRetryDelay is the pause before an item is tried again when another operation on its target is open.
const busyRetryDelay = 15 * time.Second

// rateLimitDelays returns the pauses before an item is tried again after the vendor's rate limit.
func rateLimitDelays() []time.Duration {
	return []time.Duration{10 * time.Second, 30 * time.Second, time.Minute}
}

// processItem performs an item's operation, with pauses and retries, and writes the outcome. It returns errLeaseLost
// when the bulk change ended while the item waited for a retry.
func (s *Service) processItem(
	ctx context.Context,
	c *storedChange,
	item Item,
	check *operatorCheck,
	proof *audit.BulkProof,
) (itemOutcome, error) {
	for attempts := 0; ; attempts++ {
		if attempts > 0 {
			if err := s.refreshProof(ctx, item, proof); err != nil {
				return itemOutcome{}, err
			}
		}
		o := s.attempt(ctx, *c, item)
		if o.interrupted {
			return o, ctx.Err() // the item keeps its id and is taken up with it
		}
		pause := o.retryDelay(attempts)
		if pause > 0 && o.notStarted {
			// The audit log does not have the id, so it can be used again.
			if err := s.wait(ctx, c, pause, check); err != nil {
				return o, errors.Join(err, s.resetItemUnlessCanceled(ctx, item, proof))
			}
			continue
		}
		if err := s.checkBegan(context.WithoutCancel(ctx), item, o, proof); err != nil {
			return o, err
		}
		if err := s.finishItem(context.WithoutCancel(ctx), item, o, pause > 0); err != nil || pause == 0 {
			return o, err
		}
		if err := s.wait(ctx, c, pause, check); err != nil {
			return o, err
		}
		var err error
		if item, err = s.retryItem(ctx, item, proof); err != nil {
			return o, err
		}
	}
}

// resetItemUnlessCanceled resets an item when its bulk change has ended. When this process is shutting down, the item
// keeps its id.
func (s *Service) resetItemUnlessCanceled(ctx context.Context, item Item, proof *audit.BulkProof) error {
	if ctx.Err() != nil {
		return nil
	}
	return s.resetItem(ctx, item, proof)
}

// wait waits while this process has the lease, and then checks the operator again: the next attempt is sent like
// another item. It returns errLeaseLost, the error of the context or one of the database.
func (s *Service) wait(ctx context.Context, c *storedChange, d time.Duration, check *operatorCheck) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		if err := s.renewLease(ctx, c.ID); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			if err := s.stopUnlessAllowed(ctx, c, check); err != nil {
				return err
			}
			return s.renewLease(ctx, c.ID)
		case <-s.wake: // this bulk change may have been stopped; ones that were started are found afterwards
		}
	}
}
