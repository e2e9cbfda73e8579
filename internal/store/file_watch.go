package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"modernc.org/sqlite"
)

// ErrFileGone is returned by writes while the path of the SQLite database does not lead to the file that was opened:
// it was deleted, moved or replaced. A commit would be lost with the open file.
var ErrFileGone = errors.New("the database file was deleted or replaced while the console runs")

// fileWatch compares the file at a path with the one that was opened. A nil fileWatch finds no difference.
type fileWatch struct {
	path   string
	opened fs.FileInfo

	mu       sync.Mutex
	gone     bool
	onChange func(err error)
}

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

// check returns ErrFileGone unless the path leads to the file that was opened. It costs one call of stat.
func (w *fileWatch) check() error {
	if w == nil {
		return nil
	}
	now, err := os.Stat(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%w: %s does not exist: stop the console, then restore a backup with server restore",
			ErrFileGone, w.path)
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrFileGone, err)
	case !os.SameFile(w.opened, now):
		err = fmt.Errorf("%w: %s is another file: stop the console before you restore a backup, with server restore",
			ErrFileGone, w.path)
	}
	w.report(err)
	return err
}

// report calls onChange when the file is gone for the first time, or back.
func (w *fileWatch) report(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
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
