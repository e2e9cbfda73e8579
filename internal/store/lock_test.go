package store_test

import (
	"os"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// tryLock takes a job, or does not.
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
	storetest.Each(t, func(t *testing.T, url string) {
		first, second := storetest.Open(t, url), storetest.Open(t, url)
		release, ok := tryLock(t, first, "settle")
		if !ok {
			t.Fatal("nobody has it, and it cannot be taken")
		}
		for name, db := range map[string]*store.DB{"the holder": first, "another": second} {
			if _, ok := tryLock(t, db, "settle"); ok {
				t.Errorf("%s takes it a second time", name)
			}
		}
		other, ok := tryLock(t, second, "drift")
		if !ok {
			t.Fatal("another job cannot be taken")
		}
		other()
		write(t, first, "the holder writes")
		write(t, second, "another writes")
		release()
		for range 3 {
			again, ok := tryLock(t, second, "settle")
			if !ok {
				t.Fatal("it was given back, and cannot be taken")
			}
			again()
		}
	})
}

// On PostgreSQL a job goes with the connection of its holder, to whom nothing has happened otherwise.
func TestLockIsLostWithConnection(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	first, second := storetest.Open(t, url), storetest.Open(t, url)
	release, ok := tryLock(t, first, "settle")
	if !ok {
		t.Fatal("nobody has it, and it cannot be taken")
	}
	storetest.DropJobLocks(t, second)
	again, ok := tryLock(t, second, "settle")
	if !ok {
		t.Fatal("its holder is gone, and it cannot be taken")
	}
	release()
	if _, ok := tryLock(t, first, "settle"); ok {
		t.Error("the former holder gave away what another has")
	}
	again()
	write(t, first, "and it goes on")
}

// The files that SQLite's jobs are taken with are their owner's too.
func TestLockFileMode(t *testing.T) {
	t.Parallel()
	url := storetest.SQLite(t)
	release, ok := tryLock(t, storetest.Open(t, url), "settle")
	if !ok {
		t.Fatal("it cannot be taken")
	}
	defer release()
	if info, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-settle.lock"); err != nil ||
		info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
