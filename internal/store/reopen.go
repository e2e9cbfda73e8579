package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// keepOpen keeps a connection open until Close. SQLite deletes the files beside a database with its last connection, so
// from now on they stay the same, and are watched.
func (db *DB) keepOpen(ctx context.Context) error {
	if db.file == nil {
		return nil
	}
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	db.kept.Store(conn)
	db.file.setBeside()
	var text string
	if err := conn.QueryRowContext(ctx, readSentinel).Scan(&text); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading the row of the readiness check: %w", err)
	}
	// On a full disk the console still starts, to be read. The readiness check reports it.
	_ = db.noteContent(ctx, parseSentinel(text))
	return nil
}

// release gives back the connection of keepOpen.
func (db *DB) release() error {
	if conn := db.kept.Swap(nil); conn != nil {
		return conn.Close()
	}
	return nil
}

// noteContent notes what the database file holds, once the write-ahead log has nothing that it lacks.
func (db *DB) noteContent(ctx context.Context, written sentinel) error {
	complete, err := checkpoint(ctx, db.sql)
	if err == nil && complete && written.id != "" {
		db.file.setContent(written)
	}
	return err
}

// checkpoint copies the write-ahead log into the database file. complete is false while readers or another process
// prevent that.
func checkpoint(ctx context.Context, q querier) (complete bool, err error) {
	var busy, frames, copied int
	if err := q.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &copied); err != nil {
		return false, fmt.Errorf("copying the write-ahead log into the database: %w", err)
	}
	return busy == 0 && frames == copied, nil
}

// checkFiles returns ErrFileGone unless the database can be written. It opens the database again if that helps. The
// caller holds db.writer.
func (db *DB) checkFiles(ctx context.Context) error {
	if db.closed.Load() {
		return errClosed
	}
	err := db.file.check()
	if !errors.Is(err, errBesideGone) {
		return err
	}
	if failure := db.reopen(ctx); failure != nil {
		return fmt.Errorf("%w: %w", err, failure)
	}
	return db.file.check()
}

const (
	reopenTimeout = time.Second // for readers to end
	reopenPause   = 5 * time.Millisecond
)

// reopen closes all connections after a file beside the database was deleted, and opens a new one. Nothing is lost: the
// connections still have the deleted write-ahead log, which is copied into the database first. It fails while another
// process has the database open for writing, because both would have different files.
func (db *DB) reopen(ctx context.Context) (err error) {
	// One process at a time, because a conversion that fails loses the lock for a moment.
	unlock, err := lockFolder("sqlite:" + db.path)
	if err != nil {
		return err
	}
	defer unlock()
	if db.closed.Load() { // closing has deleted the file
		return errClosed
	}
	defer func() { err = errors.Join(err, db.inUse.convert(syscall.LOCK_SH|syscall.LOCK_NB)) }()
	if err := db.inUse.convert(syscall.LOCK_EX | syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another process uses the database: %w", err)
	}
	if conn := db.kept.Load(); conn != nil { // nil when an earlier attempt came to this point
		if complete, err := checkpoint(ctx, conn); err != nil || !complete {
			return errors.Join(err, errReadersLeft)
		}
	}
	db.sql.SetMaxIdleConns(-1) // none
	db.scans.SetMaxIdleConns(-1)
	defer db.sql.SetMaxIdleConns(fileConnections)
	defer db.scans.SetMaxIdleConns(scanConnections)
	if err := db.release(); err != nil {
		return err
	}
	// With the last connection SQLite copies what else is in the log. Until then the check refuses new ones.
	for deadline := time.Now().Add(reopenTimeout); db.sql.Stats().OpenConnections+db.scans.Stats().OpenConnections > 0; {
		if time.Now().After(deadline) {
			return errReadersLeft
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reopenPause):
		}
	}
	db.file.forgetBeside()
	return db.keepOpen(ctx)
}

var (
	errReadersLeft = errors.New("readers have the database open")
	errClosed      = errors.New("the database is closed")
)
