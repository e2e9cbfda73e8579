package drift

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// state is the stored state of one kind of principal in an account. It agrees with the event that set it.
type state struct {
	account      int64
	kind         access.Kind
	version      int64 // 0: nothing was compared yet
	comparisons  int64 // the number of comparisons
	processedSeq int64 // own operations are processed up to this event
	asOf         time.Time
	expected     map[access.Ref]principal
	findings     []Finding
	stored       audit.DriftProof
}

// checkResult is the result of a comparison.
type checkResult struct {
	asOf         time.Time
	processedSeq int64
	processed    bool // an own operation was processed that was not before
	expected     map[access.Ref]principal
	findings     []Finding
	ended        []Finding
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// loadState reads the stored state. It returns an *audit.Mismatch, after writing an event about it, when the state does
// not agree with the event that set it.
func (s *Service) loadState(ctx context.Context, account int64, kind access.Kind) (st state, err error) {
	err = s.AuditLog.Snapshot(ctx, func(tx *sql.Tx) error {
		st, err = s.proveState(ctx, tx, account, kind)
		return err
	})
	return st, s.reportMismatch(ctx, account, kind, err)
}

// proveState reads the stored state in a snapshot or a write transaction.
func (s *Service) proveState(ctx context.Context, q querier, account int64, kind access.Kind) (state, error) {
	proof, err := s.AuditLog.ProveDrift(ctx, q, account, string(kind))
	if err != nil {
		return state{}, err
	}
	st := state{
		account:      account,
		kind:         kind,
		version:      proof.Version,
		comparisons:  proof.Comparisons,
		processedSeq: proof.ProcessedSeq,
		asOf:         time.UnixMicro(proof.AsOf).UTC(),
		expected:     make(map[access.Ref]principal, len(proof.Expected)),
		stored:       proof,
	}
	var p principal
	for _, row := range proof.Expected {
		p = principal{Ref: access.Ref{Kind: kind, ID: row.ID}}
		if err := json.Unmarshal([]byte(row.Body), &p); err != nil {
			return st, fmt.Errorf("decoding the expected state of %s %s: %w", kind, p.ID, err)
		}
		st.expected[p.Ref] = p
	}
	for _, row := range proof.Findings {
		f, err := findingOf(account, kind, row)
		if err != nil {
			return st, err
		}
		st.findings = append(st.findings, f)
	}
	return st, nil
}

// reportMismatch writes an event about an *audit.Mismatch, unless there is one already. It returns err.
func (s *Service) reportMismatch(ctx context.Context, account int64, kind access.Kind, err error) error {
	mismatch, isMismatch := errors.AsType[*audit.Mismatch](err)
	if !isMismatch || mismatch.Reported {
		return err
	}
	s.Logger.Error("the expected state does not agree with the audit log", "kind", kind, "problem", mismatch.Text)
	return errors.Join(err, s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		n := audit.MismatchFound{Account: account, Fact: "drift", ID: string(kind), Text: mismatch.Text}
		_, err := tx.Add(ctx, audit.DriftSubject(account, string(kind)), n, s.Now())
		return err
	}))
}

// next returns the stored form of the state after a comparison or an accepted finding. What did not change keeps its
// stored text.
func (st state) next(result checkResult) (audit.DriftState, error) {
	next := st.stored.DriftState
	next.Expected, next.Findings = make([]audit.DriftExpectedRow, 0, len(result.expected)), nil
	next.AsOf, next.Version = result.asOf.UnixMicro(), next.Version+1
	texts := make(map[string]string, len(st.stored.Expected))
	for _, row := range st.stored.Expected {
		texts[row.ID] = row.Body
	}
	for ref, p := range result.expected {
		row := audit.DriftExpectedRow{ID: ref.ID, Body: texts[ref.ID]}
		if old, known := st.expected[ref]; !known || !old.equal(p) {
			body, err := json.Marshal(p)
			if err != nil {
				return next, fmt.Errorf("encoding the expected state: %w", err)
			}
			row.Body = string(body)
		}
		next.Expected = append(next.Expected, row)
	}
	replaced := map[findingKey]bool{}
	for _, f := range result.ended {
		replaced[f.key()] = true
	}
	for _, f := range result.findings {
		replaced[f.key()] = true
		row, err := f.row()
		if err != nil {
			return next, err
		}
		next.Findings = append(next.Findings, row)
	}
	for i, f := range st.findings {
		if !replaced[f.key()] {
			next.Findings = append(next.Findings, st.stored.Findings[i])
		}
	}
	return next, nil
}

