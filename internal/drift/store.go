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

// state is what is kept of one kind of an account.
type state struct {
	account      int64
	kind         access.Kind
	version      int64 // 0: nothing was ever compared
	comparisons  int64 // how many were compared
	processedSeq int64 // our own acts whose last event is up to this one were looked at
	asOf         time.Time
	expected     map[string]principal
	findings     []Finding
}

// checkResult is what a comparison leaves behind.
type checkResult struct {
	asOf         time.Time
	processedSeq int64
	expected     map[string]principal
	findings     []Finding
	ended        []Finding // no longer so
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// loadState reads what is kept. The turn is read first: whatever is written meanwhile then fails the saving.
func (s *Service) loadState(ctx context.Context, account int64, kind access.Kind) (state, error) {
	st := state{account: account, kind: kind, expected: map[string]principal{}}
	if err := st.loadCheck(ctx, s.DB.SQL()); err != nil || st.version == 0 {
		return st, err
	}
	rows, err := s.DB.SQL().
		QueryContext(ctx, `SELECT id, body FROM drift_expected WHERE account = $1 AND kind = $2`, account, kind)
	if err != nil {
		return st, fmt.Errorf("reading what is expected: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, body string
		var h principal
		if err := rows.Scan(&id, &body); err != nil {
			return st, fmt.Errorf("reading what is expected: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &h); err != nil {
			return st, fmt.Errorf("decoding what is expected of %s: %w", id, err)
		}
		st.expected[id] = h
	}
	if err := rows.Err(); err != nil {
		return st, fmt.Errorf("reading what is expected: %w", err)
	}
	st.findings, err = readFindings(ctx, s.DB.SQL(), ` AND kind = $2`, account, kind)
	return st, err
}

// loadCheck reads what was compared last, nothing when nothing was.
func (st *state) loadCheck(ctx context.Context, q querier) error {
	var asOf int64
	err := q.QueryRowContext(
		ctx,
		`SELECT version, comparisons, processed_seq, as_of FROM drift_checks WHERE account = $1 AND kind = $2`,
		st.account,
		st.kind,
	).
		Scan(&st.version, &st.comparisons, &st.processedSeq, &asOf)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading what was last compared: %w", err)
	}
	st.asOf = time.UnixMicro(asOf).UTC()
	return nil
}

// saveResult writes what a comparison leaves behind, unless somebody else has written since it was begun.
func (s *Service) saveResult(ctx context.Context, last state, result checkResult) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := updateCheck(ctx, tx, last, result); err != nil {
			return err
		}
		for id, h := range result.expected {
			if old, known := last.expected[id]; !known || !old.equal(h) {
				if err := putExpected(ctx, tx, last.account, last.kind, id, h); err != nil {
					return err
				}
			}
		}
		for id := range last.expected {
			if _, stays := result.expected[id]; !stays {
				if err := deleteExpected(ctx, tx, last.account, last.kind, id); err != nil {
					return err
				}
			}
		}
		for _, f := range result.ended {
			if err := endFinding(ctx, tx, f, Decision{Outcome: Ended, At: s.Now().UTC()}); err != nil {
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

// updateCheck notes what was compared, or fails with errOvertaken when what is kept has changed since it was loaded.
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
		return fmt.Errorf("noting what was compared: %w", err)
	}
	return nil
}

func putExpected(ctx context.Context, tx *sql.Tx, account int64, kind access.Kind, id string, h principal) error {
	body, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encoding what is expected: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO drift_expected (account, kind, id, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, kind, id) DO UPDATE SET body = excluded.body`, account, kind, id, string(body))
	if err != nil {
		return fmt.Errorf("writing what is expected: %w", err)
	}
	return nil
}

func deleteExpected(ctx context.Context, tx *sql.Tx, account int64, kind access.Kind, id string) error {
	if _, err := tx.ExecContext(
		ctx,
		`DELETE FROM drift_expected WHERE account = $1 AND kind = $2 AND id = $3`,
		account,
		kind,
		id,
	); err != nil {
		return fmt.Errorf("forgetting what is expected: %w", err)
	}
	return nil
}
