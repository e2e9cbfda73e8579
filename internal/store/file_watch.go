package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrFileGone is returned by writes while the path of the SQLite database does not lead to the file that was opened:
// it was deleted, moved or replaced. A commit would be lost with the open file.
var ErrFileGone = errors.New("the database file was deleted or replaced while the console runs")

// fileWatch compares the file at a path with the one that was opened, and the files beside it. A nil fileWatch finds
// no difference.
type fileWatch struct {
	path   string
	opened fs.FileInfo

	mu       sync.Mutex
	gone     bool
	onChange func(err error)
	beside   map[string]fs.FileInfo // by suffix; they stay the same while a connection is open
	// index is the open -shm file. Closing it releases the locks that connections of this process have on the database.
	index *os.File

	// content is what the file itself holds of the table readiness, without the write-ahead log, or an older state of it.
	content  sentinel
	verified fs.FileInfo // with the size and the modification time when the file last held content
}

// besideSuffixes end the names of the files that SQLite keeps beside a database. A commit into a deleted write-ahead
// log is lost with the process; without the index in -shm two processes would overwrite each other's commits.
func besideSuffixes() []string { return []string{"-wal", "-shm"} }

func watchFile(path string) (*fileWatch, error) {
	opened, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database file: %w", err)
	}
	return &fileWatch{path: path, opened: opened}, nil
}

// OnFileChange calls report with ErrFileGone when the SQLite file is found to be gone, and with nil when it is back.
func (db *DB) OnFileChange(report func(err error)) {
	if db.file == nil {
		return
	}
	db.file.mu.Lock()
	defer db.file.mu.Unlock()
	db.file.onChange = report
}

// check returns ErrFileGone unless the path leads to the file that was opened, with the content that SQLite wrote, and
// the files beside it are the ones that are open. It costs three calls of stat, and a reading after each change of the
// file.
func (w *fileWatch) check() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.checkDatabase()
	if err == nil {
		err = w.checkBeside()
	}
	w.report(err)
	return err
}

func (w *fileWatch) checkDatabase() error {
	now, err := os.Stat(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s does not exist: stop the console, then restore a backup with server restore",
			ErrFileGone, w.path)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrFileGone, err)
	case !os.SameFile(w.opened, now):
		return fmt.Errorf("%w: %s is another file: stop the console before you restore a backup, with server restore",
			ErrFileGone, w.path)
	case w.content.id == "" || now.Size() == w.verified.Size() && now.ModTime().Equal(w.verified.ModTime()):
		return nil
	}
	// SQLite has written into the file, or another program has.
	return w.checkContent(now)
}

// checkContent returns ErrFileGone unless the file holds the row of the readiness check, or a newer state of it. While
// the write-ahead log is copied into the file, also by another process, the file alone may be no database, and it stays
// so if that process is killed. This proves nothing: the check passes until the log was copied completely.
func (w *fileWatch) checkContent(now fs.FileInfo) error {
	for {
		before, err := w.readIndex()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		}
		held, contentErr := readContent(w.path)
		if contentErr == nil && held.isAtLeast(w.content) {
			w.verified = now
			return nil
		}
		after, err := w.readIndex()
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		case after.copying(), isCorrupt(contentErr) && after.frames > after.copied:
			return nil
		case before == after:
			return fmt.Errorf("%w: %s was overwritten or truncated: stop the console, then restore a backup with server "+
				"restore", ErrFileGone, w.path)
		}
	}
}

// readContent reads the row of the readiness check from the database file alone, without the write-ahead log and
// without the memory of other connections.
func readContent(path string) (sentinel, error) {
	file, err := sql.Open("sqlite", fileURL(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return sentinel{}, err
	}
	defer file.Close()
	var text string
	err = file.QueryRow(readSentinel).Scan(&text) //nolint:noctx // a reading of a few pages
	return parseSentinel(text), err
}

// setContent notes that the database file holds a state of the row, or a newer one. If it does not, the next check
// reports it.
func (w *fileWatch) setContent(written sentinel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, err := os.Stat(w.path)
	if err != nil || !os.SameFile(w.opened, now) {
		return
	}
	if held, err := readContent(w.path); err == nil && held.isAtLeast(written) {
		w.content, w.verified = written, now
	}
}

// errBesideGone is the ErrFileGone of a file beside the database that was deleted. See DB.reopen.
var errBesideGone = fmt.Errorf("%w: a file beside it does not exist", ErrFileGone)

func (w *fileWatch) checkBeside() error {
	for _, suffix := range besideSuffixes() {
		opened := w.beside[suffix]
		if opened == nil {
			continue
		}
		now, err := os.Stat(w.path + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w: %s%s", errBesideGone, w.path, suffix)
		case err != nil:
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		case !os.SameFile(opened, now):
			return fmt.Errorf("%w: %s%s is another file: stop the console, then restore a backup with server restore",
				ErrFileGone, w.path, suffix)
		}
	}
	return w.checkLogSize()
}

// checkLogSize returns ErrFileGone if the write-ahead log is shorter than its index says: another program truncated it.
// If two readings of the index differ, SQLite changed both in between.
func (w *fileWatch) checkLogSize() error {
	for last := int64(-1); ; {
		index, err := w.readIndex()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		}
		size := int64(0) // until the first write there may be none
		if log, err := os.Stat(w.path + "-wal"); err == nil {
			size = log.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		}
		switch {
		case size >= index.logSize():
			return nil
		case index.logSize() == last:
			return fmt.Errorf("%w: %s-wal was truncated: stop the console, then restore a backup with server restore",
				ErrFileGone, w.path)
		}
		last = index.logSize()
	}
}

