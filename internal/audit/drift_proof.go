package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// DriftProof is an expected state that agrees with its event.
type DriftProof struct {
	DriftState
	Sealed   DriftChanged // the event; zero when nothing was compared yet
	Repaired bool         // a mismatch was reported since
}

// ProveDrift reads an expected state and compares it with its event, and verifies the chain from that event to the end.
// q must be a snapshot or a write transaction. It returns a *Mismatch when the console must not act on the state.
func (r *Log) ProveDrift(ctx context.Context, q querier, account int64, kind string) (p DriftProof, err error) {
	var newest sql.NullInt64
	if err := q.QueryRowContext(
		ctx,
		`SELECT MAX(seq) FROM events WHERE operation_id = $1 AND kind = $2`,
		DriftSubject(account, kind),
		DriftStateEvent,
	).Scan(&newest); err != nil {
		return p, fmt.Errorf("reading the events of the expected state: %w", err)
	}
	reported := false
	if newest.Valid {
		from, err := placeBefore(ctx, q, newest.Int64)
		if err != nil {
			return p, err
		}
		_, err = r.walk(ctx, q, from, math.MaxInt64, func(e link) error {
			if e.operationID != DriftSubject(account, kind) {
				return nil
			}
			reported = EventKind(e.kind) == MismatchEvent
			if EventKind(e.kind) == DriftStateEvent {
				return json.Unmarshal([]byte(e.body), &p.Sealed)
			}
			return nil
		})
		if mismatch, ok := errors.AsType[*Mismatch](err); ok {
			mismatch.Reported = reported
			return p, mismatch
		}
		if err != nil {
			return p, err
		}
	}
	if p.DriftState, err = readDriftState(ctx, q, account, kind); err != nil {
		return p, err
	}
	if wrong := p.DriftState.mismatch(p.Sealed, newest.Int64); wrong != "" {
		return p, &Mismatch{Text: driftMismatchText(account, kind, wrong), Reported: reported}
	}
	p.Repaired = reported
	return p, nil
}

func driftMismatchText(account int64, kind, wrong string) string {
	return fmt.Sprintf(
		"The expected state of the %ss of account %d does not agree with its events: %s.",
		kind,
		account,
		wrong,
	)
}

// mismatch returns how a state differs from the newest event about it, "" when it does not. Version and Comparisons
// only order the writers.
func (s DriftState) mismatch(sealed DriftChanged, seq int64) string {
	empty := s.Seq == 0 && s.Version == 0 && len(s.Expected)+len(s.Findings) == 0
	ahead := s.AsOf - sealed.AsOf
	switch {
	case sealed.Content == "" && empty:
		return ""
	case sealed.Content == "":
		return "no event set it"
	case empty:
		return fmt.Sprintf("event %d set it, but it is missing", seq)
	case s.Seq != seq:
		return fmt.Sprintf("it names event %d, but event %d is the newest about it", s.Seq, seq)
	case s.ProcessedSeq != sealed.ProcessedSeq:
		return fmt.Sprintf("event %d set another processed event", seq)
	case ahead < 0 || ahead > DriftResealAfter.Microseconds() || s.Version < 1 || s.Comparisons < 1:
		return fmt.Sprintf("event %d set another time of comparison", seq)
	case s.Content() != sealed.Content:
		return fmt.Sprintf("event %d set other principals or findings", seq)
	}
	return ""
}

// readDriftState reads an expected state, which is empty when nothing was compared yet. It returns a *Mismatch for a
// row that cannot be read.
func readDriftState(ctx context.Context, q querier, account int64, kind string) (DriftState, error) {
	s := DriftState{Account: account, Kind: kind}
	for _, part := range []struct {
		query string
		scan  func(rows *sql.Rows) error
	}{
		{
			`SELECT as_of, version, processed_seq, comparisons, seq FROM drift_checks WHERE account = $1 AND kind = $2`,
			func(rows *sql.Rows) error {
				return rows.Scan(&s.AsOf, &s.Version, &s.ProcessedSeq, &s.Comparisons, &s.Seq)
			},
		},
		{
			`SELECT id, body FROM drift_expected WHERE account = $1 AND kind = $2 ORDER BY id`,
			func(rows *sql.Rows) error {
				var row DriftExpectedRow
				err := rows.Scan(&row.ID, &row.Body)
				s.Expected = append(s.Expected, row)
				return err
			},
		},
		{
			`SELECT target_id, type, role_id, id, first_seen, body FROM drift_findings WHERE account = $1 AND kind = $2`,
			func(rows *sql.Rows) error {
				var row DriftFindingRow
				err := rows.Scan(&row.TargetID, &row.Type, &row.RoleID, &row.ID, &row.FirstSeen, &row.Body)
				s.Findings = append(s.Findings, row)
				return err
			},
		},
	} {
		if err := readDriftRows(ctx, q, part.query, part.scan, account, kind); err != nil {
			return s, err
		}
	}
	return s, nil
}

func readDriftRows(
	ctx context.Context,
	q querier,
	query string,
	scan func(rows *sql.Rows) error,
	account int64,
	kind string,
) error {
	rows, err := q.QueryContext(ctx, query, account, kind)
	if err != nil {
		return fmt.Errorf("reading the expected state: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if scan(rows) != nil {
			return &Mismatch{Text: driftMismatchText(account, kind, unreadable)}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the expected state: %w", err)
	}
	return nil
}
