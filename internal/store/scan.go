package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The limits of Scan. They leave the processor and the disk to pages and changes: SQLite reads within this process.
const (
	scanConnections = 2
	scanTimeout     = 10 * time.Second // for each scan
	scanWait        = 10 * time.Second // for one of the connections
)

// ErrScanTimeout is returned for a scan that took longer than its limit. It was ended in the database too.
var ErrScanTimeout = errors.New("the database took too long to search")

// ErrScansBusy is returned when no connection for scans became free in time.
var ErrScansBusy = errors.New("too many searches of the database are running")

// Scan runs fn, which reads many rows, such as a search of the audit log. conn is one of a few connections for
// reading, apart from those of sessions and writes. At most two scans run at a time; the others wait in the order
// of their calls, and get ErrScansBusy after ten seconds. A scan that takes longer than ten seconds is ended with
// ErrScanTimeout. When ctx ends, the scan ends with its error. The database stops working in both cases. fn uses the
// context that it gets for all queries, and does not call Scan.
//
// SQLite notices the end of a context only while it looks for the first row. A query that may look long for the next
// one sorts its rows, so that all of them are found before the first.
func (db *DB) Scan(ctx context.Context, fn func(ctx context.Context, conn *sql.Conn) error) error {
	timer := time.NewTimer(scanWait)
	defer timer.Stop()
	select {
	case db.scanning <- struct{}{}:
	case <-timer.C:
		return db.count(ErrScansBusy)
	case <-ctx.Done():
		return fmt.Errorf("waiting for other searches: %w", ctx.Err())
	}
	defer func() { <-db.scanning }()
	limited := ctx
	if db.scanTimeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeoutCause(ctx, db.scanTimeout, ErrScanTimeout)
		defer cancel()
	}
	conn, err := db.scans.Conn(limited)
	if err != nil {
		return db.count(scanError(limited, fmt.Errorf("connecting to search: %w", err)))
	}
	defer conn.Close()
	return db.count(scanError(limited, fn(limited, conn)))
}

// scanError returns ErrScanTimeout for an error that the time limit caused. PostgreSQL may have a shorter one of its
// own, and reports it as query_canceled.
func scanError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	reply, replied := errors.AsType[*pgconn.PgError](err)
	if errors.Is(context.Cause(ctx), ErrScanTimeout) || replied && reply.Code == "57014" && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrScanTimeout, err)
	}
	return err
}
