package store

import (
	"errors"
	"os"
	"syscall"
)

// fileLock is an open file or folder with a lock of flock(2). The lock also ends with the process.
type fileLock struct{ *os.File }

// lockFile locks an open file; how is an operation of flock(2). It closes the file when it fails.
func lockFile(file *os.File, how int) (fileLock, error) {
	if err := syscall.Flock(int(file.Fd()), how); err != nil {
		return fileLock{}, errors.Join(err, file.Close())
	}
	return fileLock{file}, nil
}

// convert changes the kind of the lock; how is an operation of flock(2).
func (l fileLock) convert(how int) error { return syscall.Flock(int(l.Fd()), how) }

// Close releases the lock and closes the file. Closing alone would release the lock late while this process starts a
// child: until the child runs its program it has a copy of the file.
func (l fileLock) Close() error {
	return errors.Join(syscall.Flock(int(l.Fd()), syscall.LOCK_UN), l.File.Close())
}
