package store

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// How a connection is checked before it is used again.
const (
	idleBeforePing = time.Second     // after this time without a response the server is asked
	pingTimeout    = 2 * time.Second // of such a question
)

// connector opens connections to PostgreSQL for a pool.
type connector struct {
	driver.Connector
	timeout time.Duration // of connecting and of preparing the connection together
}

// Connect implements driver.Connector. The pool also calls it with a context that never ends.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return postgresConn{conn.(*stdlib.Conn)}, nil
}

// postgresConn is a connection to PostgreSQL. When it is lost, it returns driver.ErrBadConn for what is safe to repeat.
// The pool then repeats it with another connection.
type postgresConn struct{ *stdlib.Conn }

// BeginTx implements driver.ConnBeginTx.
func (c postgresConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, options)
	if err != nil && c.mayRepeat(ctx, err) {
		return nil, driver.ErrBadConn
	}
	return tx, err
}

// QueryContext implements driver.QueryerContext. A SELECT outside a transaction is safe to repeat.
func (c postgresConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	alone := !c.Conn.Conn().IsClosed() && c.Conn.Conn().PgConn().TxStatus() == 'I'
	rows, err := c.Conn.QueryContext(ctx, query, args)
	if err != nil && alone && strings.HasPrefix(query, "SELECT ") && c.mayRepeat(ctx, err) {
		return nil, driver.ErrBadConn
	}
	return rows, err
}

// mayRepeat reports whether a statement failed because the connection was lost. A server that is silent would be so
// again.
func (c postgresConn) mayRepeat(ctx context.Context, err error) bool {
	return ctx.Err() == nil && c.Conn.Conn().IsClosed() && !errors.Is(err, ErrSilent)
}

// checkConnection returns driver.ErrBadConn for a connection from the pool that is lost. Of one that was used a moment
// ago it only looks at the socket, which costs no round trip.
func checkConnection(ctx context.Context, conn *pgx.Conn) error {
	limited := limitedConnOf(conn.PgConn().Conn())
	if limited == nil {
		return nil
	}
	unread, err := limited.peek()
	if err != nil {
		return driver.ErrBadConn
	}
	if !unread && limited.idle() < idleBeforePing {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := conn.Ping(ctx); err != nil {
		return driver.ErrBadConn
	}
	return nil
}

// limitedConnOf returns the connection below TLS, nil when it was not opened by limitDial.
func limitedConnOf(conn net.Conn) *limitedConn {
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	limited, _ := conn.(*limitedConn)
	return limited
}

// limitDial returns a function that opens connections with a limit.
func limitDial(dial pgconn.DialFunc, limit *waitLimit) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &limitedConn{Conn: conn, limit: limit, usedAt: time.Now()}, nil
	}
}

// connectionLost reports whether a statement failed because its connection was lost.
func connectionLost(err error) bool {
	if connectionEnded(err) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
