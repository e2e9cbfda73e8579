package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/operations"
)

// storedChange is a run as its table keeps it.
type storedChange struct {
	Change
	sessionID, address, addressFrom string // of the form that started it, for the record
	leaseHolder                     string
	leaseUntil                      time.Time
}

// isLive says whether somebody may still be at work on it.
func (r storedChange) isLive(now time.Time) bool {
	return r.State == Running || r.leaseUntil.After(now)
}

// changeBody is what a run's JSON column holds.
type changeBody struct {
	Grant          []operations.RoleRef `json:"grant,omitempty"`
	Revoke         []operations.RoleRef `json:"revoke,omitempty"`
	Warnings       []operations.Warning `json:"warnings,omitempty"`
	Privileged     bool                 `json:"privileged,omitempty"`
	AsOf           time.Time            `json:"as_of,omitzero"`
	Incomplete     bool                 `json:"incomplete,omitempty"`
	IgnoredColumns []string             `json:"ignored,omitempty"`
	SessionID      string               `json:"session_id,omitempty"`
	Address        string               `json:"address,omitempty"`
	AddressFrom    string               `json:"address_from,omitempty"`
}

const changeColumns = `id, account, operator, kind, state, reason, stop_reason, body, retry_of, ` +
	`created_at, started_at, ended_at, lease_holder, lease_until`

// encode gives the JSON columns of a run.
func (r storedChange) encode() (operatorJSON, body string, err error) {
	whoJSON, err := json.Marshal(r.Operator)
	if err != nil {
		return "", "", fmt.Errorf("encoding the operator: %w", err)
	}
	bodyJSON, err := json.Marshal(changeBody{
		Grant:          r.Grant,
		Revoke:         r.Revoke,
		Warnings:       r.Warnings,
		Privileged:     r.Privileged,
		AsOf:           r.AsOf,
		Incomplete:     r.Incomplete,
		IgnoredColumns: r.IgnoredColumns,
		SessionID:      r.sessionID,
		Address:        r.address,
		AddressFrom:    r.addressFrom,
	})
	if err != nil {
		return "", "", fmt.Errorf("encoding a run: %w", err)
	}
	return string(whoJSON), string(bodyJSON), nil
}

// insert writes a draft with its rows, all or nothing.
func (s *Service) insert(ctx context.Context, r storedChange, items []Item) error {
	operatorJSON, body, err := r.encode()
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(
			ctx,
			`INSERT INTO bulk_changes (id, account, actor_id, operator, kind, state, reason, stop_reason, body, `+
				`retry_of, created_at, started_at, ended_at, lease_holder, lease_until)
			VALUES ($1, $2, $3, $4, $5, $6, '', '', $7, $8, $9, 0, 0, '', 0)`,
			r.ID,
			r.Account,
			r.Operator.ID(),
			operatorJSON,
			r.Kind,
			r.State,
			body,
			r.RetryOf,
			r.CreatedAt.UnixMicro(),
		)
		if err != nil {
			return fmt.Errorf("writing a run: %w", err)
		}
		return insertItems(ctx, tx, items)
	})
}

// stored reads a run without its counts. It fails with ErrNotFound.
func (s *Service) stored(ctx context.Context, id string) (storedChange, error) {
	return scanChange(s.DB.SQL().QueryRowContext(ctx, `SELECT `+changeColumns+` FROM bulk_changes WHERE id = $1`, id))
}

// storedChanges reads the runs that a condition on the table picks.
func (s *Service) storedChanges(ctx context.Context, condition string, args ...any) ([]storedChange, error) {
	rows, err := s.DB.SQL().QueryContext(ctx, `SELECT `+changeColumns+` FROM bulk_changes WHERE `+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	defer rows.Close()
	var changes []storedChange
	for rows.Next() {
		r, err := scanChange(rows)
		if err != nil {
			return nil, err
		}
		changes = append(changes, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	return changes, nil
}

func scanChange(row interface{ Scan(...any) error }) (storedChange, error) {
	var (
		r                              storedChange
		operatorJSON, text             string
		body                           changeBody
		created, started, ended, lease int64
	)
	err := row.Scan(
		&r.ID,
		&r.Account,
		&operatorJSON,
		&r.Kind,
		&r.State,
		&r.Reason,
		&r.StopReason,
		&text,
		&r.RetryOf,
		&created,
		&started,
		&ended,
		&r.leaseHolder,
		&lease,
	)
	if errors.Is(err, sql.ErrNoRows) {
		return storedChange{}, ErrNotFound
	}
	if err != nil {
		return storedChange{}, fmt.Errorf("reading a run: %w", err)
	}
	if err := errors.Join(
		json.Unmarshal([]byte(operatorJSON), &r.Operator),
		json.Unmarshal([]byte(text), &body),
	); err != nil {
		return storedChange{}, fmt.Errorf("decoding the run %s: %w", r.ID, err)
	}
	r.Grant = body.Grant
	r.Revoke = body.Revoke
	r.Warnings = body.Warnings
	r.Privileged = body.Privileged
	r.IgnoredColumns = body.IgnoredColumns
	r.AsOf = body.AsOf
	r.Incomplete = body.Incomplete
	r.sessionID = body.SessionID
	r.address = body.Address
	r.addressFrom = body.AddressFrom
	r.CreatedAt, r.StartedAt, r.EndedAt, r.leaseUntil = timeOf(created), timeOf(started), timeOf(ended), timeOf(lease)
	return r, nil
}

// timeOf reads a time as the tables have it; 0 is none.
func timeOf(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// setRunning turns a draft into a running run of this process. It answers false when it is no draft any more.
func (s *Service) setRunning(ctx context.Context, r storedChange) (bool, error) {
	operatorJSON, body, err := r.encode()
	if err != nil {
		return false, err
	}
	return s.update(
		ctx,
		`UPDATE bulk_changes SET state = $1, operator = $2, body = $3, reason = $4, started_at = $5, lease_holder = $6, `+
			`lease_until = $7
			WHERE id = $8 AND state = $9`,
		Running,
		operatorJSON,
		body,
		r.Reason,
		r.StartedAt.UnixMicro(),
		s.replicaID,
		s.Now().Add(leaseTime).UnixMicro(),
		r.ID,
		Draft,
	)
}

// setStopped turns a running run into a stopped one. It answers false when it was not running any more.
func (s *Service) setStopped(ctx context.Context, id, note string) (bool, error) {
	return s.update(
		ctx,
		`UPDATE bulk_changes SET state = $1, stop_reason = $2, ended_at = $3 WHERE id = $4 AND state = $5`,
		Stopped,
		note,
		s.Now().UnixMicro(),
		id,
		Running,
	)
}

// update runs one conditional update and says whether its condition held.
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
		return false, fmt.Errorf("changing a run: %w", err)
	}
	count, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("changing a run: %w", err)
	}
	return count > 0, nil
}
