package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err         error
		kind        store.ErrorKind
		unavailable bool
	}{
		{nil, store.NoError, false},
		{context.Canceled, store.NoError, false},
		{errors.New("the login is taken"), store.NoError, false},
		{sql.ErrNoRows, store.NoError, false},
		{store.ErrFileGone, store.FileGoneError, false},
		{store.ErrNearlyFull, store.DiskFullError, true},
		{syscall.ENOSPC, store.DiskFullError, true},
		{&pgconn.PgError{Code: "53100"}, store.DiskFullError, true},
		{store.ErrReadOnly, store.ReadOnlyError, true},
		{syscall.EROFS, store.ReadOnlyError, true},
		{store.ErrBusy, store.LockedError, true},
		{&pgconn.PgError{Code: "55P03"}, store.LockedError, true},
		{store.ErrSilent, store.TimeoutError, true},
		{store.ErrScanTimeout, store.TimeoutError, true},
		{context.DeadlineExceeded, store.TimeoutError, true},
		{&pgconn.PgError{Code: "57014"}, store.TimeoutError, true},
		{&pgconn.PgError{Code: "57P01"}, store.ConnectionError, true},
		{&pgconn.PgError{Code: "53300"}, store.ConnectionError, true},
		{store.ErrUnknownCommit, store.ConnectionError, true},
		{syscall.ECONNREFUSED, store.NoError, false}, // of another connection; the driver's errors have a type
		{driver.ErrBadConn, store.ConnectionError, true},
		{&pgconn.PgError{Code: "28P01"}, store.PermissionError, true},
		{&pgconn.PgError{Code: "42501"}, store.PermissionError, true},
		{fs.ErrPermission, store.PermissionError, true},
		{store.ErrSchemaChanged, store.SchemaError, false},
		{store.ErrOtherSchema, store.SchemaError, false},
		{&pgconn.PgError{Code: "42P01"}, store.SchemaError, false},
		{&pgconn.PgError{Code: "XX001"}, store.DamagedError, false},
		{&pgconn.PgError{Code: "58030"}, store.IOError, true},
		{&pgconn.PgError{Code: "23505"}, store.OtherError, false},
		{&pgconn.PgError{}, store.OtherError, false},
	} {
		err := tc.err
		if err != nil {
			err = fmt.Errorf("writing: %w", err)
		}
		if kind := store.KindOf(err); kind != tc.kind || store.Unavailable(err) != tc.unavailable {
			t.Errorf("%v: %q, unavailable %v", err, kind, store.Unavailable(err))
		}
	}
	for _, kind := range store.ErrorKinds() {
		if text := kind.Problem(); strings.Contains(text, "/") || text == "failed" && kind != store.OtherError {
			t.Errorf("%s: %q", kind, text)
		}
	}
}

// Metrics count what is wrong with the database, and no answer of it.
func TestErrorsAreCounted(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		db.SetLockTimeout(time.Millisecond)
		var kinds []store.ErrorKind
		db.OnError(func(kind store.ErrorKind) { kinds = append(kinds, kind) })
		failing := func(err error) { _ = db.Write(t.Context(), func(*sql.Tx) error { return err }) }
		failing(nil)
		failing(errors.New("another operation is open"))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_ = db.Write(gone, func(*sql.Tx) error { return nil })
		if len(kinds) != 0 {
			t.Errorf("counted without an error of the database: %v", kinds)
		}
		_ = db.Write(t.Context(), func(tx *sql.Tx) error {
			if err := ready(t, db); !errors.Is(err, store.ErrBusy) { // this transaction is in its way
				t.Errorf("a second writer: %v", err)
			}
			_, err := tx.Exec(`SELECT 1 FROM unknown_table`)
			return err
		})
		_ = db.Scan(t.Context(), func(ctx context.Context, conn *sql.Conn) error {
			_, err := conn.ExecContext(ctx, `SELECT 1 FROM unknown_table`)
			return err
		})
		if want := []store.ErrorKind{store.LockedError, store.SchemaError, store.SchemaError}; !slices.Equal(kinds, want) {
			t.Errorf("counted %v, want %v", kinds, want)
		}
	})
}
