package audit

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// BulkProof is a bulk change with rows that agree with their events. It holds what the events say, and the place in the
// chain up to which they were read.
type BulkProof struct {
	log     *Log
	at      place
	replay  bulkReplay
	row     bulkRow         // as it was compared last
	plans   []string        // the digests of the items' plans, in their order
	intents map[string]bool // the operations of the items that were begun
}

// ProveBulkChange compares a bulk change and its items with their events, and verifies the chain from the first of
// these events on: to its end, or if the bulk change has ended, to the last of them. q must be a snapshot or a write
// transaction. It returns a *Mismatch when the console must not act on the bulk change.
func (r *Log) ProveBulkChange(ctx context.Context, q querier, id string) (*BulkProof, error) {
	p := &BulkProof{log: r, replay: bulkReplay{id: id}, intents: map[string]bool{}}
	var first, last sql.NullInt64
	if err := q.QueryRowContext(
		ctx,
		`SELECT MIN(seq), MAX(seq) FROM events WHERE operation_id = $1`,
		BulkSubject(id),
	).Scan(&first, &last); err != nil {
		return nil, fmt.Errorf("reading the events of bulk change %s: %w", id, err)
	}
	row, err := readBulkRow(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if !first.Valid {
		return nil, mismatchf("No event is about bulk change %s.", id)
	}
	if p.at, err = placeBefore(ctx, q, first.Int64); err != nil {
		return nil, err
	}
	until := int64(math.MaxInt64)
	if row.state == string(BulkStopped) || row.state == string(BulkDone) {
		until = last.Int64
	}
	if p.at, err = r.walk(ctx, q, p.at, until, p.add); err != nil {
		return nil, err
	}
	return p, p.checkAll(ctx, q)
}

// add applies an event of the chain.
func (p *BulkProof) add(e link) error {
	switch {
	case e.operationID == BulkSubject(p.replay.id):
		return p.replay.add(e)
	case EventKind(e.kind) == IntentEvent && strings.Contains(e.body, p.replay.id):
		var body struct {
			Intent struct {
				BulkID string `json:"run"`
			} `json:"intent"`
		}
		if err := json.Unmarshal([]byte(e.body), &body); err != nil {
			return fmt.Errorf("decoding event %d: %w", e.seq, err)
		}
		if body.Intent.BulkID == p.replay.id {
			p.intents[e.operationID] = true
		}
	}
	return nil
}

// checkAll compares the bulk change and all of its items with the events.
func (p *BulkProof) checkAll(ctx context.Context, q querier) error {
	p.plans = nil
	err := forEachBulkItem(ctx, q, p.replay.id, func(item bulkItemRow, readErr error) error {
		if readErr != nil {
			return &Mismatch{Text: bulkItemMismatchText(p.replay.id, item.n, unreadable)}
		}
		p.plans = append(p.plans, item.plan())
		return p.checkItem(item)
	})
	if err != nil {
		return err
	}
	return p.checkChange(ctx, q)
}

func (p *BulkProof) checkChange(ctx context.Context, q querier) error {
	id := p.replay.id
	row, err := readBulkRow(ctx, q, id)
	if errors.Is(err, sql.ErrNoRows) {
		return mismatchf("The row of bulk change %s is missing.", id)
	}
	if err != nil {
		return err
	}
	if wrong := p.replay.changeMismatch(row, planDigest(p.plans)); wrong != "" {
		return &Mismatch{Text: bulkMismatchText(id, wrong)}
	}
	p.row = row
	return nil
}

func bulkMismatchText(id, wrong string) string {
	return fmt.Sprintf("The row of bulk change %s does not agree with its events: %s.", id, wrong)
}

func (p *BulkProof) checkItem(item bulkItemRow) error {
	if wrong := p.replay.itemMismatch(item); wrong != "" {
		return &Mismatch{Text: bulkItemMismatchText(p.replay.id, item.n, wrong)}
	}
	return nil
}

func bulkItemMismatchText(id string, n int, wrong string) string {
	return fmt.Sprintf("Item %d of bulk change %s does not agree with its events: %s.", n, id, wrong)
}

// Refresh reads the events since the last call, and compares the bulk change with them. With an item from 1 it compares
// that item too, with All all of them. q must be a snapshot or a write transaction. It returns a *Mismatch when the
// console must not act on the bulk change any more.
func (p *BulkProof) Refresh(ctx context.Context, q querier, item int) (err error) {
	if p.at, err = p.log.walk(ctx, q, p.at, math.MaxInt64, p.add); err != nil {
		return err
	}
	if item == AllItems {
		return p.checkAll(ctx, q)
	}
	found := false
	err = forEachBulkItem(ctx, q, p.replay.id, func(row bulkItemRow, readErr error) error {
		found = true
		switch {
		case readErr != nil:
			return &Mismatch{Text: bulkItemMismatchText(p.replay.id, item, unreadable)}
		case item > len(p.plans) || row.plan() != p.plans[item-1]:
			return &Mismatch{Text: bulkItemMismatchText(p.replay.id, item, "its content was changed")}
		default:
			return p.checkItem(row)
		}
	}, item)
	switch {
	case err != nil:
		return err
	case !found:
		return mismatchf("Item %d of bulk change %s is missing.", item, p.replay.id)
	}
	return p.checkChange(ctx, q)
}

// AllItems makes Refresh compare all items.
const AllItems = 0

// State returns the state of the bulk change.
func (p *BulkProof) State() BulkState { return p.replay.state.State }

// Items returns the number of items.
func (p *BulkProof) Items() int { return len(p.plans) }

// NextOperationID returns the id of the operation with which an item is tried next.
func (p *BulkProof) NextOperationID(item int) string {
	return BulkOperationID(p.replay.id, item, p.replay.items[item].results)
}

// Result returns the newest result of an item, and false when it has none.
func (p *BulkProof) Result(item int) (BulkItemDone, bool) {
	newest, found := p.replay.items[item]
	return newest.BulkItemDone, found
}

// Began reports whether the chain has the intent of an operation of this bulk change, up to its end.
func (p *BulkProof) Began(ctx context.Context, operationID string) (began bool, err error) {
	p.at, err = p.log.walk(ctx, p.log.db.SQL(), p.at, math.MaxInt64, p.add)
	return p.intents[operationID], err
}

// unreadable is how a row differs that holds a value of another type.
const unreadable = "it cannot be read"

// readBulkRow returns a row of bulk_changes. It returns sql.ErrNoRows when there is none, and a *Mismatch when it
// cannot be read.
func readBulkRow(ctx context.Context, q querier, id string) (row bulkRow, err error) {
	rows, err := q.QueryContext(ctx, `SELECT `+bulkRowColumns+` FROM bulk_changes WHERE id = $1`, id)
	if err != nil {
		return row, fmt.Errorf("reading bulk change %s: %w", id, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return row, fmt.Errorf("reading bulk change %s: %w", id, cmp.Or(rows.Err(), sql.ErrNoRows))
	}
	if row, err = scanBulkRow(rows); err != nil {
		return row, &Mismatch{Text: bulkMismatchText(id, unreadable)}
	}
	return row, nil
}

// forEachBulkItem calls do for every item of a bulk change, in their order, or only for the one with a number. readErr
// is not nil for an item that cannot be read.
func forEachBulkItem(
	ctx context.Context,
	q querier,
	id string,
	do func(item bulkItemRow, readErr error) error,
	only ...int,
) error {
	query, args := `SELECT `+bulkItemColumns+` FROM bulk_items WHERE bulk_id = $1`, []any{id}
	if len(only) > 0 {
		query, args = query+` AND n = $2`, append(args, only[0])
	}
	rows, err := q.QueryContext(ctx, query+` ORDER BY n`, args...)
	if err != nil {
		return fmt.Errorf("reading the items of bulk change %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(scanBulkItemRow(rows)); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the items of bulk change %s: %w", id, err)
	}
	return nil
}

// AddBulkDraft appends the event of a draft, after its rows were written in the same transaction. Its number is set in
// the row of the bulk change.
func (tx *Tx) AddBulkDraft(ctx context.Context, id string, actor Actor, at time.Time) error {
	row, err := readBulkRow(ctx, tx, id)
	if err != nil {
		return err
	}
	var plans []string
	if err := forEachBulkItem(ctx, tx, id, func(item bulkItemRow, readErr error) error {
		plans = append(plans, item.plan())
		return readErr
	}); err != nil {
		return err
	}
	return tx.AddBulkState(ctx, BulkChanged{
		ID:      id,
		Account: row.account,
		State:   BulkDraft,
		Kind:    row.kind,
		Items:   len(plans),
		Content: row.content(planDigest(plans)),
		RetryOf: row.retryOf,
		Actor:   &actor,
	}, at)
}

// BulkStart is what a start changes in the row of a bulk change.
type BulkStart struct {
	Operator string // JSON
	Body     string // JSON
	Reason   string
	At       time.Time
}

// AddBulkStart appends the event of a start, after the row was written in the same transaction. What the start does not
// change is taken from the proof and not from the row, which another program may write at the same time.
func (tx *Tx) AddBulkStart(ctx context.Context, p *BulkProof, actor Actor, start BulkStart) error {
	row := p.row
	row.operator, row.body, row.reason, row.startedAt = start.Operator, start.Body, start.Reason, start.At.UnixMicro()
	return tx.AddBulkState(ctx, BulkChanged{
		ID:      row.id,
		Account: row.account,
		State:   BulkRunning,
		Kind:    row.kind,
		Items:   len(p.plans),
		Content: row.content(planDigest(p.plans)),
		Actor:   &actor,
		Reason:  start.Reason,
	}, start.At)
}

// AddBulkState appends the event of a new state of a bulk change. Its number is set in the row of the bulk change, if
// there is one.
func (tx *Tx) AddBulkState(ctx context.Context, n BulkChanged, at time.Time) error {
	seq, err := tx.Add(ctx, BulkSubject(n.ID), n, at)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE bulk_changes SET seq = $1 WHERE id = $2`, seq, n.ID); err != nil {
		return fmt.Errorf("writing the event of a bulk change: %w", err)
	}
	return nil
}

// AddBulkItem appends the event of an item's result, after its row was written in the same transaction, and makes the
// row name the event.
func (tx *Tx) AddBulkItem(ctx context.Context, n BulkItemDone, at time.Time) error {
	seq, err := tx.Add(ctx, BulkSubject(n.ID), n, at)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(
		ctx,
		`UPDATE bulk_items SET seq = $1 WHERE bulk_id = $2 AND n = $3`,
		seq,
		n.ID,
		n.Item,
	); err != nil {
		return fmt.Errorf("writing the event of an item: %w", err)
	}
	return nil
}
