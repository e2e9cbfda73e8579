package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// sqliteFaults are faults of a SQLite file that leave its inode.
func sqliteFaults() map[string]func(t *testing.T, path, backup string) {
	overwrite := func(t *testing.T, path, with string) {
		content, err := os.ReadFile(with)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]func(t *testing.T, path, backup string){
		"overwritten with a backup": overwrite,
		"overwritten with another database": func(t *testing.T, path, _ string) {
			other := storetest.SQLite(t)
			db := storetest.Open(t, other)
			for range 20 { // its counter is ahead
				if err := checkReady(t.Context(), db); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, strings.TrimPrefix(other, "sqlite:"))
		},
		"overwritten with text": func(t *testing.T, path, _ string) {
			if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"truncated": func(t *testing.T, path, _ string) {
			if err := os.Truncate(path, 8192); err != nil {
				t.Fatal(err)
			}
		},
		"emptied": func(t *testing.T, path, _ string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// A commit into a file with other content would damage both.
func TestNothingIsWrittenIntoAnOverwrittenFile(t *testing.T) {
	t.Parallel()
	for name, fault := range sqliteFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			db := storetest.Open(t, "sqlite:"+path)
			write(t, db, "before")
			backup := filepath.Join(t.TempDir(), "backup.db")
			if err := store.Backup(t.Context(), "sqlite:"+path, backup); err != nil {
				t.Fatal(err)
			}
			write(t, db, "after")
			if err := checkReady(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			fault(t, path, backup)
			if err := ready(t, db); !errors.Is(err, store.ErrFileGone) {
				t.Errorf("writing: %v", err)
			}
			if err := checkReady(t.Context(), db); !errors.Is(err, store.ErrFileGone) {
				t.Errorf("readiness: %v", err)
			}
		})
	}
}

// SQLite itself writes into the file: from the write-ahead log, also of another process, and at any time.
func TestOwnWritesAreNotTakenForOthers(t *testing.T) {
	t.Parallel()
	address := storetest.SQLite(t)
	path := strings.TrimPrefix(address, "sqlite:")
	db, other := storetest.Open(t, address), storetest.Open(t, address)
	descriptors := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, file := range files {
			if target, err := os.Readlink("/proc/self/fd/" + file.Name()); err == nil && strings.HasPrefix(target, path) {
				count++
			}
		}
		return count
	}
	before := 0
	for i := range 60 {
		for _, process := range []*store.DB{db, other} {
			if err := checkReady(t.Context(), process); err != nil {
				t.Fatal(err)
			}
			write(t, process, fmt.Sprint(i, process == db, strings.Repeat("x", i*100)))
			if _, err := process.SQL().ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
				t.Fatal(err)
			}
		}
		if i == 20 {
			before = descriptors()
		}
	}
	if after := descriptors(); after > before {
		t.Errorf("%d files are open, before %d", after, before)
	}
	if err := os.Chtimes(path, time.Time{}, time.Unix(1_790_000_000, 0)); err != nil { // the content is the same
		t.Fatal(err)
	}
	if err := checkReady(t.Context(), db); err != nil {
		t.Error(err)
	}
}

