package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// storedChange is a row of bulk_changes.
type storedChange struct {
	Change
	// The session and the address of the form that started it, for the audit log.
	SessionID   string `json:"session_id,omitempty"`
	Address     string `json:"address,omitempty"`
	AddressFrom string `json:"address_from,omitempty"`
	// EndsAfter is the newest event before the start. Sessions of the operator that were ended later stop it.
	EndsAfter int64 `json:"ends_after,omitempty"`

	leaseHolder string
	leaseUntil  time.Time
}

// isLive reports whether a process may be working on it.
func (c storedChange) isLive(now time.Time) bool {
	remaining := c.leaseUntil.Sub(now)
	return c.State == Running || remaining > 0 && remaining <= leaseTime // a longer one is of a clock that was set back
}

const changeColumns = `id, account, operator, kind, state, reason, stop_reason, body, retry_of, ` +
	`created_at, started_at, ended_at, lease_holder, lease_until`

// encode returns the JSON columns.
func (c storedChange) encode() (operatorJSON, body string, err error) {
	encodedOperator, err := json.Marshal(c.Operator)
	if err != nil {
		return "", "", fmt.Errorf("encoding the operator: %w", err)
	}
	encodedBody, err := json.Marshal(c)
	if err != nil {
		return "", "", fmt.Errorf("encoding a bulk change: %w", err)
	}
	return string(encodedOperator), string(encodedBody), nil
}

// insert writes a draft with its items and its event in one transaction, and deletes older drafts of the operator if
// need be. It returns ErrDraftTooLarge or ErrTooManyDrafts when there is no room.
func (s *Service) insert(ctx context.Context, c storedChange, items []Item, actor audit.Actor) error {
	operatorJSON, body, err := c.encode()
	if err != nil {
		return err
	}
	bodies, size, err := s.draftLimits.encodeItems(items)
	if err != nil {
		return err
	}
	return s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		if err := s.draftLimits.makeRoom(ctx, tx, c.Operator.ID(), size, s.Now()); err != nil {
			return err
		}
		_, err := tx.ExecContext(
			ctx,
			`INSERT INTO bulk_changes (id, account, actor_id, operator, kind, state, reason, stop_reason, body, retry_of,
				created_at, started_at, ended_at, seq, lease_holder, lease_until, bytes)
			VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10, 0, 0, 0, '', 0, $11)`,
			c.ID,
			c.Account,
			c.Operator.ID(),
			operatorJSON,
			c.Kind,
			c.State,
			c.Reason,
			body,
			c.RetryOf,
			c.CreatedAt.UnixMicro(),
			size,
		)
		if err != nil {
			return fmt.Errorf("writing a bulk change: %w", err)
		}
		if err := insertItems(ctx, tx.Tx, items, bodies); err != nil {
			return err
		}
		return tx.AddBulkDraft(ctx, c.ID, actor, c.CreatedAt)
	})
}

// stored returns a bulk change without its counts, or ErrNotFound.
func (s *Service) stored(ctx context.Context, id string) (storedChange, error) {
	return readChange(ctx, s.DB.SQL(), id)
}

func readChange(ctx context.Context, q querier, id string) (storedChange, error) {
	return scanChange(q.QueryRowContext(ctx, `SELECT `+changeColumns+` FROM bulk_changes WHERE id = $1`, id))
}

// storedChanges returns the bulk changes that match an SQL condition, without their counts.
func (s *Service) storedChanges(ctx context.Context, condition string, args ...any) ([]storedChange, error) {
	rows, err := s.DB.SQL().QueryContext(ctx, `SELECT `+changeColumns+` FROM bulk_changes WHERE `+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("reading bulk changes: %w", err)
	}
	defer rows.Close()
	var changes []storedChange
	for rows.Next() {
		c, err := scanChange(rows)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading bulk changes: %w", err)
	}
	return changes, nil
}