// saveResult writes the result of a comparison. It returns errConflict when the state was changed since it was loaded.
// A comparison that changed nothing has no event of its own, so that refreshing does not fill the audit log.
func (s *Service) saveResult(ctx context.Context, last state, result checkResult) error {
	next, err := last.next(result)
	if err != nil {
		return err
	}
	next.Comparisons++
	ahead := next.AsOf - last.stored.Sealed.AsOf
	sealed := last.version == 0 || last.stored.Repaired || result.processed || len(result.ended) > 0 ||
		ahead < 0 || ahead > audit.DriftResealAfter.Microseconds() || next.Content() != last.stored.Sealed.Content
	if sealed {
		next.ProcessedSeq = result.processedSeq
	}
	var decisions []Decision
	for _, f := range result.ended {
		decisions = append(decisions, Decision{Finding: f, Outcome: Ended, At: s.Now().UTC()})
	}
	return s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		var version int64
		err := tx.QueryRowContext(
			ctx,
			`SELECT version FROM drift_checks WHERE account = $1 AND kind = $2`,
			last.account,
			last.kind,
		).Scan(&version)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading the last comparison: %w", err)
		}
		if version != last.version {
			return errConflict
		}
		return s.writeState(ctx, tx, last, next, decisions, sealed)
	})
}

// writeState writes the next state and decisions, with their event if sealed.
func (s *Service) writeState(
	ctx context.Context,
	tx *audit.Tx,
	last state,
	next audit.DriftState,
	decisions []Decision,
	sealed bool,
) (err error) {
	rows := make([]audit.DriftDecisionRow, 0, len(decisions))
	for _, d := range decisions {
		row, err := d.row()
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if sealed {
		if next.Seq, err = tx.AddDriftState(ctx, next, rows, s.Now()); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(
		ctx,
		`INSERT INTO drift_checks (account, kind, version, comparisons, processed_seq, as_of, seq)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (account, kind) DO UPDATE
			SET version = excluded.version, comparisons = excluded.comparisons, processed_seq = excluded.processed_seq,
				as_of = excluded.as_of, seq = excluded.seq`,
		next.Account,
		next.Kind,
		next.Version,
		next.Comparisons,
		next.ProcessedSeq,
		next.AsOf,
		next.Seq,
	); err != nil {
		return fmt.Errorf("writing a comparison: %w", err)
	}
	if err := writeExpected(ctx, tx, last.stored.DriftState, next); err != nil {
		return err
	}
	if err := writeFindings(ctx, tx, last.stored.DriftState, next); err != nil {
		return err
	}
	for _, row := range rows {
		if err := insertDecision(ctx, tx, row, next.Seq); err != nil {
			return err
		}
	}
	return nil
}

// writeExpected writes the differences between two states to drift_expected.
func writeExpected(ctx context.Context, tx *audit.Tx, last, next audit.DriftState) error {
	texts := make(map[string]string, len(last.Expected))
	for _, row := range last.Expected {
		texts[row.ID] = row.Body
	}
	for _, row := range next.Expected {
		text, known := texts[row.ID]
		delete(texts, row.ID)
		if known && text == row.Body {
			continue
		}
		if _, err := tx.ExecContext(
			ctx,
			`INSERT INTO drift_expected (account, kind, id, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account, kind, id) DO UPDATE SET body = excluded.body`,
			next.Account,
			next.Kind,
			row.ID,
			row.Body,
		); err != nil {
			return fmt.Errorf("writing the expected state: %w", err)
		}
	}
	for id := range texts {
		if _, err := tx.ExecContext(
			ctx,
			`DELETE FROM drift_expected WHERE account = $1 AND kind = $2 AND id = $3`,
			next.Account,
			next.Kind,
			id,
		); err != nil {
			return fmt.Errorf("deleting from the expected state: %w", err)
		}
	}
	return nil
}
