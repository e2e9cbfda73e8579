package faults

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	_ "modernc.org/sqlite" // the driver of another process

	"github.com/voxwarden/voxwarden/internal/testkit/process"
)

// mountSize is the size of the file systems that rows fill.
const mountSize = 64 << 20

// sqliteRows are the faults of a SQLite database and its disk.
func sqliteRows() []row {
	immediate, exclusive := sqliteLock("BEGIN IMMEDIATE"), sqliteLock("BEGIN EXCLUSIVE")
	rows := []row{
		{
			fault: "disk full", ready: notReady, sample: true, prepare: onSmallDisk,
			begin: func(w *world) { w.fillDisk(0) },
			end:   func(w *world) { w.emptyDisk() },
		},
		{
			fault: "disk nearly full", ready: notReady, prepare: onSmallDisk,
			begin: func(w *world) { w.fillDisk(3 << 20) },
			end:   func(w *world) { w.emptyDisk() },
		},
		{
			fault: "no inodes left", ready: either, prepare: onSmallDisk,
			begin: func(w *world) { w.useUpInodes() },
			end:   func(w *world) { w.emptyDisk() },
		},
		{
			fault: "file deleted", ready: notReady, sample: true, repair: restore, advice: "server restore",
			begin: func(w *world) { w.do(os.Remove(w.path())) },
			end:   func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "file moved away and back", ready: notReady,
			begin: func(w *world) { w.do(os.Rename(w.path(), w.path()+".moved")) },
			end:   func(w *world) { w.do(os.Rename(w.path()+".moved", w.path())) },
		},
		{
			fault: "folder moved away and back", ready: notReady,
			begin: func(w *world) { w.do(os.Rename(w.folder, w.folder+".moved")) },
			end:   func(w *world) { w.do(os.Rename(w.folder+".moved", w.folder)) },
		},
		{
			fault: "file overwritten with cp", ready: notReady, sample: true, repair: restore, advice: "server restore",
			early: keepOldCopy,
			begin: func(w *world) { w.overwrite(w.path(), w.old) },
			end:   func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "file overwritten with other bytes", ready: notReady, repair: restore, advice: "server restore",
			begin: func(w *world) { w.overwrite(w.path(), "/dev/zero") },
			end:   func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "file truncated", ready: notReady, repair: restore, advice: "server restore",
			begin: func(w *world) { w.do(os.Truncate(w.path(), 0)) },
			end:   func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "old copy put in place", ready: notReady, repair: restore, advice: "server restore",
			early: keepOldCopy,
			begin: func(w *world) { w.do(os.Rename(w.old, w.path())) },
			end:   func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "WAL deleted", ready: ready, sample: true,
			begin: func(w *world) { w.do(os.Remove(w.path() + "-wal")) },
			end:   func(*world) {},
		},
		{
			fault: "WAL moved away", ready: ready,
			begin: func(w *world) { w.do(os.Rename(w.path()+"-wal", w.path()+".moved")) },
			end:   func(w *world) { w.do(os.Remove(w.path() + ".moved")) },
		},
		{
			fault: "WAL replaced", ready: notReady, repair: restore, advice: "server restore",
			begin: func(w *world) {
				w.overwrite(w.path()+".other", w.path()+"-wal")
				w.do(os.Rename(w.path()+".other", w.path()+"-wal"))
			},
			end: func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "WAL truncated", ready: notReady, repair: restore, advice: "server restore",
			begin: func(w *world) { w.do(os.Truncate(w.path()+"-wal", 0)) },
			end:   func(w *world) { w.command("restore", w.backup) },
		},
		{
			fault: "-shm deleted", ready: ready,
			begin: func(w *world) { w.do(os.Remove(w.path() + "-shm")) },
			end:   func(*world) {},
		},
		{
			fault: "-wal and -shm deleted", ready: ready,
			begin: func(w *world) {
				w.do(os.Remove(w.path() + "-wal"))
				w.do(os.Remove(w.path() + "-shm"))
			},
			end: func(*world) {},
		},
		{
			fault: "folder read-only", ready: either,
			begin: func(w *world) { w.do(os.Chmod(w.folder, 0o555)) },
			end:   func(w *world) { w.do(os.Chmod(w.folder, 0o755)) },
		},
		{
			fault: "folder without permission", ready: either,
			begin: func(w *world) { w.do(os.Chmod(w.folder, 0o000)) },
			end:   func(w *world) { w.do(os.Chmod(w.folder, 0o755)) },
		},
		{
			fault: "file without permission", ready: either,
			begin: func(w *world) { w.do(os.Chmod(w.path(), 0o000)) },
			end:   func(w *world) { w.do(os.Chmod(w.path(), 0o600)) },
		},
		{
			fault: "file of another user", ready: either,
			prepare: func(w *world) { w.needRoot() },
			begin:   func(w *world) { w.do(os.Chown(w.path(), 0, 0)) },
			end:     func(w *world) { w.do(os.Chown(w.path(), w.uid, w.uid)) },
		},
		immediate,
		exclusive,
		{
			fault: "long reader in another process", ready: ready,
			begin: func(w *world) {
				w.other = w.otherProcess()
				for _, statement := range []string{"BEGIN", "SELECT count(*) FROM events"} {
					w.exec(w.other, statement)
				}
			},
			end: func(w *world) { w.exec(w.other, "ROLLBACK") },
		},
	}
	full, locked := rows[0], immediate
	full.fault, full.stop, full.sample = "disk full, SIGTERM", true, false
	locked.fault, locked.stop, locked.sample = "write lock held, SIGTERM", true, false
	rows = append(rows, full, locked)
	for i := range rows {
		rows[i].engine = sqlite
	}
	return rows
}

