package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"sync"

	"modernc.org/sqlite"
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
	held, err := readContent(w.path)
	if err != nil || !held.isAtLeast(w.content) {
		return fmt.Errorf("%w: %s was overwritten or truncated: stop the console, then restore a backup with server "+
			"restore", ErrFileGone, w.path)
	}
	w.verified = now
	return nil
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
	if w.index == nil {
		return nil
	}
	for last := int64(-1); ; {
		indexed, err := indexedLogSize(w.index)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		}
		log, err := os.Stat(w.path + "-wal")
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrFileGone, err)
		case log.Size() >= indexed:
			return nil
		case indexed == last:
			return fmt.Errorf("%w: %s-wal was truncated: stop the console, then restore a backup with server restore",
				ErrFileGone, w.path)
		}
		last = indexed
	}
}

// indexedLogSize returns how long the write-ahead log is by its index. Source: sqlite.org/walformat.html, "The
// WAL-Index File Format".
func indexedLogSize(index io.ReaderAt) (int64, error) {
	var header [20]byte
	if _, err := index.ReadAt(header[:], 0); err != nil {
		return 0, fmt.Errorf("reading the index of the write-ahead log: %w", err)
	}
	pageSize := int64(binary.NativeEndian.Uint16(header[14:16]))
	if pageSize == 1 {
		pageSize = 1 << 16
	}
	frames := int64(binary.NativeEndian.Uint32(header[16:20]))
	if frames == 0 {
		return 0, nil
	}
	const logHeader, frameHeader = 32, 24
	return logHeader + frames*(frameHeader+pageSize), nil
}

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
	source string
	watch  *fileWatch
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
	return conn, nil
}

// Driver implements driver.Connector.
func (fileConnector) Driver() driver.Driver { return &sqlite.Driver{} }
