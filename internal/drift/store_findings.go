package drift

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

const findingColumns = `kind, target_id, type, role_id, id, first_seen, body`

// Findings returns the findings of an account, ordered by when they were first seen and then by principal.
func (s *Service) Findings(ctx context.Context, account int64) ([]Finding, error) {
	return readFindings(ctx, s.DB.SQL(), "", account)
}

// Counts are numbers of findings.
type Counts struct {
	Open  int               // findings that have not ended
	ByDay map[time.Time]int // all that were first seen on a day; the keys are the beginnings of days in UTC
}

// Counts returns the numbers of findings of an account, those by day from a time on.
func (s *Service) Counts(ctx context.Context, account int64, from time.Time) (Counts, error) {
	const day = int64(24 * time.Hour / time.Microsecond)
	// A finding does not end before it was seen, so that the index by the time of the end fits.
	rows, err := s.DB.SQL().QueryContext(
		ctx,
		`SELECT first_seen / $1, SUM(open), COUNT(*) FROM (
			SELECT first_seen, 1 AS open FROM drift_findings WHERE account = $2
			UNION ALL
			SELECT first_seen, 0 AS open FROM drift_decisions WHERE account = $2 AND at >= $3
		) AS found GROUP BY 1`,
		day,
		account,
		from.UnixMicro(),
	)
	if err != nil {
		return Counts{}, fmt.Errorf("counting findings: %w", err)
	}
	defer rows.Close()
	counts := Counts{ByDay: map[time.Time]int{}}
	for rows.Next() {
		var number int64
		var open, all int
		if err := rows.Scan(&number, &open, &all); err != nil {
			return Counts{}, fmt.Errorf("counting findings: %w", err)
		}
		counts.Open += open
		if at := time.UnixMicro(number * day).UTC(); !at.Before(from) {
			counts.ByDay[at] = all
		}
	}
	if err := rows.Err(); err != nil {
		return Counts{}, fmt.Errorf("counting findings: %w", err)
	}
	return counts, nil
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

func readFindings(ctx context.Context, q querier, where string, account int64, args ...any) ([]Finding, error) {
	rows, err := q.QueryContext(
		ctx,
		`SELECT `+findingColumns+` FROM drift_findings WHERE account = $1`+where+
			` ORDER BY first_seen, kind, target_id, type, role_id`,
		append([]any{account}, args...)...,
	)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	defer rows.Close()
	var found []Finding
	for rows.Next() {
		var (
			kind access.Kind
			row  audit.DriftFindingRow
		)
		if err := rows.Scan(&kind, &row.TargetID, &row.Type, &row.RoleID, &row.ID, &row.FirstSeen, &row.Body); err != nil {
			return nil, fmt.Errorf("reading findings: %w", err)
		}
		f, err := findingOf(account, kind, row)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return found, nil
}

// findingOf converts a row of drift_findings.
func findingOf(account int64, kind access.Kind, row audit.DriftFindingRow) (Finding, error) {
	f := Finding{
		ID:        row.ID,
		Account:   account,
		Target:    access.Ref{Kind: kind, ID: row.TargetID},
		Type:      FindingType(row.Type),
		FirstSeen: time.UnixMicro(row.FirstSeen).UTC(),
	}
	if err := f.decode(row.Body); err != nil {
		return f, fmt.Errorf("decoding a finding: %w", err)
	}
	f.Role.ID = row.RoleID
	return f, nil
}

// row converts a finding for drift_findings.
func (f Finding) row() (audit.DriftFindingRow, error) {
	body, err := f.encode()
	if err != nil {
		return audit.DriftFindingRow{}, fmt.Errorf("encoding a finding: %w", err)
	}
	return audit.DriftFindingRow{
		TargetID:  f.Target.ID,
		Type:      string(f.Type),
		RoleID:    f.Role.ID,
		ID:        f.ID,
		FirstSeen: f.FirstSeen.UnixMicro(),
		Body:      body,
	}, nil
}

// writeFindings writes the differences between two states to drift_findings.
func writeFindings(ctx context.Context, tx *audit.Tx, last, next audit.DriftState) error {
	kept := make(map[audit.DriftFindingRow]bool, len(next.Findings))
	for _, row := range next.Findings {
		kept[row] = true
	}
	for _, row := range last.Findings {
		if kept[row] {
			delete(kept, row)
			continue
		}
		if _, err := tx.ExecContext(
			ctx,
			`DELETE FROM drift_findings WHERE account = $1 AND kind = $2 AND target_id = $3 AND type = $4 AND role_id = $5`,
			next.Account,
			next.Kind,
			row.TargetID,
			row.Type,
			row.RoleID,
		); err != nil {
			return fmt.Errorf("deleting a finding: %w", err)
		}
	}
	for row := range kept {
		if _, err := tx.ExecContext(
			ctx,
			`INSERT INTO drift_findings (account, kind, target_id, type, role_id, id, first_seen, body)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			next.Account,
			next.Kind,
			row.TargetID,
			row.Type,
			row.RoleID,
			row.ID,
			row.FirstSeen,
			row.Body,
		); err != nil {
			return fmt.Errorf("writing a finding: %w", err)
		}
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

// row converts a decision for drift_decisions.
func (d Decision) row() (audit.DriftDecisionRow, error) {
	finding, err := d.Finding.row()
	if err != nil {
		return audit.DriftDecisionRow{}, err
	}
	actor := ""
	if d.Actor != (audit.Actor{}) {
		text, err := json.Marshal(d.Actor)
		if err != nil {
			return audit.DriftDecisionRow{}, fmt.Errorf("encoding the actor: %w", err)
		}
		actor = string(text)
	}
	return audit.DriftDecisionRow{
		Account:   d.Finding.Account,
		ID:        finding.ID,
		Kind:      string(d.Finding.Target.Kind),
		TargetID:  finding.TargetID,
		Type:      finding.Type,
		RoleID:    finding.RoleID,
		FirstSeen: finding.FirstSeen,
		Body:      finding.Body,
		Outcome:   string(d.Outcome),
		Actor:     actor,
		Reason:    d.Reason,
		At:        d.At.UnixMicro(),
	}, nil
}

// insertDecision writes a decision that an event set.
func insertDecision(ctx context.Context, tx *audit.Tx, row audit.DriftDecisionRow, seq int64) error {
	if _, err := tx.ExecContext(
		ctx,
		`INSERT INTO drift_decisions (account, id, kind, target_id, type, role_id, first_seen, body, outcome, actor,
			reason, at, seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		row.Account,
		row.ID,
		row.Kind,
		row.TargetID,
		row.Type,
		row.RoleID,
		row.FirstSeen,
		row.Body,
		row.Outcome,
		row.Actor,
		row.Reason,
		row.At,
		seq,
	); err != nil {
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
