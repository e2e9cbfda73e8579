package main

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
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
	fileInfo  os.FileInfo // of the file that newest was read from, or that belongs to another account
	problem   string      // why the file could not be read or used last; "" if it could
	checkedAt time.Time
}

// readCredentials reads the file for the first time. It returns an error if the file is missing or invalid.
func readCredentials(path string, logger *slog.Logger, clock func() time.Time) (*credentials, error) {
	c := &credentials{path: path, logger: logger, clock: clock, checkedAt: clock()}
	var err error
	if c.newest, c.fileInfo, err = c.read(); err != nil {
		return nil, err
	}
	return c, nil
}

// read reads and parses the file, and logs a warning if every user can read it.
func (c *credentials) read() (*voxapi.Credentials, os.FileInfo, error) {
	parsed, file, err := parseCredentialsFile(c.path)
	if err == nil && file.WorldReadable {
		c.logger.Warn("every user of this machine can read the console key, change that with: chmod o-r " + c.path)
	}
	return parsed, file.Info, err
}

func parseCredentialsFile(path string) (*voxapi.Credentials, config.TrustedFile, error) {
	file, err := config.ReadTrusted(path)
	if err != nil {
		return nil, file, fmt.Errorf("the console key is in %w", err)
	}
	parsed, err := voxapi.ParseCredentials(file.Data)
	if err != nil {
		return nil, file, fmt.Errorf("reading the console key: %w", err)
	}
	return parsed, file, nil
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

// reload reads the file again if it has changed, or could not be used last time. It logs each problem once. c.mu is
// held.
func (c *credentials) reload() {
	if info, err := os.Stat(c.path); err == nil && config.Unchanged(c.fileInfo, info) {
		c.problem = ""
		return
	}
	fresh, info, err := c.read()
	if err != nil {
		if c.problem != err.Error() {
			c.logger.Warn("reading the console key failed, using the previous one", "error", err)
		}
		c.problem = err.Error()
		return
	}
	c.fileInfo, c.problem = info, ""
	if fresh.AccountID != c.newest.AccountID {
		c.logger.Error(
			"new console key belongs to another account, using the previous one",
			"account", fresh.AccountID,
			"previous_account", c.newest.AccountID,
		)
		return
	}
	if fresh.KeyID != c.newest.KeyID {
		c.logger.Info("console key replaced", "key", fresh.KeyID, "previous_key", c.newest.KeyID)
	}
	c.newest = fresh
}

// keyID returns the id of the console key.
func (c *credentials) keyID() string { return c.current().KeyID }

// account returns the id of the account, which never changes.
func (c *credentials) account() int64 { return c.current().AccountID }
