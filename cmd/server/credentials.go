package main

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// credentialsCheckInterval is the minimum time between two checks of the file for changes.
const credentialsCheckInterval = time.Second

// credentials are the credentials of the console key. They are read again when their file changes, so that the key can
// be replaced while the console runs. They are safe for concurrent use.
type credentials struct {
	path   string
	logger *slog.Logger
	clock  func() time.Time

	mu        sync.Mutex
	newest    *voxapi.Credentials
	fileInfo  os.FileInfo // of the file that was read last, valid or not
	checkedAt time.Time
}

// readCredentials reads the file for the first time. It returns an error if the file is missing or invalid.
func readCredentials(path string, logger *slog.Logger, clock func() time.Time) (*credentials, error) {
	c := &credentials{path: path, logger: logger, clock: clock, checkedAt: clock()}
	var err error
	if c.fileInfo, err = os.Stat(path); err != nil {
		return nil, fmt.Errorf("reading the console key: %w", err)
	}
	if c.newest, err = parseCredentialsFile(path); err != nil {
		return nil, err
	}
	return c, nil
}

func parseCredentialsFile(path string) (*voxapi.Credentials, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the console key: %w", err)
	}
	parsed, err := voxapi.ParseCredentials(content)
	if err != nil {
		return nil, fmt.Errorf("reading the console key: %w", err)
	}
	return parsed, nil
}

// current returns the newest credentials. If the file is invalid or belongs to another account, the previous ones stay
// in use.
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
			c.logger.Warn("reading the console key failed, using the previous one", "error", err)
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
		c.logger.Warn("new console key is invalid, using the previous one", "error", err)
	case fresh.AccountID != c.newest.AccountID:
		c.logger.Error(
			"new console key belongs to another account, using the previous one",
			"account", fresh.AccountID,
			"previous_account", c.newest.AccountID,
		)
	default:
		if fresh.KeyID != c.newest.KeyID {
			c.logger.Info("console key replaced", "key", fresh.KeyID, "previous_key", c.newest.KeyID)
		}
		c.newest = fresh
	}
}

// keyID returns the id of the console key.
func (c *credentials) keyID() string { return c.current().KeyID }

// account returns the id of the account, which never changes.
func (c *credentials) account() int64 { return c.current().AccountID }
