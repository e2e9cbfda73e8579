package identity

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// keyFile is a key set in a file. It is read again when the file was changed or replaced, so that keys can be rotated
// without a restart; a file that is gone or cannot be read leaves the last good set in force, and is logged once.
type keyFile struct {
	path   string
	logger *slog.Logger

	mu     sync.Mutex // guards what follows
	info   fs.FileInfo
	set    keyfunc.Keyfunc
	broken bool // the file is another one than seen, and cannot be used
}

// newKeyFile reads the file. It fails when there is no usable key in it.
func newKeyFile(path string, logger *slog.Logger) (*keyFile, error) {
	k := &keyFile{path: path, logger: logger}
	var err error
	if k.info, k.set, err = k.read(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *keyFile) key(ctx context.Context, token *jwt.Token) (any, error) {
	found, _, err := keyNamed(ctx, k.current(ctx), token)
	return found, err
}

// current answers the set, read again when the file is another than the one it is from.
func (k *keyFile) current(ctx context.Context) keyfunc.Keyfunc {
	k.mu.Lock()
	defer k.mu.Unlock()
	if info, err := os.Stat(k.path); err == nil && unchanged(k.info, info) {
		k.broken = false
		return k.set
	}
	seen, set, err := k.read()
	if err == nil {
		k.info, k.set, k.broken = seen, set, false
		return k.set
	}
	if !k.broken {
		k.logger.WarnContext(
			ctx,
			"the file with the keys of the sign-in proxy was changed and cannot be used: the keys before stay in force",
			"error",
			err,
		)
	}
	k.broken = true
	return k.set
}

// read reads what the file is and then what is in it, so that a change in between is noticed the next time.
func (k *keyFile) read() (fs.FileInfo, keyfunc.Keyfunc, error) {
	info, err := os.Stat(k.path)
	if err != nil {
		return nil, nil, fmt.Errorf("the file with the keys cannot be read: %w", err)
	}
	data, err := os.ReadFile(k.path)
	if err != nil {
		return nil, nil, fmt.Errorf("the file with the keys cannot be read: %w", err)
	}
	set, err := readKeySet(data)
	if err != nil {
		return nil, nil, fmt.Errorf("the file with the keys cannot be used: %w", err)
	}
	return info, set, nil
}

// unchanged compares what is known of a file. A replaced one is another file even when length and time are the same.
func unchanged(before, now fs.FileInfo) bool {
	return os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) && before.Size() == now.Size()
}
