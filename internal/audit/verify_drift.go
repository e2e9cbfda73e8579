package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// checkDrift compares the rows of drift_checks, drift_expected, drift_findings and drift_decisions with the events, in
// both directions.
func (v *verifier) checkDrift(ctx context.Context) error {
	keys, err := driftKeys(ctx, v.tx)
	if err != nil {
		return err
	}
	sealed, err := sealedDriftStates(ctx, v.tx)
	if err != nil {
		return err
	}
	for key := range sealed {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		state, err := readDriftState(ctx, v.tx, key.account, key.kind)
		if mismatch, ok := errors.AsType[*Mismatch](err); ok {
			v.addDriftFinding(sealed[key].seq, mismatch.Text)
			continue
		}
		if err != nil {
			return err
		}
		if wrong := state.mismatch(sealed[key].DriftChanged, sealed[key].seq); wrong != "" {
			v.addDriftFinding(sealed[key].seq, driftMismatchText(key.account, key.kind, wrong))
		}
	}
	return v.checkDecisions(ctx)
}

func (v *verifier) addDriftFinding(seq int64, text string) {
	v.report.addFinding(Finding{Seq: seq, Problem: DriftMismatch, Text: text})
}

// checkDecisions compares the rows of drift_decisions with the events that they name.
func (v *verifier) checkDecisions(ctx context.Context) error {
	rows := map[int64][]DriftDecisionRow{}
	err := v.forEachRow(ctx, `SELECT account, id, kind, target_id, type, role_id, first_seen, body, outcome, actor, reason,
		at, seq FROM drift_decisions`, nil, func(r *sql.Rows) error {
		var (
			row DriftDecisionRow
			seq int64
		)
		if r.Scan(&row.Account, &row.ID, &row.Kind, &row.TargetID, &row.Type, &row.RoleID, &row.FirstSeen, &row.Body,
			&row.Outcome, &row.Actor, &row.Reason, &row.At, &seq) != nil {
			v.addDriftFinding(0, "A decision about drift cannot be read.")
			return nil
		}
		rows[seq] = append(rows[seq], row)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading decisions about drift: %w", err)
	}
	digests := map[int64]string{}
	query := `SELECT seq, body FROM events WHERE kind = $1 ORDER BY seq`
	err = v.forEachRow(ctx, query, []any{DriftStateEvent}, func(r *sql.Rows) error {
		var (
			seq   int64
			text  string
			state DriftChanged
		)
		if err := r.Scan(&seq, &text); err != nil {
			return err
		}
		if json.Unmarshal([]byte(text), &state) == nil && state.Decisions != "" {
			digests[seq] = state.Decisions
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the events of expected states: %w", err)
	}
	named := maps.Clone(digests)
	for seq := range rows {
		named[seq] = ""
	}
	for _, seq := range slices.Sorted(maps.Keys(named)) {
		if decisionsDigest(rows[seq]) != digests[seq] {
			v.addDriftFinding(seq, fmt.Sprintf("The decisions about drift do not agree with event %d, which set them.", seq))
		}
	}
	return nil
}
