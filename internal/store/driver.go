package store

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

// rebinding connects to PostgreSQL with connections that take ? for the values of a query, as SQLite does.
type rebinding struct{ driver.Connector }

// Connect implements driver.Connector.
func (r rebinding) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("connecting gave a %T", conn)
	}
	return &rebindingConn{inner}, nil
}

// rebindingConn is pgx's connection; what is not rebound here is its own.
type rebindingConn struct{ *stdlib.Conn }

// Prepare implements driver.Conn.
func (c *rebindingConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *rebindingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.Conn.PrepareContext(ctx, rebind(query))
}

// QueryContext implements driver.QueryerContext.
func (c *rebindingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, rebind(query), args)
}

// ExecContext implements driver.ExecerContext.
func (c *rebindingConn) ExecContext(
	ctx context.Context,
	query string,
	args []driver.NamedValue,
) (driver.Result, error) {
	return c.Conn.ExecContext(ctx, rebind(query), args)
}

// CheckNamedValue implements driver.NamedValueChecker, so that a value means the same to both engines: pgx would take
// more kinds of values than SQLite, and would write some of them otherwise.
func (c *rebindingConn) CheckNamedValue(value *driver.NamedValue) (err error) {
	value.Value, err = driver.DefaultParameterConverter.ConvertValue(value.Value)
	return err
}
