package store_test

import (
	"os"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// tryLock calls TryLock and fails the test on an error.
func tryLock(t *testing.T, db *store.DB, name string) (release func(), ok bool) {
	t.Helper()
	release, ok, err := db.TryLock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return release, ok
}

func TestLockIsExclusive(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		first, second := storetest.Open(t, url), storetest.Open(t, url)
		release, ok := tryLock(t, first, "reconcile")
		if !ok {
			t.Fatal("a free lock is refused")
		}
		for name, db := range map[string]*store.DB{"the holder": first, "another process": second} {
			if _, ok := tryLock(t, db, "reconcile"); ok {
				t.Errorf("%s acquires the lock a second time", name)
			}
		}
		other, ok := tryLock(t, second, "drift")
		if !ok {
			t.Fatal("the lock of another job is refused")
		}
		other()
		write(t, first, "the holder writes")
		write(t, second, "another process writes")
		release()
		for range 3 {
			again, ok := tryLock(t, second, "reconcile")
			if !ok {
				t.Fatal("a released lock is refused")
			}
			again()
		}
	})
}

// On PostgreSQL a lock ends with the connection of its holder. The holder goes on without it.
func TestLockIsLostWithConnection(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyPostgres(t)
	first, second := storetest.Open(t, url), storetest.Open(t, url)
	release, ok := tryLock(t, first, "reconcile")
	if !ok {
		t.Fatal("a free lock is refused")
	}
	storetest.DropJobLocks(t, second)
	again, ok := tryLock(t, second, "reconcile")
	if !ok {
		t.Fatal("the lock is refused although the connection of its holder is gone")
	}
	release()
	if _, ok := tryLock(t, first, "reconcile"); ok {
		t.Error("release by the former holder released the lock of the new one")
	}
	again()
	write(t, first, "afterwards")
}

// Jobs take their locks every few seconds. On PostgreSQL, opening a connection costs more than the work of most rounds.
func TestLockKeepsConnection(t *testing.T) {
	t.Parallel()
	proxy := storetest.NewProxy(t, storetest.EmptyPostgres(t))
	db := storetest.Open(t, proxy.Address)
	lock := func() {
		release, ok := tryLock(t, db, "reconcile")
		if !ok {
			t.Fatal("a free lock is refused")
		}
		release()
	}
	lock() // prepares the statements
	trips := storetest.RecordPostgres(proxy)
	for range 3 {
		lock()
	}
	if taken := trips.Take(); len(taken) != 6 {
		t.Errorf("three locks take %d round trips instead of 6: %q", len(taken), taken)
	}
}

func TestLockFileMode(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	release, ok := tryLock(t, storetest.Open(t, url), "reconcile")
	if !ok {
		t.Fatal("a free lock is refused")
	}
	defer release()
	if info, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-reconcile.lock"); err != nil ||
		info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
