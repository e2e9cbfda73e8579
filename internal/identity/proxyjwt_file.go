package identity

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/config"
)

// keyFile is a key set in a file. The file is read again when it was changed or replaced, so keys can be rotated
// without a restart. While it is missing or invalid, the last valid set stays in use; the problem is logged once.
type keyFile struct {
	path   string
	logger *slog.Logger

	mu     sync.Mutex // guards the fields below
	info   fs.FileInfo
	set    keySet
	broken bool // the file has changed since info, and the new content is invalid
}

// newKeyFile reads the file. It returns an error when the file has no usable key.
func newKeyFile(path string, logger *slog.Logger) (*keyFile, error) {
	k := &keyFile{path: path, logger: logger}
	var err error
	if k.info, k.set, err = k.read(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *keyFile) key(ctx context.Context, token *jwt.Token) (any, error) {
	found, _, err := k.current(ctx).find(token)
	return found, err
}

// current returns the key set, after reading the file again if it has changed.
func (k *keyFile) current(ctx context.Context) keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	if info, err := os.Stat(k.path); err == nil && config.Unchanged(k.info, info) {
		k.broken = false
		return k.set
	}
	info, set, err := k.read()
	if err == nil {
		k.info, k.set, k.broken = info, set, false
		return k.set
	}
	if !k.broken {
		k.logger.WarnContext(ctx, "changed key file of the sign-in proxy is invalid, using the previous keys", "error", err)
	}
	k.broken = true
	return k.set
}

// read returns the file's metadata and its keys.
func (k *keyFile) read() (fs.FileInfo, keySet, error) {
	file, err := config.ReadTrusted(k.path)
	if err != nil {
		return nil, nil, fmt.Errorf("the key set is in %w", err)
	}
	set, err := readKeySet(file.Data)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the key file: %w", err)
	}
	return file.Info, set, nil
}
