package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// factsAccounts returns the accounts that have events about facts, or rows. It also returns a *Mismatch for a row that
// cannot be read.
func factsAccounts(ctx context.Context, q querier) ([]int64, error) {
	accounts := map[int64]bool{}
	// "0" is the character after "/".
	query := `SELECT DISTINCT operation_id FROM events WHERE operation_id > $1 AND operation_id < 'facts0'`
	err := forEachRow(ctx, q, query, []any{factsPrefix}, func(rows *sql.Rows) error {
		var subject string
		if err := rows.Scan(&subject); err != nil {
			return err
		}
		account, err := strconv.ParseInt(strings.TrimPrefix(subject, factsPrefix), 10, 64)
		accounts[account] = err == nil // else the MAC of the event is wrong
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = forEachRow(ctx, q, `SELECT DISTINCT account FROM facts`, nil, func(rows *sql.Rows) error {
		var account int64
		if rows.Scan(&account) != nil {
			return &Mismatch{Text: "A fact cannot be read."}
		}
		accounts[account] = true
		return nil
	})
	maps.DeleteFunc(accounts, func(_ int64, valid bool) bool { return !valid })
	return slices.Sorted(maps.Keys(accounts)), err
}

// keepFacts sets the facts again that were set by events up to one that are about to be pruned, and deletes their rows.
// Facts of principals that do not exist any more are not set again. Rows that do not agree with their events stay as
// they are, so that verify finds them.
func (r *Log) keepFacts(ctx context.Context, tx *Tx, until int64) error {
	accounts, err := factsAccounts(ctx, tx)
	if _, unreadable := errors.AsType[*Mismatch](err); unreadable {
		return nil
	}
	if err != nil {
		return err
	}
	for _, account := range accounts {
		live, err := r.liveFacts(ctx, tx, account, until)
		if _, wrong := errors.AsType[*Mismatch](err); wrong {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM facts WHERE account = $1 AND seq <= $2`, account, until); err != nil {
			return fmt.Errorf("deleting facts: %w", err)
		}
		if len(live) == 0 {
			continue
		}
		if err := tx.AddFacts(ctx, account, live, r.options.Now()); err != nil {
			return err
		}
	}
	return nil
}

// liveFacts returns the rows that events up to one have set, that are the newest about their facts, and that are about
// principals that exist. It returns a *Mismatch when the facts do not agree with their events.
func (r *Log) liveFacts(ctx context.Context, q querier, account, until int64) (live []FactRow, err error) {
	events, err := r.readFactsEvents(ctx, q, account)
	if err != nil {
		return nil, err
	}
	proof := &FactsProof{log: r, account: account, facts: map[access.Ref][]FactRow{}}
	if _, err := proof.add(ctx, q, events); err != nil {
		return nil, err
	}
	for _, rows := range proof.facts {
		if slices.ContainsFunc(rows, func(row FactRow) bool { return row.Fact == GoneFact && row.At != 0 }) {
			continue
		}
		for _, row := range rows {
			if row.seq <= until && row.At != 0 {
				live = append(live, row)
			}
		}
	}
	return live, nil
}

// AddFactsMismatch appends an event about facts that the console refused to use, unless one with the same text follows
// the newest event about them. It reports whether it did.
func (tx *Tx) AddFactsMismatch(
	ctx context.Context,
	account int64,
	m *Mismatch,
	at time.Time,
) (added bool, err error) {
	n := MismatchFound{Account: account, Fact: "facts", ID: strconv.FormatInt(account, 10), Text: m.Text}
	body, err := json.Marshal(n)
	if err != nil {
		return false, fmt.Errorf("encoding an event: %w", err)
	}
	var reported bool
	if err := tx.QueryRowContext(
		ctx,
		`SELECT EXISTS (SELECT 1 FROM events WHERE operation_id = $1 AND kind = $2 AND body = $3 AND seq >
			(SELECT COALESCE(MAX(seq), 0) FROM events WHERE operation_id = $1 AND kind = $4))`,
		FactsSubject(account),
		MismatchEvent,
		string(body),
		FactsEvent,
	).Scan(&reported); err != nil || reported {
		return false, err
	}
	_, err = tx.Add(ctx, FactsSubject(account), n, at)
	return err == nil, err
}

// ResetFacts deletes the facts of all accounts, so that they begin anew. It returns how many rows there were.
func (r *Log) ResetFacts(ctx context.Context, command string) (deleted int64, err error) {
	err = r.Write(ctx, func(tx *Tx) error {
		accounts, err := factsAccounts(ctx, tx)
		if _, unreadable := errors.AsType[*Mismatch](err); err != nil && !unreadable {
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM facts`)
		if err != nil {
			return fmt.Errorf("deleting facts: %w", err)
		}
		if deleted, err = result.RowsAffected(); err != nil {
			return fmt.Errorf("deleting facts: %w", err)
		}
		for _, account := range accounts {
			if _, err := tx.addFactsEvent(ctx, FactsChanged{Account: account, By: command}, r.options.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted, err
}
