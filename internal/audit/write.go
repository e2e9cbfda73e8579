package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Tx is a write transaction in which rows are written together with the events that set them.
type Tx struct {
	*sql.Tx
	log     *Log
	written []link
}

// Write runs fn in a write transaction, as store.DB.Write does. The events that fn adds and the rows that it writes are
// committed together, or not at all.
func (r *Log) Write(ctx context.Context, fn func(tx *Tx) error) error {
	var written []link
	err := r.write(ctx, func(sqlTx *sql.Tx) error {
		tx := &Tx{Tx: sqlTx, log: r}
		err := fn(tx)
		written = tx.written
		return err
	})
	if err == nil {
		r.logEvents(ctx, written...)
	}
	return err
}

// Add appends an event about a fact, see BulkSubject, DriftSubject and FactsSubject. It returns the number of the
// event, which the row that the event sets must name.
func (tx *Tx) Add(ctx context.Context, subject string, n Notice, at time.Time) (seq int64, err error) {
	body, err := json.Marshal(n)
	if err != nil {
		return 0, fmt.Errorf("encoding an event: %w", err)
	}
	written, err := tx.log.add(ctx, tx.Tx, link{
		operationID: subject,
		kind:        string(n.kind()),
		at:          at.UnixMicro(),
		body:        string(body),
	})
	if err != nil {
		return 0, err
	}
	tx.written = append(tx.written, written...)
	return written[len(written)-1].seq, nil
}

// Snapshot runs fn in a read transaction in which all queries see the same state.
func (r *Log) Snapshot(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := r.db.SQL().BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("beginning a read transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return fn(tx)
}

// Querier is a database or a transaction.
type Querier = querier
