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

// acquireNext returns the running bulk change that was started first, with a lease for this process. found is false
// when there is none, or when another process has its lease: a later one is not taken instead, so that a process with
// many bulk changes does not delay those of others.
func (s *Service) acquireNext(ctx context.Context) (c storedChange, found bool, err error) {
	for {
		now := s.Now()
		changes, err := s.storedChanges(ctx, `state = $1 ORDER BY started_at, id LIMIT 1`, Running)
		if err != nil || len(changes) == 0 {
			return storedChange{}, false, err
		}
		c := changes[0]
		if c.leaseHolder != s.replicaID && c.leaseUntil.After(now) {
			return storedChange{}, false, nil
		}
		updated, err := s.update(
			ctx,
			`UPDATE bulk_changes SET lease_holder = $1, lease_until = $2
				WHERE id = $3 AND state = $4 AND lease_holder = $5 AND lease_until = $6`,
			s.replicaID,
			now.Add(leaseTime).UnixMicro(),
			c.ID,
			Running,
			c.leaseHolder,
			unixMicro(c.leaseUntil),
		)
		if err != nil || updated {
			return c, updated, err
		}
	}
}

// unixMicro converts a time for the tables, where 0 stands for the zero time.
func unixMicro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
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
// interrupted item keeps its id. It returns errLeaseLost, or errFinished after the last item.
func (s *Service) nextItem(ctx context.Context, id string) (item Item, err error) {
	finished := false
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := s.renewLeaseTx(ctx, tx, id); err != nil {
			return err
		}
		items, err := storedItems(ctx, tx, `bulk_id = $1 AND state IN ('waiting', 'busy') ORDER BY n LIMIT 1`, id)
		if err != nil {
			return err
		}
		if finished = len(items) == 0; finished {
			_, err := updateTx(
				ctx,
				tx,
				`UPDATE bulk_changes SET state = $1, ended_at = $2, lease_until = 0 WHERE id = $3`,
				Done,
				s.Now().UnixMicro(),
				id,
			)
			return err
		}
		item = items[0]
		if item.State == InProgress {
			return nil
		}
		item.State, item.OperationID = InProgress, s.Operations.NewID()
		_, err = updateTx(
			ctx,
			tx,
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
func (s *Service) retryItem(ctx context.Context, item Item) (Item, error) {
	former := item.OperationID
	item.State, item.OperationID = InProgress, s.Operations.NewID()
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := s.renewLeaseTx(ctx, tx, item.BulkID); err != nil {
			return err
		}
		updated, err := updateTx(
			ctx,
			tx,
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

// resetItem returns an item to Waiting when its bulk change ended before its operation was started.
func (s *Service) resetItem(ctx context.Context, item Item) error {
	_, err := s.update(
		ctx,
		`UPDATE bulk_items SET state = $1, operation_id = ''
			WHERE bulk_id = $2 AND n = $3 AND state = $4 AND operation_id = $5`,
		Waiting,
		item.BulkID,
		item.N,
		InProgress,
		item.OperationID,
	)
	return err
}

// finishItem writes the outcome of an item.
func (s *Service) finishItem(ctx context.Context, item Item, o itemOutcome) error {
	id := item.OperationID
	if o.notStarted {
		id = ""
	}
	_, err := s.update(
		ctx,
		`UPDATE bulk_items SET state = $1, operation_id = $2, result = $3, final = $4, code = $5, message = $6
			WHERE bulk_id = $7 AND n = $8 AND state = $9 AND operation_id = $10`,
		Finished,
		id,
		o.result,
		o.final(),
		o.code,
		o.message,
		item.BulkID,
		item.N,
		InProgress,
		item.OperationID,
	)
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
	_, err := s.update(
		ctx,
		`DELETE FROM bulk_changes WHERE state = $1 AND created_at < $2`,
		Draft,
		s.Now().Add(-maxDraftAge).UnixMicro(),
	)
	if err != nil {
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
