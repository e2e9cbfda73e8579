package store

import (
	"context"
	"database/sql/driver"
	"sync/atomic"
)

// statementObserver calls a function with each statement of the connections to a SQLite database.
type statementObserver struct {
	report atomic.Pointer[func(statement string)]
}

// OnStatement calls report with each statement that SQLite executes, BEGIN and COMMIT included. It is for tests, which
// count statements. Those to PostgreSQL can be counted on its connections.
func (db *DB) OnStatement(report func(statement string)) { db.statements.report.Store(&report) }

func (o *statementObserver) observe(statement string) {
	if report := o.report.Load(); report != nil {
		(*report)(statement)
	}
}

// sqliteConn is what database/sql uses of a connection to SQLite.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// fileConn is a connection to SQLite, the statements of which are observed.
type fileConn struct {
	sqliteConn
	statements *statementObserver
}

// BeginTx implements driver.ConnBeginTx.
func (c fileConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	c.statements.observe("BEGIN")
	tx, err := c.sqliteConn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	return fileTx{tx, c.statements}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c fileConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	statement, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return fileStatement{statement.(sqliteStatement), query, c.statements}, nil
}

// ExecContext implements driver.ExecerContext.
func (c fileConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.statements.observe(query)
	return c.sqliteConn.ExecContext(ctx, query, args)
}

// QueryContext implements driver.QueryerContext.
func (c fileConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.statements.observe(query)
	return c.sqliteConn.QueryContext(ctx, query, args)
}

// fileTx is a transaction of a fileConn.
type fileTx struct {
	driver.Tx
	statements *statementObserver
}

// Commit implements driver.Tx.
func (t fileTx) Commit() error {
	t.statements.observe("COMMIT")
	return t.Tx.Commit()
}

// sqliteStatement is what database/sql uses of a prepared statement of SQLite.
type sqliteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// fileStatement is a prepared statement of a fileConn.
type fileStatement struct {
	sqliteStatement
	query      string
	statements *statementObserver
}

// ExecContext implements driver.StmtExecContext.
func (s fileStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.statements.observe(s.query)
	return s.sqliteStatement.ExecContext(ctx, args)
}

// QueryContext implements driver.StmtQueryContext. It does not watch the context, for which the driver starts a
// goroutine: what is prepared finds one row, and its wait for a lock is limited by the busy timeout.
func (s fileStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.statements.observe(s.query)
	return s.sqliteStatement.QueryContext(context.WithoutCancel(ctx), args)
}
