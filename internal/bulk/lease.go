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
	// errNotOurs says that a run is no longer running, or that another process has it now.
	errNotOurs = errors.New("the run is not this process's any more")
	// errFinished says that no row is left.
	errFinished = errors.New("the run is done")
)

// adopt finds the next run to work off: the one that was started first, if it is this process's or nobody's any more.
// It answers false when there is none, or when it is another's: the turn is left to that one then, so that a
// process with many runs does not keep everybody else's waiting.
func (s *Service) adopt(ctx context.Context) (r storedRun, found bool, err error) {
	for {
		now := s.Now()
		runs, err := s.storedRuns(ctx, `state = ? ORDER BY started_at, id LIMIT 1`, Running)
		if err != nil || len(runs) == 0 {
			return storedRun{}, false, err
		}
		r := runs[0]
		if r.holder != s.holder && r.leaseUntil.After(now) {
			return storedRun{}, false, nil
		}
		held, err := s.changed(
			ctx,
			`UPDATE runs SET holder = ?, lease_until = ? WHERE id = ? AND state = ? AND holder = ? AND lease_until = ?`,
			s.holder,
			now.Add(leaseTime).UnixMicro(),
			r.ID,
			Running,
			r.holder,
			microOf(r.leaseUntil),
		)
		if err != nil || held {
			return r, held, err
		}
	}
}

// microOf writes a time as the tables have it.
func microOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// renewal lengthens the lease of all of a process's runs.
const renewal = `UPDATE runs SET lease_until = ? WHERE holder = ? AND state = ?`

// keep renews the lease of all of this process's runs while another replica has the turn: a run that creates can
// go on nowhere else.
func (s *Service) keep(ctx context.Context) error {
	_, err := s.changed(ctx, renewal, s.Now().Add(leaseTime).UnixMicro(), s.holder, Running)
	return err
}

// hold renews the lease of all of this process's runs, those too that wait for their turn. It fails with errNotOurs
// when the run is not among them.
func (s *Service) hold(ctx context.Context, tx *sql.Tx, id string) error {
	if _, err := affects(ctx, tx, renewal, s.Now().Add(leaseTime).UnixMicro(), s.holder, Running); err != nil {
		return err
	}
	ours, err := affects(
		ctx,
		tx,
		`UPDATE runs SET holder = holder WHERE id = ? AND holder = ? AND state = ?`,
		id,
		s.holder,
		Running,
	)
	if err != nil {
		return err
	}
	if !ours {
		return errNotOurs
	}
	return nil
}

// stillOurs is hold by itself.
func (s *Service) stillOurs(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error { return s.hold(ctx, tx, id) })
}

// next takes the first row that is not done, and commits the id of its operation before anything else happens. A row
// that was cut off keeps its id. It fails with errNotOurs, or with errFinished, and the run is done then.
func (s *Service) next(ctx context.Context, id string) (row Row, err error) {
	finished := false
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := s.hold(ctx, tx, id); err != nil {
			return err
		}
		rows, err := storedRows(ctx, tx, `run_id = ? AND state IN ('waiting', 'busy') ORDER BY n LIMIT 1`, id)
		if err != nil {
			return err
		}
		if finished = len(rows) == 0; finished {
			_, err := affects(
				ctx,
				tx,
				`UPDATE runs SET state = ?, ended_at = ?, lease_until = 0 WHERE id = ?`,
				Done,
				s.Now().UnixMicro(),
				id,
			)
			return err
		}
		row = rows[0]
		if row.State == Busy {
			return nil
		}
		row.State, row.OperationID = Busy, s.Acts.NewID()
		_, err = affects(
			ctx,
			tx,
			`UPDATE run_rows SET state = ?, operation_id = ? WHERE run_id = ? AND n = ?`,
			row.State,
			row.OperationID,
			id,
			row.N,
		)
		return err
	})
	if err == nil && finished {
		err = errFinished
	}
	return row, err
}

// again gives a row that the vendor's rate limit refused a new operation.
func (s *Service) again(ctx context.Context, row Row) (Row, error) {
	former := row.OperationID
	row.State, row.OperationID = Busy, s.Acts.NewID()
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := s.hold(ctx, tx, row.Run); err != nil {
			return err
		}
		taken, err := affects(
			ctx,
			tx,
			`UPDATE run_rows SET state = ?, operation_id = ?, result = '', final = FALSE, code = 0, answer = ''
				WHERE run_id = ? AND n = ? AND state = ? AND operation_id = ?`,
			row.State,
			row.OperationID,
			row.Run,
			row.N,
			Ended,
			former,
		)
		if err == nil && !taken {
			err = errNotOurs
		}
		return err
	})
	return row, err
}

// putBack lets a row wait again that was taken and of which nothing was written: its run has ended meanwhile.
func (s *Service) putBack(ctx context.Context, row Row) error {
	_, err := s.changed(
		ctx,
		`UPDATE run_rows SET state = ?, operation_id = '' WHERE run_id = ? AND n = ? AND state = ? AND operation_id = ?`,
		Waiting,
		row.Run,
		row.N,
		Busy,
		row.OperationID,
	)
	return err
}

// finish writes what came of a row.
func (s *Service) finish(ctx context.Context, row Row, a answer) error {
	id := row.OperationID
	if a.unbegun {
		id = ""
	}
	_, err := s.changed(
		ctx,
		`UPDATE run_rows SET state = ?, operation_id = ?, result = ?, final = ?, code = ?, answer = ? WHERE run_id = ?
			AND n = ? AND state = ? AND operation_id = ?`,
		Ended,
		id,
		a.result,
		a.final(),
		a.code,
		a.sentence,
		row.Run,
		row.N,
		Busy,
		row.OperationID,
	)
	if err != nil {
		return fmt.Errorf("writing what came of a row: %w", err)
	}
	return nil
}

// final says whether the result cannot change any more.
func (a answer) final() bool {
	return !a.open && (a.result == audit.Applied || a.result == audit.Refused || a.result == audit.NotSent)
}

// release gives this process's runs back, so that another need not wait to take them up.
func (s *Service) release(ctx context.Context) error {
	_, err := s.changed(ctx, `UPDATE runs SET lease_until = 0 WHERE holder = ? AND state = ?`, s.holder, Running)
	return err
}

// sweep deletes the drafts that nobody started, and forgets the passwords of runs that another process has ended.
func (s *Service) sweep(ctx context.Context) error {
	_, err := s.changed(
		ctx,
		`DELETE FROM runs WHERE state = ? AND created_at < ?`,
		Draft,
		s.Now().Add(-draftAge).UnixMicro(),
	)
	if err != nil {
		return err
	}
	for _, id := range s.withPasswords() {
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