func scanChange(row interface{ Scan(...any) error }) (storedChange, error) {
	var (
		c                              storedChange
		operatorJSON, body             string
		created, started, ended, lease int64
	)
	err := row.Scan(
		&c.ID,
		&c.Account,
		&operatorJSON,
		&c.Kind,
		&c.State,
		&c.Reason,
		&c.StopReason,
		&body,
		&c.RetryOf,
		&created,
		&started,
		&ended,
		&c.leaseHolder,
		&lease,
	)
	if errors.Is(err, sql.ErrNoRows) {
		return storedChange{}, ErrNotFound
	}
	if err != nil {
		return storedChange{}, fmt.Errorf("reading a bulk change: %w", err)
	}
	if err := errors.Join(
		json.Unmarshal([]byte(operatorJSON), &c.Operator),
		json.Unmarshal([]byte(body), &c),
	); err != nil {
		return storedChange{}, fmt.Errorf("decoding bulk change %s: %w", c.ID, err)
	}
	c.CreatedAt, c.StartedAt, c.EndedAt, c.leaseUntil = timeOf(created), timeOf(started), timeOf(ended), timeOf(lease)
	return c, nil
}

// timeOf converts a time from the tables, where 0 stands for the zero time.
func timeOf(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// setRunning starts a draft, with a lease for this process. It returns false when it is not a draft any more, and an
// *audit.Mismatch when the draft does not agree with its events.
func (s *Service) setRunning(
	ctx context.Context,
	c storedChange,
	proof *audit.BulkProof,
	actor audit.Actor,
) (running bool, err error) {
	operatorJSON, body, err := c.encode()
	if err != nil {
		return false, err
	}
	err = s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		running = false
		current, err := readChange(ctx, tx, c.ID)
		if err != nil || current.State != Draft {
			return err
		}
		if err := proof.Refresh(ctx, tx, audit.AllItems); err != nil {
			return err
		}
		if running, err = updateTx(
			ctx,
			tx.Tx,
			`UPDATE bulk_changes
				SET state = $1, operator = $2, body = $3, reason = $4, started_at = $5, lease_holder = $6, lease_until = $7
				WHERE id = $8`,
			Running,
			operatorJSON,
			body,
			c.Reason,
			c.StartedAt.UnixMicro(),
			s.replicaID,
			s.Now().Add(leaseTime).UnixMicro(),
			c.ID,
		); err != nil {
			return err
		}
		start := audit.BulkStart{Operator: operatorJSON, Body: body, Reason: c.Reason, At: c.StartedAt}
		return tx.AddBulkStart(ctx, proof, actor, start)
	})
	return running, err
}

// setStopped stops a running bulk change. actor is nil when the console stops it by itself. It returns false when it is
// not running any more.
func (s *Service) setStopped(ctx context.Context, id, reason string, actor *audit.Actor) (stopped bool, err error) {
	err = s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		stopped, err = s.setEndedTx(ctx, tx, id, Running, audit.BulkChanged{
			State:      audit.BulkStopped,
			Actor:      actor,
			StopReason: reason,
		})
		return err
	})
	return stopped, err
}

// setEndedTx ends a bulk change and its lease, and writes the event. It returns false when the bulk change is not in
// the state before.
func (s *Service) setEndedTx(
	ctx context.Context,
	tx *audit.Tx,
	id string,
	before State,
	n audit.BulkChanged,
) (ended bool, err error) {
	now := s.Now()
	err = tx.QueryRowContext(
		ctx,
		`UPDATE bulk_changes SET state = $1, stop_reason = $2, ended_at = $3
			WHERE id = $4 AND state = $5 RETURNING id, account`,
		n.State,
		n.StopReason,
		now.UnixMicro(),
		id,
		before,
	).Scan(&n.ID, &n.Account)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ending a bulk change: %w", err)
	}
	return true, tx.AddBulkState(ctx, n, now)
}

// update executes a conditional update and reports whether any row matched.
func (s *Service) update(ctx context.Context, statement string, args ...any) (updated bool, err error) {
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		updated, err = updateTx(ctx, tx, statement, args...)
		return err
	})
	return updated, err
}

func updateTx(ctx context.Context, tx *sql.Tx, statement string, args ...any) (bool, error) {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("updating a bulk change: %w", err)
	}
	count, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("updating a bulk change: %w", err)
	}
	return count > 0, nil
}
