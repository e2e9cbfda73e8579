// Package directory reads the principals and the role catalogue of an account: a searchable snapshot in memory, and
// single principals by id. It only reads from the Management API.
//
// The vendor's lists have no search, no sort order, no total and no documented page size. So the directory reads them
// whole, in the background, and serves every list page from memory. Pages about one principal, and checks before a
// change, read that principal by id.
package directory

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// Reader is what the directory needs of the Management API.
type Reader interface {
	GetSubUsers(ctx context.Context, account int64, q voxapi.SubUsersQuery) ([]voxapi.SubUser, error)
	GetSubUserRoles(ctx context.Context, account, id int64, expanded bool) ([]voxapi.Role, error)
	GetKeys(ctx context.Context, account int64, q voxapi.KeysQuery) ([]voxapi.Key, error)
	GetKeyRoles(ctx context.Context, account int64, id string, expanded bool) ([]voxapi.Role, error)
	GetRoles(ctx context.Context, account int64, group string) ([]voxapi.Role, error)
	GetRoleGroups(ctx context.Context, account int64) ([]voxapi.RoleGroup, error)
	GetAccountInfo(ctx context.Context, account int64) (voxapi.AccountInfo, error)
}

// Options are the directory's settings.
type Options struct {
	MaxAge   time.Duration    // an older snapshot is refreshed in the background; 0 means five minutes
	ColdWait time.Duration    // how long a list waits for the first snapshot; 0 means one second
	Logger   *slog.Logger     // nil means no logging
	Now      func() time.Time // nil means time.Now
	// Privileged returns the function that reports whether a principal holds a privileged role of a catalogue. nil means
	// that every role is privileged.
	Privileged func(Catalogue) func(access.Principal) bool
}

const (
	defaultMaxAge   = 5 * time.Minute
	defaultColdWait = time.Second
)

// errClosed is the error of a closed directory that never read the account.
var errClosed = errors.New("the directory is closed")

// Directory reads accounts and keeps a snapshot of each. It is safe for concurrent use. Callers must not change what it
// returns: it shares memory with the snapshots.
type Directory struct {
	reader   Reader
	maxAge   time.Duration
	coldWait time.Duration
	logger   *slog.Logger
	now      func() time.Time
	// privileged is Options.Privileged.
	privileged func(Catalogue) func(access.Principal) bool
	onListing  []func(ctx context.Context, account int64) (report func(context.Context, Listing)) // see OnListing
	onReading  func(account int64, r Reading)                                                     // see OnReading
	// knownPrincipals is the function of KnownPrincipals, nil for none.
	knownPrincipals func(ctx context.Context, account int64, kind access.Kind, limit int) ([]access.Ref, error)

	ctx    context.Context // of background reads; canceled by Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	accounts map[int64]*account
}

// New returns a directory. It reads nothing before it is used.
func New(reader Reader, o Options) *Directory {
	d := &Directory{
		reader:   reader,
		maxAge:   o.MaxAge,
		coldWait: o.ColdWait,
		logger:   o.Logger,
		now:      o.Now,
		accounts: map[int64]*account{},

		privileged: o.Privileged,
	}
	if d.maxAge <= 0 {
		d.maxAge = defaultMaxAge
	}
	if d.coldWait <= 0 {
		d.coldWait = defaultColdWait
	}
	if d.logger == nil {
		d.logger = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.privileged == nil {
		d.privileged = func(Catalogue) func(access.Principal) bool {
			return func(p access.Principal) bool { return len(p.Roles) > 0 }
		}
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Close stops all background reads and waits for them. The last snapshots stay available.
func (d *Directory) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.tasks.Wait()
}

// background runs work independently of the caller's request. After Close it does nothing and returns false.
func (d *Directory) background(work func(ctx context.Context)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.tasks.Go(func() { work(d.ctx) })
	return true
}

// account returns the state of an account and creates it on first use.
func (d *Directory) account(id int64) *account {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, found := d.accounts[id]
	if !found {
		a = newAccount(d, id)
		d.accounts[id] = a
	}
	return a
}
