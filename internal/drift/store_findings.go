package drift

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

const findingColumns = `account, kind, target_id, type, role_id, id, first_seen, last_seen, body`

// Findings returns the findings of an account, ordered by when they were first seen and then by principal.
func (s *Service) Findings(ctx context.Context, account int64) ([]Finding, error) {
	return readFindings(ctx, s.DB.SQL(), "", account)
}

// Count returns the number of findings of an account.
func (s *Service) Count(ctx context.Context, account int64) (int, error) {
	var count int
	if err := s.DB.SQL().QueryRowContext(
		ctx,
		`SELECT COUNT(*) FROM drift_findings WHERE account = $1`,
		account,
	).Scan(&count); err != nil {
		return 0, fmt.Errorf("counting findings: %w", err)
	}
	return count, nil
}

// Finding returns a finding, or ErrEnded when it does not exist as its id describes it.
func (s *Service) Finding(ctx context.Context, account int64, id string) (Finding, error) {
	return readFinding(ctx, s.DB.SQL(), account, id)
}

func readFinding(ctx context.Context, q querier, account int64, id string) (Finding, error) {
	found, err := readFindings(ctx, q, ` AND id = $2`, account, id)
	if err == nil && len(found) == 0 {
		err = ErrEnded
	}
	if err != nil {
		return Finding{}, err
	}
	return found[0], nil
}

func readFindings(ctx context.Context, q querier, where string, args ...any) ([]Finding, error) {
	rows, err := q.QueryContext(
		ctx,
		`SELECT `+findingColumns+` FROM drift_findings WHERE account = $1`+where+
			` ORDER BY first_seen, kind, target_id, type, role_id`,
		args...,
	)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	defer rows.Close()
	var found []Finding
	for rows.Next() {
		var (
			f           Finding
			first, last int64
			body        string
		)
		if err := rows.Scan(
			&f.Account,
			&f.Target.Kind,
			&f.Target.ID,
			&f.Type,
			&f.Role.ID,
			&f.ID,
			&first,
			&last,
			&body,
		); err != nil {
			return nil, fmt.Errorf("reading findings: %w", err)
		}
		if err := f.decode(body); err != nil {
			return nil, fmt.Errorf("decoding a finding: %w", err)
		}
		f.FirstSeen, f.LastSeen = time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
		found = append(found, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return found, nil
}

func putFinding(ctx context.Context, tx *sql.Tx, f Finding) error {
	body, err := f.encode()
	if err != nil {
		return fmt.Errorf("encoding a finding: %w", err)
	}
	_, err = tx.ExecContext(
		ctx,
		`INSERT INTO drift_findings (`+findingColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (account, kind, target_id, type, role_id) DO UPDATE
			SET id = excluded.id, last_seen = excluded.last_seen, body = excluded.body`,
		f.Account,
		f.Target.Kind,
		f.Target.ID,
		f.Type,
		f.Role.ID,
		f.ID,
		f.FirstSeen.UnixMicro(),
		f.LastSeen.UnixMicro(),
		body,
	)
	if err != nil {
		return fmt.Errorf("writing a finding: %w", err)
	}
	return nil
}

// Outcome is how a finding ended.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // by an operator
	Ended    Outcome = "over"     // the difference is gone
)

// Decision is a finding that has ended.
type Decision struct {
	Finding Finding
	Outcome Outcome
	Actor   audit.Actor // zero unless Outcome is Accepted
	Reason  string
	At      time.Time
}

// endFinding moves a finding to drift_decisions.
func endFinding(ctx context.Context, tx *sql.Tx, d Decision) error {
	f := d.Finding
	body, err := f.encode()
	if err != nil {
		return fmt.Errorf("encoding a finding: %w", err)
	}
	actor := ""
	if d.Actor != (audit.Actor{}) {
		text, err := json.Marshal(d.Actor)
		if err != nil {
			return fmt.Errorf("encoding the actor: %w", err)
		}
		actor = string(text)
	}
	if _, err := tx.ExecContext(
		ctx,
		`DELETE FROM drift_findings WHERE account = $1 AND kind = $2 AND target_id = $3 AND type = $4 AND role_id = $5`,
		f.Account,
		f.Target.Kind,
		f.Target.ID,
		f.Type,
		f.Role.ID,
	); err != nil {
		return fmt.Errorf("deleting a finding: %w", err)
	}
	_, err = tx.ExecContext(
		ctx,
		`INSERT INTO drift_decisions (account, id, kind, target_id, type, role_id, first_seen, body, outcome, actor,
			reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		f.Account,
		f.ID,
		f.Target.Kind,
		f.Target.ID,
		f.Type,
		f.Role.ID,
		f.FirstSeen.UnixMicro(),
		body,
		d.Outcome,
		actor,
		d.Reason,
		d.At.UnixMicro(),
	)
	if err != nil {
		return fmt.Errorf("writing a decision: %w", err)
	}
	return nil
}

// Decisions returns the findings of an account that ended last, newest first, at most limit.
func (s *Service) Decisions(ctx context.Context, account int64, limit int) ([]Decision, error) {
	rows, err := s.DB.SQL().QueryContext(
		ctx,
		`SELECT id, kind, target_id, type, role_id, first_seen, body, outcome, actor, reason, at
		FROM drift_decisions WHERE account = $1 ORDER BY at DESC, id LIMIT $2`,
		account,
		limit,
	)
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	defer rows.Close()
	var all []Decision
	for rows.Next() {
		d := Decision{Finding: Finding{Account: account}}
		var (
			first, at   int64
			body, actor string
		)
		f := &d.Finding
		if err := rows.Scan(
			&f.ID,
			&f.Target.Kind,
			&f.Target.ID,
			&f.Type,
			&f.Role.ID,
			&first,
			&body,
			&d.Outcome,
			&actor,
			&d.Reason,
			&at,
		); err != nil {
			return nil, fmt.Errorf("reading decisions: %w", err)
		}
		if err := f.decode(body); err != nil {
			return nil, fmt.Errorf("decoding a decision: %w", err)
		}
		if actor != "" {
			if err := json.Unmarshal([]byte(actor), &d.Actor); err != nil {
				return nil, fmt.Errorf("decoding the actor of a decision: %w", err)
			}
		}
		f.FirstSeen, d.At = time.UnixMicro(first).UTC(), time.UnixMicro(at).UTC()
		all = append(all, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	return all, nil
}