// Without the write-ahead log the commits of a running console would be lost with its process.
func TestDeletedWriteAheadLogLosesNothing(t *testing.T) {
	t.Parallel()
	for name, suffixes := range map[string][]string{
		"write-ahead log":           {"-wal"},
		"index":                     {"-shm"},
		"write-ahead log and index": {"-wal", "-shm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			db := storetest.Open(t, "sqlite:"+path)
			write(t, db, "before")
			conn, err := db.SQL().Conn(t.Context()) // a reader
			if err != nil {
				t.Fatal(err)
			}
			for _, suffix := range suffixes {
				if err := os.Remove(path + suffix); err != nil {
					t.Fatal(err)
				}
			}
			if err := ready(t, db); !errors.Is(err, store.ErrFileGone) {
				t.Errorf("writing while a reader has the deleted file: %v", err)
			}
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			if err := checkReady(t.Context(), db); err != nil {
				t.Errorf("readiness after the reader: %v", err)
			}
			write(t, db, "after")
			copied := filepath.Join(t.TempDir(), "x.db") // as a process that was killed leaves it
			for _, suffix := range []string{"", "-wal"} {
				content, err := os.ReadFile(path + suffix)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(copied+suffix, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if count := countSessions(t, storetest.Open(t, "sqlite:"+copied)); count != 2 {
				t.Errorf("%d rows are on the disk, want 2", count)
			}
		})
	}
}

// Two processes with different write-ahead logs would damage the database.
func TestDeletedWriteAheadLogOfSeveralProcesses(t *testing.T) {
	t.Parallel()
	address := storetest.SQLite(t)
	path := strings.TrimPrefix(address, "sqlite:")
	db, other := storetest.Open(t, address), storetest.Open(t, address)
	write(t, db, "before")
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	for _, process := range []*store.DB{db, other} {
		if err := ready(t, process); !errors.Is(err, store.ErrFileGone) {
			t.Errorf("writing: %v", err)
		}
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, db, "after")
	if count := countSessions(t, db); count != 2 {
		t.Errorf("%d rows, want 2", count)
	}
}

// A write-ahead log of another database would be taken for the own one.
func TestReplacedWriteAheadLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	db := storetest.Open(t, "sqlite:"+path)
	write(t, db, "before")
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("another log"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path+"-wal"); err != nil {
		t.Fatal(err)
	}
	if err := ready(t, db); !errors.Is(err, store.ErrFileGone) {
		t.Errorf("writing: %v", err)
	}
	if err := checkReady(t.Context(), db); !errors.Is(err, store.ErrFileGone) {
		t.Errorf("readiness: %v", err)
	}
}

// A process that was killed while it copied the write-ahead log leaves a file that is no database by itself: its first
// page already counts pages that are not there.
func TestInterruptedCopyIsNoForeignWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	db := storetest.Open(t, "sqlite:"+path)
	if err := checkReady(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		write(t, db, fmt.Sprint(i, strings.Repeat("x", 10_000)))
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 4096
	var first []byte
	for frame := range slices.Chunk(log[32:], 24+pageSize) {
		if len(frame) == 24+pageSize && binary.BigEndian.Uint32(frame) == 1 {
			first = frame[24:]
		}
	}
	overwriteAt(t, path, 0, first)
	index, err := os.ReadFile(path + "-shm")
	if err != nil {
		t.Fatal(err)
	}
	overwriteAt(t, path+"-shm", 128, index[16:20]) // as many frames as there are were to be copied
	write(t, db, "after")
	if err := checkReady(t.Context(), db); err != nil {
		t.Error(err)
	}
	write(t, db, "after the copy was completed")
}

// overwriteAt writes into an existing file.
func overwriteAt(t *testing.T, path string, at int64, content []byte) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(content, at); err != nil || len(content) == 0 {
		t.Fatalf("writing %d bytes: %v", len(content), err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// A write into a truncated write-ahead log would follow a gap in which SQLite still expects committed pages.
func TestTruncatedWriteAheadLog(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int64{"empty": 0, "header": 32} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			db := storetest.Open(t, "sqlite:"+path)
			write(t, db, "before")
			if err := os.Truncate(path+"-wal", size); err != nil {
				t.Fatal(err)
			}
			if err := ready(t, db); !errors.Is(err, store.ErrFileGone) {
				t.Errorf("writing: %v", err)
			}
			if err := checkReady(t.Context(), db); !errors.Is(err, store.ErrFileGone) {
				t.Errorf("readiness: %v", err)
			}
		})
	}
}

// An operation needs room for its outcome too, which must still be written when it has been sent.
func TestNearlyFullDisk(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, address string) {
		db := storetest.Open(t, address)
		if err := db.CheckFolder(); err != nil {
			t.Error(err)
		}
		if free, known, err := db.FreeBytes(); err != nil || known == db.Postgres() || known && free == 0 {
			t.Errorf("free: %d, %v, %v", free, known, err)
		}
		for _, tc := range []struct {
			free  uint64
			known bool
			full  bool
		}{{4 << 20, true, false}, {4<<20 - 1, true, true}, {0, true, true}, {0, false, false}} {
			db.SetFreeBytes(tc.free, tc.known)
			want := tc.full && !db.Postgres()
			for _, err := range []error{db.CheckFolder(), checkReady(t.Context(), db)} {
				if (err != nil) != want || want && store.KindOf(err) != store.DiskFullError {
					t.Errorf("%+v: %v", tc, err)
				}
			}
			if err := ready(t, db); err != nil {
				t.Errorf("writing an outcome: %v", err)
			}
		}
	})
}
