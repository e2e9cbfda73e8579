package store

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// Prepared is a query for one row that runs for every request. It is safe for concurrent use.
//
// SQLite parses a text whenever it is run, which costs as much as finding a row. On PostgreSQL pgx keeps what was
// prepared on each connection.
type Prepared struct {
	db        *DB
	query     string
	preparing atomic.Bool
	statement atomic.Pointer[keptStatement] // nil on PostgreSQL, and until it is prepared
}

// keptStatement is a statement that is closed with its database.
type keptStatement struct{ *sql.Stmt }

// Prepare returns a query that is prepared when it first runs, and then stays so until the database is closed.
func (db *DB) Prepare(query string) *Prepared { return &Prepared{db: db, query: query} }

// QueryRow runs the query. The result is that of sql.DB.QueryRowContext.
func (p *Prepared) QueryRow(ctx context.Context, args ...any) *sql.Row {
	if !p.db.postgres && p.statement.Load() == nil && p.preparing.CompareAndSwap(false, true) {
		p.keep(p.db.sql.PrepareContext(ctx, p.query))
	}
	if kept := p.statement.Load(); kept != nil {
		return kept.QueryRowContext(ctx, args...)
	}
	return p.db.sql.QueryRowContext(ctx, p.query, args...) // with an error of preparing, too
}

// keep keeps a prepared statement. After an error the next call tries again.
func (p *Prepared) keep(statement *sql.Stmt, err error) {
	if err != nil {
		p.preparing.Store(false)
		return
	}
	p.statement.Store(&keptStatement{statement})
}
