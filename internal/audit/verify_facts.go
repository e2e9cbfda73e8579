package audit

import (
	"context"
	"database/sql"
	"errors"
)

// checkFacts compares the rows of facts with the events, in both directions.
func (v *verifier) checkFacts(ctx context.Context) error {
	accounts, err := factsAccounts(ctx, v.tx)
	if err := v.reportFacts(err); err != nil {
		return err
	}
	for _, account := range accounts {
		if err := v.reportFacts(v.checkFactsOf(ctx, account)); err != nil {
			return err
		}
	}
	return nil
}

// reportFacts adds a finding for a *Mismatch, and returns any other error.
func (v *verifier) reportFacts(err error) error {
	mismatch, is := errors.AsType[*Mismatch](err)
	if !is {
		return err
	}
	v.report.addFinding(Finding{Problem: FactsMismatch, Text: mismatch.Text})
	return nil
}

func (v *verifier) checkFactsOf(ctx context.Context, account int64) error {
	replay := factsReplay{account: account}
	if v.report.Checkpoint != nil {
		replay.pruned = v.report.Checkpoint.Seq
	}
	query := `SELECT seq, body FROM events WHERE operation_id = $1 AND kind = $2 ORDER BY seq`
	err := v.forEachRow(ctx, query, []any{FactsSubject(account), FactsEvent}, func(rows *sql.Rows) error {
		var (
			seq  int64
			body string
		)
		if err := rows.Scan(&seq, &body); err != nil {
			return err
		}
		replay.add(seq, body)
		return nil
	})
	if err != nil {
		return err
	}
	rows, err := readFacts(ctx, v.tx, account, 0)
	if err != nil {
		return err
	}
	for _, wrong := range replay.mismatches(rows) {
		if err := v.reportFacts(factsMismatch(account, wrong)); err != nil {
			return err
		}
	}
	return nil
}
