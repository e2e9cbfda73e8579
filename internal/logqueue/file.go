package logqueue

import (
	"fmt"
	"os"
)

// File appends to a file. It opens it again when it was moved or deleted, as by logrotate. It must not be used
// concurrently.
type File struct {
	path string
	file *os.File // nil before the first write
}

// NewFile returns an output that appends to a file, and creates it with mode 0600.
func NewFile(path string) *File { return &File{path: path} }

// Write appends a line to the file at the path.
func (f *File) Write(text []byte) (int, error) {
	if err := f.open(); err != nil {
		return 0, fmt.Errorf("opening the file: %w", err)
	}
	return f.file.Write(text)
}

// open opens the file unless the open one is still at the path.
func (f *File) open() error {
	if f.file != nil {
		now, err := os.Stat(f.path)
		opened, errOpened := f.file.Stat()
		if err == nil && errOpened == nil && os.SameFile(now, opened) {
			return nil
		}
		_ = f.file.Close() // what was written to it is not lost
		f.file = nil
	}
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	f.file = file
	return nil
}