// restore is the documented repair of a SQLite database.
const restore = "server restore"

// keepOldCopy makes a backup that changes follow.
func keepOldCopy(w *world) { w.old = w.newBackup() }

// newBackup backs the SQLite database up, on the same file system, and returns the path of the copy.
func (w *world) newBackup() string {
	w.backups++
	path := fmt.Sprintf("%s.backup%d", w.path(), w.backups)
	w.command("backup", path)
	return path
}

// sqliteLock is a lock that another process holds.
func sqliteLock(statement string) row {
	return row{
		fault: "lock held by another process: " + statement, ready: notReady, sample: statement == "BEGIN IMMEDIATE",
		begin: func(w *world) {
			w.other = w.otherProcess()
			w.exec(w.other, "PRAGMA busy_timeout = 20000")
			w.exec(w.other, statement)
		},
		end: func(w *world) { w.exec(w.other, "ROLLBACK") },
	}
}

// otherProcess returns a connection to the SQLite database. To SQLite the test is another process than the console.
func (w *world) otherProcess() *sql.Conn {
	db, err := sql.Open("sqlite", "file:"+w.path()+"?mode=rw")
	if err != nil {
		w.Fatal(err)
	}
	conn, err := db.Conn(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = errors.Join(conn.Close(), db.Close()) })
	return conn
}

func (w *world) exec(conn *sql.Conn, statement string) {
	if _, err := conn.ExecContext(w.Context(), statement); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// path returns the path of the SQLite database.
func (w *world) path() string { return filepath.Join(w.folder, "voxwarden.db") }

// chown gives the SQLite database and its folder to a user.
func (w *world) chown(uid int) {
	files, err := filepath.Glob(w.path() + "*")
	w.do(err)
	for _, file := range append(files, w.folder) {
		w.do(os.Chown(file, uid, uid))
	}
}

// do fails the test if the fault could not be made.
func (w *world) do(err error) {
	if err != nil {
		w.Fatal(err)
	}
}

// overwrite writes the content of a file into another one as cp does: it keeps an existing file. Of a device it copies
// as much as the file has.
func (w *world) overwrite(path, from string) {
	source, err := os.Open(from)
	if err != nil {
		w.Fatal(err)
	}
	defer source.Close()
	content := io.Reader(source)
	if info, err := os.Stat(path); err == nil && from == "/dev/zero" {
		content = io.LimitReader(source, info.Size())
	}
	target, err := os.Create(path)
	if err != nil {
		w.Fatal(err)
	}
	_, err = io.Copy(target, content)
	w.do(errors.Join(err, target.Close(), os.Chown(path, w.owner(), w.owner())))
}

// owner returns the id of the console's user and group for chown, -1 to change nothing.
func (w *world) owner() int {
	if w.uid == 0 {
		return -1
	}
	return w.uid
}

func (w *world) needRoot() {
	if os.Geteuid() != 0 {
		w.Skip("this fault can be made by root only")
	}
}

// needMounts skips a row where the test may not mount file systems, as in most containers.
func (w *world) needMounts() {
	w.needRoot()
	folder := process.FolderFor(w, 0)
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k"); err != nil {
		w.Skipf("this fault needs a file system of its own: mounting: %v", err)
	}
	w.do(syscall.Unmount(folder, 0))
}

// mountSmallDisk mounts a file system of mountSize on a folder.
func (w *world) mountSmallDisk(folder string, inodes int) {
	w.needMounts()
	options := fmt.Sprintf("size=%d,nr_inodes=%d", mountSize, inodes)
	w.do(syscall.Mount("tmpfs", folder, "tmpfs", 0, options))
	w.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	w.disk = folder
}

// onSmallDisk puts the SQLite database on a small file system.
func onSmallDisk(w *world) {
	w.mountSmallDisk(w.folder, 200)
	w.do(os.Chown(w.folder, w.uid, w.uid))
}

// fillDisk fills the small file system, except for some bytes.
func (w *world) fillDisk(free int64) {
	var disk syscall.Statfs_t
	w.do(syscall.Statfs(w.disk, &disk))
	filler, err := os.Create(filepath.Join(w.disk, "filler"))
	if err != nil {
		w.Fatal(err)
	}
	defer filler.Close()
	_, err = io.Copy(filler, io.LimitReader(zeros{}, int64(disk.Bavail)*disk.Bsize-free))
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		w.Fatal(err)
	}
}

// zeros is a source of bytes.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// useUpInodes creates empty files until the small file system has no room for another one.
func (w *world) useUpInodes() {
	for n := 0; ; n++ {
		file, err := os.Create(filepath.Join(w.disk, fmt.Sprint("filler", n)))
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			w.Fatal(err)
		}
		w.do(file.Close())
	}
}

// emptyDisk removes what fillDisk and useUpInodes created.
func (w *world) emptyDisk() {
	entries, err := os.ReadDir(w.disk)
	if err != nil {
		w.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "filler") {
			w.do(os.Remove(filepath.Join(w.disk, entry.Name())))
		}
	}
}
