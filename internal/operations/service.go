// Package operations makes the changes to the account. It is the only package with a Writer of the Management API.
//
// Every operation runs in the same order: policy, a fresh reading, the intent in the audit log, the vendor calls, each
// once, reading back, the outcome in the audit log. An error means that nothing was sent; what happened after that is
// in the Outcome. An unknown outcome is reconciled later by reading (reconcile.go). The actions and their properties
// are in one table (actions.go).
package operations

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// Time limits. The client of the vendor limits each call itself.
const (
	readTimeout      = 15 * time.Second // everything that is read before the intent is written
	operationTimeout = 30 * time.Second // all calls of one operation, and reading back
	auditLogTimeout  = 10 * time.Second // writing an outcome, with retries
	// orphanAge is the age at which an operation without an outcome counts as cut off.
	orphanAge = operationTimeout + auditLogTimeout + 20*time.Second
)

// Directory is what the operations need to know of the account. See directory.Directory.
type Directory interface {
	ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
	FreshCatalogue(ctx context.Context, account int64, maxAge time.Duration) directory.Catalogue
	WithRole(
		ctx context.Context,
		account int64,
		kind access.Kind,
		roleID int64,
	) ([]access.Principal, directory.Status, error)
	KeysBelongingTo(
		ctx context.Context,
		account int64,
		subuser access.Ref,
	) (keys []access.Principal, known bool, err error)
	Find(ctx context.Context, account int64, kind access.Kind, name, tag string) (directory.Search, error)
	ListsParentRoles(account int64) bool
	Refresh(account int64)
}

// Writer is what the operations need of the Management API. See voxapi.Writer.
type Writer interface {
	AddSubUser(ctx context.Context, account int64, s voxapi.NewSubUser) (int64, error)
	SetSubUserRoles(ctx context.Context, account, id int64, roleIDs []int64) error
	RemoveSubUserRoles(ctx context.Context, account, id int64, roleIDs []int64, force bool) error
	SetSubUserInfo(ctx context.Context, account int64, change voxapi.SubUserInfo) error
	DelSubUser(ctx context.Context, account, id int64) error
	CreateKey(ctx context.Context, account int64, n voxapi.NewKey) (voxapi.KeyInfo, error)
	UpdateKey(ctx context.Context, account int64, change voxapi.KeyUpdate) error
	SetKeyRoles(ctx context.Context, account int64, id string, roleIDs []int64) error
	RemoveKeyRoles(ctx context.Context, account int64, id string, roleIDs []int64) error
	DeleteKey(ctx context.Context, account int64, id string) error
}

// Exclusive claims a job for this process among all that share the database. It does not wait: ok is false while
// another process has the job.
type Exclusive func(ctx context.Context, job string) (release func(), ok bool, err error)

// Processes are the processes that share the database. See store.DB.
type Processes interface {
	ProcessID() string
	ProcessEnded(ctx context.Context, id string) (bool, error)
}

// Options are the dependencies and settings of the service.
type Options struct {
	AuditLog  *audit.Log
	Directory Directory
	Writer    Writer
	Policy    *policy.Policy
	// ConsoleKeyID returns the id of the key that this server uses for the API now. nil or "": there is none to
	// protect.
	ConsoleKeyID   func() string
	ReconcileAfter time.Duration // how long after its token expired a call may still be committed; default 5 minutes
	NoTags         bool          // do not add tags to the descriptions of created principals
	RequireReason  bool
	Exclusive      Exclusive // store.DB.Exclusive; nil: no other process shares the database
	Processes      Processes // nil: no other process shares the database
	Logger         *slog.Logger
	Measure        Measure
	Now            func() time.Time // default time.Now; only for times that are stored or shown
	Rand           io.Reader        // default crypto/rand
}

// Measure is called for what metrics count. A function that is nil is not called.
type Measure struct {
	OutcomeNotSaved func()            // the calls of an operation were sent, and its outcome could not be written
	ReconcilePass   func(failed bool) // a pass ended; failed: the open operations could not be read
}

func (m Measure) outcomeNotSaved() {
	if m.OutcomeNotSaved != nil {
		m.OutcomeNotSaved()
	}
}

func (m Measure) reconcilePass(failed bool) {
	if m.ReconcilePass != nil {
		m.ReconcilePass(failed)
	}
}

// Service runs the operations. It is safe for concurrent use.
type Service struct {
	Options
	attempts    attempts
	deadlines   deadlines
	running     runningOperations
	eventCursor eventCursor
	privileged  atomic.Pointer[privilegedRoles] // of the catalogue that was asked for last
}

// New returns a service.
func New(o Options) *Service {
	if o.ReconcileAfter <= 0 {
		o.ReconcileAfter = 5 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ConsoleKeyID == nil {
		o.ConsoleKeyID = func() string { return "" }
	}
	if o.Exclusive == nil {
		o.Exclusive = func(context.Context, string) (func(), bool, error) { return func() {}, true, nil }
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{
		Options:   o,
		attempts:  attempts{next: map[string]time.Time{}},
		deadlines: deadlines{all: map[string]deadline{}},
		running:   runningOperations{ids: map[string]bool{}},
	}
}

// wait sleeps, or returns the error of the context when that ends first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
