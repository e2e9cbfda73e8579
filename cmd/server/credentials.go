package main

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// credentialsCheckInterval is how long the file is not looked at again after a look.
const credentialsCheckInterval = time.Second

// credentials are those of the console's own key, read again when their file changes, so that the key can be exchanged
// while the console runs. They are safe for concurrent use.
type credentials struct {
	path   string
	logger *slog.Logger
	clock  func() time.Time

	mu        sync.Mutex
	newest    *voxapi.Credentials
	fileInfo  os.FileInfo // of the file that was read last, whether or not it could be used
	checkedAt time.Time
}

// readCredentials reads the file for the first time. It fails when it cannot be read or used.
func readCredentials(path string, logger *slog.Logger, clock func() time.Time) (*credentials, error) {
	c := &credentials{path: path, logger: logger, clock: clock, checkedAt: clock()}
	var err error
	if c.fileInfo, err = os.Stat(path); err != nil {
		return nil, fmt.Errorf("reading the console's key: %w", err)
	}
	if c.newest, err = parseCredentialsFile(path); err != nil {
		return nil, err
	}
	return c, nil
}

func parseCredentialsFile(path string) (*voxapi.Credentials, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the console's key: %w", err)
	}
	parsed, err := voxapi.ParseCredentials(content)
	if err != nil {
		return nil, fmt.Errorf("reading the console's key: %w", err)
	}
	return parsed, nil
}

// current answers the credentials to sign with. A file that cannot be used, or is another account's, leaves the former.
func (c *credentials) current() *voxapi.Credentials {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.clock(); at.Sub(c.checkedAt) >= credentialsCheckInterval {
		c.checkedAt = at
		c.reload()
	}
	return c.newest
}

// reload reads the file again if it has changed. c.mu is held.
func (c *credentials) reload() {
	info, err := os.Stat(c.path)
	if err != nil {
		if c.fileInfo != nil {
			c.logger.Warn("the console's key cannot be read; the former one stays in use", "error", err)
		}
		c.fileInfo = nil
		return
	}
	if c.fileInfo != nil && os.SameFile(c.fileInfo, info) && c.fileInfo.ModTime().Equal(info.ModTime()) &&
		c.fileInfo.Size() == info.Size() {
		return
	}
	c.fileInfo = info
	fresh, err := parseCredentialsFile(c.path)
	switch {
	case err != nil:
		c.logger.Warn("the console's key cannot be used; the former one stays in use", "error", err)
	case fresh.AccountID != c.newest.AccountID:
		c.logger.Error(
			"the console's key is of another account; the former one stays in use",
			"account",
			fresh.AccountID,
			"former",
			c.newest.AccountID,
		)
	default:
		if fresh.KeyID != c.newest.KeyID {
			c.logger.Info("the console's key was exchanged", "key", fresh.KeyID, "former", c.newest.KeyID)
		}
		c.newest = fresh
	}
}

// keyID is the id of the key that is in use.
func (c *credentials) keyID() string { return c.current().KeyID }

// account is the account that the key belongs to; it never changes.
func (c *credentials) account() int64 { return c.current().AccountID }
