// Package operations holds the acts of the console. It is the only holder of a writer of the Management API.
//
// Every act runs in the same order: policy, a fresh reading, the intent in the record, the calls, each once,
// a reading back, the outcome in the record. What stops an act before anything was sent is an error; what
// happened after that is an Outcome. An outcome that is not certain is settled later by reading (reconcile.go).
package operations

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// How long things may take. The vendor's client limits each call by itself.
const (
	readTimeout      = 15 * time.Second // everything that is read before the intent is written
	operationTimeout = 30 * time.Second // all calls of one operation, and the reading back
	auditLogTimeout  = 10 * time.Second // writing an outcome, tried again until then
	orphanAge        = operationTimeout + auditLogTimeout + 20*time.Second
)

// Directory is what the operations need to know of the account. See directory.Directory.
type Directory interface {
	ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
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

// Writer is what the acts need of the Management API.
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

// Exclusive takes a job for this process alone, among all that share the database, without waiting: ok is false while
// another has it.
type Exclusive func(ctx context.Context, job string) (release func(), ok bool, err error)

// Options are the service's settings and what it is made of.
type Options struct {
	AuditLog  *audit.Log
	Directory Directory
	Writer    Writer
	Policy    *policy.Policy
	// the id of the key that the console runs on, as it is now; nil or "" when there is none to guard
	ConsoleKeyID   func() string
	ReconcileAfter time.Duration // how long after a token's expiry a late commit is still waited for; 0 means five minutes
	NoTags         bool          // do not end the descriptions of created things in a mark
	RequireReason  bool
	Exclusive      Exclusive // store.DB.Exclusive; nil means that nobody shares the database
	Logger         *slog.Logger
	Now            func() time.Time // nil means time.Now
	Rand           io.Reader        // nil means crypto/rand
}

// Service runs the acts. It is safe for concurrent use.
type Service struct {
	Options
	attempts    attempts
	eventCursor eventCursor
}

// New makes the service.
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
	return &Service{Options: o, attempts: attempts{next: map[string]time.Time{}}}
}

// wait sleeps, or returns early with the context's error.
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
