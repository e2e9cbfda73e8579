package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// checkReady returns the errors of all readiness checks.
func checkReady(ctx context.Context, db *store.DB) error {
	var errs []error
	for _, check := range db.ReadinessChecks() {
		errs = append(errs, check.Run(ctx))
	}
	return errors.Join(errs...)
}

// Readiness means that a change can be recorded.
func TestNotReadyWithoutTheTables(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"a table of the audit log is dropped": `DROP TABLE operation_locks`,
		"a table is renamed":                  `ALTER TABLE drift_decisions RENAME TO decisions`,
		"the row of the check is gone":        ``,
		"the table of the check is dropped":   `DROP TABLE readiness`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachEmpty(t, func(t *testing.T, url string) {
				db := storetest.Open(t, url)
				if err := checkReady(t.Context(), db); err != nil {
					t.Fatal(err)
				}
				if statement == "" { // it is written again
					storetest.Exec(t, db, `DELETE FROM readiness`)
					if err := checkReady(t.Context(), db); err != nil {
						t.Error(err)
					}
					return
				}
				storetest.Exec(t, db, statement)
				err := checkReady(t.Context(), db)
				if kind := store.KindOf(err); kind != store.SchemaError {
					t.Errorf("%s: %v", kind, err)
				}
			})
		})
	}
}

// The check really writes: it notices what reading does not.
func TestNotReadyWhenTheRowIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		if err := checkReady(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		storetest.RefuseWrites(t, db, "UPDATE", "readiness")
		if err := checkReady(t.Context(), db); err == nil {
			t.Error("ready without a write")
		}
	})
}

// While another process holds the write lock, a change cannot be recorded.
func TestNotReadyWhileTheWriteLockIsHeld(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db, other := storetest.Open(t, url), storetest.Open(t, url)
		hold, release := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			done <- other.Write(context.WithoutCancel(t.Context()), func(*sql.Tx) error {
				close(hold)
				<-release
				return nil
			})
		}()
		<-hold
		ctx, cancel := context.WithCancel(t.Context())
		checked := make(chan error, 1)
		go func() { checked <- checkReady(ctx, db) }()
		cancel()
		close(release)
		if err := <-checked; err == nil {
			t.Error("ready while the lock was held")
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := checkReady(t.Context(), db); err != nil {
			t.Errorf("after the lock was released: %v", err)
		}
	})
}

// Writing the row of the check needs no privilege on the tables of the audit log.
func TestNotReadyWithoutPrivileges(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyPostgres(t)
	owner := storetest.Open(t, address)
	role := "r" + strings.ToLower(rand.Text())
	storetest.Exec(t, owner, `CREATE ROLE `+role+` LOGIN`)
	storetest.Exec(t, owner, `GRANT ALL ON ALL TABLES IN SCHEMA public TO `+role)
	db := storetest.Open(t, strings.Replace(address, "postgres@", role+"@", 1))
	for _, privilege := range []string{
		"INSERT ON events", "INSERT ON operations", "UPDATE ON operations", "DELETE ON operation_locks", "SELECT ON events",
	} {
		if err := checkReady(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, owner, `REVOKE `+privilege+` FROM `+role)
		if err := checkReady(t.Context(), db); store.KindOf(err) != store.PermissionError {
			t.Errorf("without %s: %v", privilege, err)
		}
		storetest.Exec(t, owner, `GRANT `+privilege+` TO `+role)
	}
}
