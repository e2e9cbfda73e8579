package store_test

import (
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// wantEnded fails the test unless a process sees another one as ended, or not.
func wantEnded(t *testing.T, db *store.DB, id string, want bool) {
	t.Helper()
	if ended, err := db.ProcessEnded(t.Context(), id); err != nil || ended != want {
		t.Errorf("process %s: ended %v, %v", id, ended, err)
	}
}

func TestProcessEnded(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db, other := storetest.Open(t, url), storetest.Open(t, url)
		if db.ProcessID() == other.ProcessID() {
			t.Fatalf("both processes have the id %s", db.ProcessID())
		}
		wantEnded(t, db, db.ProcessID(), false)
		wantEnded(t, db, other.ProcessID(), false)
		wantEnded(t, other, db.ProcessID(), false)
		wantEnded(t, db, "not a process", true)
		id := other.ProcessID()
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
		for ended := false; !ended; { // PostgreSQL notices the end of a connection a moment later
			var err error
			if ended, err = db.ProcessEnded(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		wantEnded(t, db, id, true)
		wantEnded(t, db, db.ProcessID(), false)
	})
}

// A process of which the server has dropped all connections is not over: it connects again.
func TestProcessConnectsAgain(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyPostgres(t)
	db, other := storetest.Open(t, url), storetest.Open(t, url)
	write(t, db, "so that it has a connection")
	ended := make(chan bool, 1)
	storetest.Exec(t, other, `SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks l
		WHERE l.locktype = 'advisory' AND l.mode = 'ShareLock' AND l.objid::text = '`+db.ProcessID()+`'`)
	go func() {
		result, _ := other.ProcessEnded(t.Context(), db.ProcessID())
		ended <- result
	}()
	go db.KeepPresent(t.Context())
	select {
	case result := <-ended:
		if result {
			t.Error("the process counts as ended")
		}
	case <-time.After(time.Minute):
		t.Error("no result")
	}
	wantEnded(t, other, db.ProcessID(), false)
}
