package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// leaseTime is how long a run stays with the process that works it off, from each row on: longer than a row and the
// longest pause take. When a process was cut off, another takes up its runs after this time.
const leaseTime = 2 * time.Minute

var (
	// errLeaseLost says that a run is no longer running, or that another process has it now.
	errLeaseLost = errors.New("the run is not this process's any more")
	// errFinished says that no row is left.
	errFinished = errors.New("the run is done")
)

// acquireNext finds the next run to work off: the one that was started first, if it is this process's or nobody's any
// more. It answers false when there is none, or when it is another's: the turn is left to that one then, so that a
// process with many runs does not keep everybody else's waiting.
func (s *Service) acquireNext(ctx context.Context) (r storedChange, found bool, err error) {
	for {
		now := s.Now()
		changes, err := s.storedChanges(ctx, `state = $1 ORDER BY started_at, id LIMIT 1`, Running)
		if err != nil || len(changes) == 0 {
			return storedChange{}, false, err
		}
		r := changes[0]
		if r.leaseHolder != s.replicaID && r.leaseUntil.After(now) {
			return storedChange{}, false, nil
		}
		updated, err := s.update(
			ctx,
			`UPDATE bulk_changes SET lease_holder = $1, lease_until = $2
				WHERE id = $3 AND state = $4 AND lease_holder = $5 AND lease_until = $6`,
			s.replicaID,
			now.Add(leaseTime).UnixMicro(),
			r.ID,
			Running,
			r.leaseHolder,
			unixMicro(r.leaseUntil),
		)
		if err != nil || updated {
			return r, updated, err
		}
	}
}

// unixMicro writes a time as the tables have it.
func unixMicro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// renewLeasesQuery lengthens the lease of all of a process's runs.
const renewLeasesQuery = `UPDATE bulk_changes SET lease_until = $1 WHERE lease_holder = $2 AND state = $3`

// renewLeases renews the lease of all of this process's runs while another replica has the turn: a run that creates can
// go on nowhere else.
func (s *Service) renewLeases(ctx context.Context) error {
	_, err := s.update(ctx, renewLeasesQuery, s.Now().Add(leaseTime).UnixMicro(), s.replicaID, Running)
	return err
}

// renewLeaseTx renews the lease of all of this process's runs, those too that wait for their turn. It fails with
// errNotOurs when the run is not among them.
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
	updated, err := updateTx(
		ctx,
		tx,
		`UPDATE bulk_changes SET lease_holder = lease_holder WHERE id = $1 AND lease_holder = $2 AND state = $3`,
		id,
		s.replicaID,
		Running,
	)
	if err != nil {
		return err
	}
	if !updated {
		return errLeaseLost
	}
	return nil
}

// renewLease is hold by itself.
func (s *Service) renewLease(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error { return s.renewLeaseTx(ctx, tx, id) })
}

// nextItem takes the first row that is not done, and commits the id of its operation before anything else happens. A
// row that was cut off keeps its id. It fails with errNotOurs, or with errFinished, and the run is done then.
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

// retryItem gives a row that the vendor's rate limit refused a new operation.
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

// resetItem lets a row wait again that was taken and of which nothing was written: its run has ended meanwhile.
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

// finishItem writes what came of a row.
func (s *Service) finishItem(ctx context.Context, item Item, a itemOutcome) error {
	id := item.OperationID
	if a.notStarted {
		id = ""
	}
	_, err := s.update(
		ctx,
		`UPDATE bulk_items SET state = $1, operation_id = $2, result = $3, final = $4, code = $5, message = $6
			WHERE bulk_id = $7 AND n = $8 AND state = $9 AND operation_id = $10`,
		Finished,
		id,
		a.result,
		a.final(),
		a.code,
		a.message,
		item.BulkID,
		item.N,
		InProgress,
		item.OperationID,
	)
	if err != nil {
		return fmt.Errorf("writing what came of a row: %w", err)
	}
	return nil
}

// final says whether the result cannot change any more.
func (a itemOutcome) final() bool {
	return !a.open && (a.result == audit.Applied || a.result == audit.Refused || a.result == audit.NotSent)
}

// releaseLeases gives this process's runs back, so that another need not wait to take them up.
func (s *Service) releaseLeases(ctx context.Context) error {
	_, err := s.update(
		ctx,
		`UPDATE bulk_changes SET lease_until = 0 WHERE lease_holder = $1 AND state = $2`,
		s.replicaID,
		Running,
	)
	return err
}

// sweep deletes the drafts that nobody started, and forgets the passwords of runs that another process has ended.
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
		r, err := s.stored(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || r.Ended() {
			s.forgetPasswords(id)
		}
	}
	return nil
}
