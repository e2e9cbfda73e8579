package audit

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/store"
)

// FactsEvent is the kind of the events that set facts about principals.
const FactsEvent EventKind = "facts"

// FactsChanged is the notice of new facts about principals of an account.
type FactsChanged struct {
	Account  int64  `json:"account"`
	Previous int64  `json:"previous,omitempty"` // the event about the account's facts before this one; 0 for the first
	Facts    int    `json:"facts"`              // the number of rows that name this event
	Content  string `json:"content,omitempty"`  // the digest of these rows
	By       string `json:"by,omitempty"`       // the command that began anew: there are no facts from before
}

func (FactsChanged) kind() EventKind                       { return FactsEvent }
func (FactsChanged) rateLimit() (string, func(int) Notice) { return "", nil }

// FactsSubject returns the subject of the events about the facts of an account.
func FactsSubject(account int64) string { return factsPrefix + strconv.FormatInt(account, 10) }

const factsPrefix = "facts/"

// The names of facts. They are stored.
const (
	FirstSeenFact = "first_seen" // the principal was read for the first time
	CreatedFact   = "created"    // an operation of the console created it
	OwnerFact     = "owner"      // the subuser that a key belonged to last; the value is JSON
	GoneFact      = "gone"       // a reading by id found that it does not exist; pruning deletes all its facts
)

// FactRow is a row of facts without the account and the event.
type FactRow struct {
	access.Ref
	Fact  string
	At    int64 // Unix microseconds; 0 withdraws the fact
	Value string

	seq int64 // the event, of a row that was read
}

// factsDigest returns the digest of the rows that an event sets, in an order of their own.
func factsDigest(account int64, rows []FactRow) string {
	slices.SortFunc(rows, func(a, b FactRow) int {
		return cmp.Or(
			strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(a.ID, b.ID),
			strings.Compare(a.Fact, b.Fact),
		)
	})
	d := newDigest()
	d.add(strconv.FormatInt(account, 10))
	for _, row := range rows {
		d.add(string(row.Kind), row.ID, row.Fact, strconv.FormatInt(row.At, 10), row.Value)
	}
	return d.String()
}

// maxFactsInsert is how many rows one statement inserts; SQLite limits the number of its arguments.
const maxFactsInsert = 500

// AddFacts writes facts about principals of an account, at most one row for each fact, and the event that sets them.
func (tx *Tx) AddFacts(ctx context.Context, account int64, rows []FactRow, at time.Time) error {
	n := FactsChanged{Account: account, Facts: len(rows), Content: factsDigest(account, rows)}
	seq, err := tx.addFactsEvent(ctx, n, at)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(rows, maxFactsInsert) {
		var args store.Args
		lines := make([]string, 0, len(part))
		for _, row := range part {
			lines = append(lines, store.AddList(&args, []any{account, row.Kind, row.ID, row.Fact, row.At, row.Value, seq}))
		}
		if _, err := tx.ExecContext(
			ctx,
			`INSERT INTO facts (account, kind, id, fact, at, value, seq) VALUES `+strings.Join(lines, ", "),
			args...,
		); err != nil {
			return fmt.Errorf("writing facts: %w", err)
		}
	}
	return nil
}

// addFactsEvent appends an event about the facts of an account after the newest one.
func (tx *Tx) addFactsEvent(ctx context.Context, n FactsChanged, at time.Time) (seq int64, err error) {
	if err := tx.QueryRowContext(
		ctx,
		`SELECT COALESCE(MAX(seq), 0) FROM events WHERE operation_id = $1 AND kind = $2`,
		FactsSubject(n.Account),
		FactsEvent,
	).Scan(&n.Previous); err != nil {
		return 0, fmt.Errorf("reading the events of facts: %w", err)
	}
	return tx.Add(ctx, FactsSubject(n.Account), n, at)
}

// readFacts returns the rows of an account that name events after one, by their event. It returns a *Mismatch for a row
// that cannot be read.
func readFacts(ctx context.Context, q querier, account, after int64) (map[int64][]FactRow, error) {
	facts := map[int64][]FactRow{}
	query := `SELECT kind, id, fact, at, value, seq FROM facts WHERE account = $1 AND seq > $2`
	err := forEachRow(ctx, q, query, []any{account, after}, func(rows *sql.Rows) error {
		var row FactRow
		if rows.Scan(&row.Kind, &row.ID, &row.Fact, &row.At, &row.Value, &row.seq) != nil {
			return factsMismatch(account, unreadable)
		}
		facts[row.seq] = append(facts[row.seq], row)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading facts: %w", err)
	}
	return facts, nil
}

func factsMismatch(account int64, wrong string) *Mismatch {
	return mismatchf("The facts of account %d do not agree with their events: %s.", account, wrong)
}
