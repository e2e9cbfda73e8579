// Package directory knows what an account holds now: a searchable snapshot per account, its age, and
// reads of single objects by id. It holds a reader of the Management API only, and has types of its own.
//
// The vendor's lists have no search, no order to choose, no total and no published page size. So the
// directory reads them whole, in the background, and answers every list page from memory; pages about one
// subuser, and everything that guards a change, read that subuser by id instead.
package directory

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

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
	MaxAge   time.Duration // a snapshot older than this is refreshed behind the page; 0 means five minutes
	ColdWait time.Duration // how long a cold list waits before it answers with what was read so far; 0 means one second
	Logger   *slog.Logger  // nil means silence
	Now      func() time.Time
}

const (
	defaultMaxAge   = 5 * time.Minute
	defaultColdWait = time.Second
)

// errClosed is the answer of a closed directory that never read the account.
var errClosed = errors.New("the directory is closed")

// Directory answers from snapshots. It is safe for concurrent use. What it hands out shares memory with the
// snapshots and is to be read only.
type Directory struct {
	reader   Reader
	maxAge   time.Duration
	coldWait time.Duration
	logger   *slog.Logger
	now      func() time.Time
	// see Watch; nil when nobody does
	onListing func(ctx context.Context, account int64) (told func(context.Context, Listing))

	ctx    context.Context // of everything that is read in the background
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	accounts map[int64]*account
}

// New makes a directory over a reader. Nothing is read before the first question.
func New(reader Reader, o Options) *Directory {
	d := &Directory{
		reader:   reader,
		maxAge:   o.MaxAge,
		coldWait: o.ColdWait,
		logger:   o.Logger,
		now:      o.Now,
		accounts: map[int64]*account{},
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
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Close ends all loading and waits for it. What was read can still be asked for.
func (d *Directory) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.tasks.Wait()
}

// background runs work that outlives the request which caused it. It answers false, and does nothing, after Close.
func (d *Directory) background(work func(ctx context.Context)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.tasks.Go(func() { work(d.ctx) })
	return true
}

// account returns what is known of an account, from the first question about it on.
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
