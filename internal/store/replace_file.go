package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ReplaceFile replaces a small file in one step, so that it is complete at every moment, also after a power cut.
// content gets what the file contains, nil when there is none, and returns the new content, or nil to keep the file.
// Processes replace the files of a folder one after another. The file has mode 0600; if root replaces it, it belongs to
// the owner of the former file, or of the folder.
func ReplaceFile(path string, content func(old []byte) ([]byte, error)) (err error) {
	dir := filepath.Dir(path)
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("replacing %s: %w", path, err)
	}
	lock, err := lockFile(folder, syscall.LOCK_EX)
	if err != nil {
		return fmt.Errorf("replacing %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replacing %s: %w", path, err)
	}
	former := path
	if err != nil {
		former = ""
	}
	replacement, err := content(old)
	if err != nil || replacement == nil {
		return err
	}
	part := path + partSuffix
	if err := errors.Join(writeSynced(part, replacement), ownerOf(part, path, former)); err != nil {
		return errors.Join(fmt.Errorf("replacing %s: %w", path, err), os.Remove(part))
	}
	if err := errors.Join(os.Rename(part, path), syncDir(dir)); err != nil {
		return fmt.Errorf("replacing %s: %w", path, err)
	}
	return nil
}

// writeSynced writes a file, over one that a killed process has left.
func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// ownerOf is copyOwner for root, and does nothing for other users, who cannot give files away.
func ownerOf(file, path, former string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return copyOwner(file, path, former)
}
