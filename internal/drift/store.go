package drift

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// state is the stored state of one kind of principal in an account.
type state struct {
	account      int64
	kind         access.Kind
	version      int64 // 0: nothing was compared yet
	comparisons  int64 // the number of comparisons
	processedSeq int64 // own operations are processed up to this event
	asOf         time.Time
	expected     map[access.Ref]principal
	findings     []Finding
}

// checkResult is the result of a comparison.
type checkResult struct {
	asOf         time.Time
	processedSeq int64
	expected     map[access.Ref]principal
	findings     []Finding
	ended        []Finding
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// loadState reads the stored state. It reads the version first: any write meanwhile then makes saveResult fail.
func (s *Service) loadState(ctx context.Context, account int64, kind access.Kind) (state, error) {
	st := state{account: account, kind: kind, expected: map[access.Ref]principal{}}
	if err := st.loadCheck(ctx, s.DB.SQL()); err != nil || st.version == 0 {
		return st, err
	}
	rows, err := s.DB.SQL().QueryContext(
		ctx,
		`SELECT id, body FROM drift_expected WHERE account = $1 AND kind = $2`,
		account,
		kind,
	)
	if err != nil {
		return st, fmt.Errorf("reading the expected state: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		p := principal{Ref: access.Ref{Kind: kind}}
		if err := rows.Scan(&p.ID, &body); err != nil {
			return st, fmt.Errorf("reading the expected state: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return st, fmt.Errorf("decoding the expected state of %s %s: %w", kind, p.ID, err)
		}
		st.expected[p.Ref] = p
	}
	if err := rows.Err(); err != nil {
		return st, fmt.Errorf("reading the expected state: %w", err)
	}
	st.findings, err = readFindings(ctx, s.DB.SQL(), ` AND kind = $2`, account, kind)
	return st, err
}

// loadCheck reads the row of drift_checks. Without one the version stays 0.
func (st *state) loadCheck(ctx context.Context, q querier) error {
	var asOf int64
	err := q.QueryRowContext(
		ctx,
		`SELECT version, comparisons, processed_seq, as_of FROM drift_checks WHERE account = $1 AND kind = $2`,
		st.account,
		st.kind,
	).Scan(&st.version, &st.comparisons, &st.processedSeq, &asOf)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the last comparison: %w", err)
	}
	st.asOf = time.UnixMicro(asOf).UTC()
	return nil
}

// saveResult writes the result of a comparison. It returns errConflict when the state was changed since it was loaded.
func (s *Service) saveResult(ctx context.Context, last state, result checkResult) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := updateCheck(ctx, tx, last, result); err != nil {
			return err
		}
		for ref, p := range result.expected {
			if old, known := last.expected[ref]; !known || !old.equal(p) {
				if err := putExpected(ctx, tx, last.account, p); err != nil {
					return err
				}
			}
		}
		for ref := range last.expected {
			if _, stays := result.expected[ref]; !stays {
				if err := deleteExpected(ctx, tx, last.account, ref); err != nil {
					return err
				}
			}
		}
		for _, f := range result.ended {
			if err := endFinding(ctx, tx, Decision{Finding: f, Outcome: Ended, At: s.Now().UTC()}); err != nil {
				return err
			}
		}
		for _, f := range result.findings {
			if err := putFinding(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// updateCheck writes the row of drift_checks. It returns errConflict when the version has changed.
func updateCheck(ctx context.Context, tx *sql.Tx, last state, result checkResult) error {
	now := state{account: last.account, kind: last.kind}
	if err := now.loadCheck(ctx, tx); err != nil {
		return err
	}
	if now.version != last.version {
		return errConflict
	}
	_, err := tx.ExecContext(
		ctx,
		`INSERT INTO drift_checks (account, kind, version, comparisons, processed_seq, as_of) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, kind) DO UPDATE
			SET version = excluded.version, comparisons = excluded.comparisons, processed_seq = excluded.processed_seq,
				as_of = excluded.as_of`,
		last.account,
		last.kind,
		last.version+1,
		last.comparisons+1,
		result.processedSeq,
		result.asOf.UnixMicro(),
	)
	if err != nil {
		return fmt.Errorf("writing a comparison: %w", err)
	}
	return nil
}

func putExpected(ctx context.Context, tx *sql.Tx, account int64, p principal) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding the expected state: %w", err)
	}
	_, err = tx.ExecContext(
		ctx,
		`INSERT INTO drift_expected (account, kind, id, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, kind, id) DO UPDATE SET body = excluded.body`,
		account,
		p.Kind,
		p.ID,
		string(body),
	)
	if err != nil {
		return fmt.Errorf("writing the expected state: %w", err)
	}
	return nil
}

func deleteExpected(ctx context.Context, tx *sql.Tx, account int64, ref access.Ref) error {
	if _, err := tx.ExecContext(
		ctx,
		`DELETE FROM drift_expected WHERE account = $1 AND kind = $2 AND id = $3`,
		account,
		ref.Kind,
		ref.ID,
	); err != nil {
		return fmt.Errorf("deleting from the expected state: %w", err)
	}
	return nil
}