// logIndex is what the index of the write-ahead log says about the log. Source: sqlite.org/walformat.html, "The
// WAL-Index File Format".
type logIndex struct {
	pageSize  uint16
	frames    uint32 // in the log
	copied    uint32 // frames that the database file holds
	attempted uint32 // frames that it holds, perhaps in part
}

// readIndex returns the zero logIndex when no file is watched.
func (w *fileWatch) readIndex() (logIndex, error) {
	if w.index == nil {
		return logIndex{}, nil
	}
	var header [132]byte
	if _, err := w.index.ReadAt(header[:], 0); err != nil {
		return logIndex{}, fmt.Errorf("reading the index of the write-ahead log: %w", err)
	}
	return logIndex{
		pageSize:  binary.NativeEndian.Uint16(header[14:]),
		frames:    binary.NativeEndian.Uint32(header[16:]),
		copied:    binary.NativeEndian.Uint32(header[96:]),
		attempted: binary.NativeEndian.Uint32(header[128:]),
	}, nil
}

// logSize returns how long the log is at least.
func (i logIndex) logSize() int64 {
	if i.frames == 0 {
		return 0
	}
	pageSize := int64(i.pageSize)
	if pageSize == 1 {
		pageSize = 1 << 16
	}
	const logHeader, frameHeader = 32, 24
	return logHeader + int64(i.frames)*(frameHeader+pageSize)
}

// isCorrupt reports whether SQLite found pages that do not fit together, as in a file that was copied in part. A later
// and smaller copy hides in the index that an earlier one was interrupted.
func isCorrupt(err error) bool {
	failure, is := errors.AsType[*sqlite.Error](err)
	return is && failure.Code()&0xff == sqlite3.SQLITE_CORRUPT
}

// copying reports whether the log is being copied into the database file, or the process that did so was killed.
func (i logIndex) copying() bool { return i.attempted > i.copied }

// forgetBeside stops watching the files beside the database. No connection may be open.
func (w *fileWatch) forgetBeside() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beside = nil
	if w.index != nil {
		_ = w.index.Close()
		w.index = nil
	}
}

// setBeside notes the files beside the database. A connection must be open.
func (w *fileWatch) setBeside() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beside = map[string]fs.FileInfo{}
	for _, suffix := range besideSuffixes() {
		if info, err := os.Stat(w.path + suffix); err == nil {
			w.beside[suffix] = info
		}
	}
	if index, err := os.Open(w.path + "-shm"); err == nil {
		w.index = index
	}
}

// report calls onChange when the file is gone for the first time, or back. The caller holds the lock.
func (w *fileWatch) report(err error) {
	if gone := err != nil; gone != w.gone {
		w.gone = gone
		if w.onChange != nil {
			w.onChange(err)
		}
	}
}

// fileConnector opens connections to the file that was opened first, and to no other: one to another file would stay
// in the pool when the file is back.
type fileConnector struct {
	source     string
	watch      *fileWatch
	statements *statementObserver
}

// Connect implements driver.Connector. A file that was replaced between the checks is noticed by the second.
func (c fileConnector) Connect(context.Context) (driver.Conn, error) {
	if err := c.watch.check(); err != nil {
		return nil, err
	}
	conn, err := c.Driver().Open(c.source)
	if err != nil {
		return nil, err
	}
	if err := c.watch.check(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return fileConn{conn.(sqliteConn), c.statements}, nil
}

// Driver implements driver.Connector.
func (fileConnector) Driver() driver.Driver { return &sqlite.Driver{} }
