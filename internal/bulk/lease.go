package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// leaseTime is how long a bulk change is reserved for the process that works on it, counted from each item on. It is
// longer than an item and the longest pause together. After it another process takes over the work of one that died.
const leaseTime = 2 * time.Minute

var (
	// errLeaseLost is the error for a bulk change that is not running any more, or that another process works on.
	errLeaseLost = errors.New("the lease of the bulk change is lost")
	// errFinished is the error when no item is left.
	errFinished = errors.New("the bulk change is finished")
)

// acquireNext returns the id of the running bulk change that was started first, with a lease for this process. found is
// false when there is none, or when another process has its lease: a later one is not taken instead, so that a process
// with many bulk changes does not delay those of others.
func (s *Service) acquireNext(ctx context.Context) (id string, found bool, err error) {
	for {
		now := s.Now()
		var (
			holder string
			until  int64
		)
		err := s.DB.SQL().QueryRowContext(
			ctx,
			`SELECT id, lease_holder, lease_until FROM bulk_changes WHERE state = $1 ORDER BY started_at, id LIMIT 1`,
			Running,
		).Scan(&id, &holder, &until)
		if errors.Is(err, sql.ErrNoRows) {
			return "", false, nil
		}
		if err != nil {
			return "", false, fmt.Errorf("reading bulk changes: %w", err)
		}
		if over, err := s.leaseIsOver(ctx, lease{id: id, holder: holder, until: until}, now); err != nil || !over {
			return "", false, err
		}
		updated, err := s.update(
			ctx,
			`UPDATE bulk_changes SET lease_holder = $1, lease_until = $2
				WHERE id = $3 AND state = $4 AND lease_holder = $5 AND lease_until = $6`,
			s.replicaID,
			now.Add(leaseTime).UnixMicro(),
			id,
			Running,
			holder,
			until,
		)
		if err != nil || updated {
			return id, updated, err
		}
	}
}

// lease is the right of a process to work on a bulk change until a time, in microseconds.
type lease struct {
	id, holder string
	until      int64
}

// seenLease is a lease of another process, and when this one saw it first.
type seenLease struct {
	lease
	at time.Time
}

// leaseIsOver reports whether this process may take over a bulk change: its holder has ended, its lease has run out, or
// the holder has not renewed it for as long as a lease lasts. The last holds whatever the clocks were set to.
func (s *Service) leaseIsOver(ctx context.Context, current lease, now time.Time) (bool, error) {
	if current.holder == s.replicaID || !timeOf(current.until).After(now) {
		return true, nil
	}
	if ended, err := s.DB.ProcessEnded(ctx, current.holder); err != nil || ended {
		return ended, err
	}
	if s.lastLease.lease != current {
		s.lastLease = seenLease{lease: current, at: time.Now()}
	}
	return time.Since(s.lastLease.at) >= leaseTime, nil
}

const renewLeasesQuery = `UPDATE bulk_changes SET lease_until = $1 WHERE lease_holder = $2 AND state = $3`

// renewLeases renews all leases of this process while another replica has the job: no other process has the passwords
// of subusers that are to be created.
func (s *Service) renewLeases(ctx context.Context) error {
	_, err := s.update(ctx, renewLeasesQuery, s.Now().Add(leaseTime).UnixMicro(), s.replicaID, Running)
	return err
}

// renewLeaseTx renews all leases of this process, including those of bulk changes that wait. It returns errLeaseLost
// when this process has no lease of the given one.
func (s *Service) renewLeaseTx(ctx context.Context, tx *sql.Tx, id string) error {
	if _, err := updateTx(
		ctx,
		tx,
		renewLeasesQuery,
		s.Now().Add(leaseTime).UnixMicro(),
		s.replicaID,
		Running,
	); err != nil {
		return err
	}
	held, err := updateTx(
		ctx,
		tx,
		`UPDATE bulk_changes SET lease_holder = lease_holder WHERE id = $1 AND lease_holder = $2 AND state = $3`,
		id,
		s.replicaID,
		Running,
	)
	if err == nil && !held {
		err = errLeaseLost
	}
	return err
}

// renewLease is renewLeaseTx in a transaction of its own.
func (s *Service) renewLease(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error { return s.renewLeaseTx(ctx, tx, id) })
}

// nextItem returns the first item that is not finished, and commits the id of its operation before anything is sent. An
// interrupted item keeps its id. It returns errLeaseLost, errFinished after the last item, or an *audit.Mismatch when
// the bulk change or the item does not agree with its events. Before errFinished it compares all items.
func (s *Service) nextItem(ctx context.Context, id string, proof *audit.BulkProof) (item Item, err error) {
	finished := false
	err = s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		if err := s.renewLeaseTx(ctx, tx.Tx, id); err != nil {
			return err
		}
		var next int
		err := tx.QueryRowContext(
			ctx,
			`SELECT n FROM bulk_items WHERE bulk_id = $1 AND state IN ('waiting', 'busy') ORDER BY n LIMIT 1`,
			id,
		).Scan(&next)
		if finished = errors.Is(err, sql.ErrNoRows); finished {
			if err := proof.Refresh(ctx, tx, audit.AllItems); err != nil {
				return err
			}
			if _, err := updateTx(ctx, tx.Tx, `UPDATE bulk_changes SET lease_until = 0 WHERE id = $1`, id); err != nil {
				return err
			}
			_, err := s.setEndedTx(ctx, tx, id, Running, audit.BulkChanged{State: audit.BulkDone})
			return err
		}
		if err != nil {
			return fmt.Errorf("reading the next item: %w", err)
		}
		if err := proof.Refresh(ctx, tx, next); err != nil {
			return err
		}
		items, err := storedItems(ctx, tx, `bulk_id = $1 AND n = $2`, id, next)
		if err != nil {
			return err
		}
		if len(items) != 1 {
			return &audit.Mismatch{Text: fmt.Sprintf("Item %d of bulk change %s was deleted.", next, id)}
		}
		item = items[0]
		if item.State == InProgress {
			return nil
		}
		item.State, item.OperationID = InProgress, proof.NextOperationID(item.N)
		_, err = updateTx(
			ctx,
			tx.Tx,
			`UPDATE bulk_items SET state = $1, operation_id = $2 WHERE bulk_id = $3 AND n = $4`,
			item.State,
			item.OperationID,
			id,
			item.N,
		)
		return err
	})
	if err == nil && finished {
		err = errFinished
	}
	return item, err
}

// retryItem gives an item that the vendor's rate limit refused a new operation id.
func (s *Service) retryItem(ctx context.Context, item Item, proof *audit.BulkProof) (Item, error) {
	former := item.OperationID
	err := s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		if err := s.renewLeaseTx(ctx, tx.Tx, item.BulkID); err != nil {
			return err
		}
		if err := proof.Refresh(ctx, tx, item.N); err != nil {
			return err
		}
		item.State, item.OperationID = InProgress, proof.NextOperationID(item.N)
		updated, err := updateTx(
			ctx,
			tx.Tx,
			`UPDATE bulk_items SET state = $1, operation_id = $2, result = '', final = FALSE, code = 0, message = ''
				WHERE bulk_id = $3 AND n = $4 AND state = $5 AND operation_id = $6`,
			item.State,
			item.OperationID,
			item.BulkID,
			item.N,
			Finished,
			former,
		)
		if err == nil && !updated {
			err = errLeaseLost
		}
		return err
	})
	return item, err
}

// setItemResult changes an item, unless another process has changed it since it was read.
const setItemResult = `UPDATE bulk_items
	SET state = $1, operation_id = $2, result = $3, final = $4, code = $5, message = $6
	WHERE bulk_id = $7 AND n = $8 AND state = $9 AND operation_id = $10`

// resetItem returns an item to its state before, when its bulk change ended before its operation was started.
func (s *Service) resetItem(ctx context.Context, item Item, proof *audit.BulkProof) error {
	state, before := Waiting, audit.BulkItemDone{}
	if result, found := proof.Result(item.N); found {
		state, before = Finished, result
	}
	_, err := s.update(
		ctx,
		setItemResult,
		state,
		before.Operation,
		before.Result,
		before.Final,
		before.Code,
		before.Message,
		item.BulkID,
		item.N,
		InProgress,
		item.OperationID,
	)
	return err
}

// finishItem writes the outcome of an item with its event. retry reports that the item may be tried again.
func (s *Service) finishItem(ctx context.Context, item Item, o itemOutcome, retry bool) error {
	result := audit.BulkItemDone{
		ID:        item.BulkID,
		Item:      item.N,
		Operation: item.OperationID,
		Result:    o.result,
		Final:     o.final(),
		Code:      o.code,
		Message:   o.message,
		Retry:     retry,
	}
	if o.notStarted {
		result.Operation = ""
	}
	err := s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		updated, err := updateTx(
			ctx,
			tx.Tx,
			setItemResult,
			Finished,
			result.Operation,
			result.Result,
			result.Final,
			result.Code,
			result.Message,
			item.BulkID,
			item.N,
			InProgress,
			item.OperationID,
		)
		if err != nil || !updated {
			return err
		}
		return tx.AddBulkItem(ctx, result, s.Now())
	})
	if err != nil {
		return fmt.Errorf("writing the outcome of an item: %w", err)
	}
	return nil
}

// final reports whether the result cannot change any more.
func (o itemOutcome) final() bool {
	return !o.open && (o.result == audit.Applied || o.result == audit.Refused || o.result == audit.NotSent)
}

// releaseLeases ends the leases of this process, so that another can take over its bulk changes at once.
func (s *Service) releaseLeases(ctx context.Context) error {
	_, err := s.update(
		ctx,
		`UPDATE bulk_changes SET lease_until = 0 WHERE lease_holder = $1 AND state = $2`,
		s.replicaID,
		Running,
	)
	return err
}

// sweep deletes old drafts, and forgets the passwords of bulk changes that another process has ended.
func (s *Service) sweep(ctx context.Context) error {
	if err := errors.Join(s.discardDrafts(ctx), s.deleteOldFiles(ctx)); err != nil {
		return err
	}
	for _, id := range s.changesWithPasswords() {
		c, err := s.stored(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || c.Ended() {
			s.forgetPasswords(id)
		}
	}
	return nil
}

// discardDrafts deletes drafts that were not started for maxDraftAge.
func (s *Service) discardDrafts(ctx context.Context) error {
	drafts, err := s.storedChanges(
		ctx,
		`state = $1 AND created_at < $2`,
		Draft,
		s.Now().Add(-maxDraftAge).UnixMicro(),
	)
	if err != nil || len(drafts) == 0 {
		return err
	}
	return s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		for _, c := range drafts {
			if err := discardDraft(ctx, tx, c.ID, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// discardDraft deletes a bulk change with its items, if it is still a draft, and writes the event.
func discardDraft(ctx context.Context, tx *audit.Tx, id string, at time.Time) error {
	n := audit.BulkChanged{ID: id, State: audit.BulkDiscarded}
	err := tx.QueryRowContext(
		ctx,
		`DELETE FROM bulk_changes WHERE id = $1 AND state = $2 RETURNING account`,
		id,
		Draft,
	).Scan(&n.Account)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("deleting a draft: %w", err)
	}
	return tx.AddBulkState(ctx, n, at)
}
