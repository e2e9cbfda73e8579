// Package drift finds what was changed at the vendor without the console: it keeps what an account is expected to hold,
// compares every whole reading with that, and explains the differences by the record. What no operation of ours can
// explain is a finding, until somebody accepts it or it is no longer so.
//
// In doubt a difference is not drift yet: the next reading is compared again. See docs/decisions/0018.
package drift

import (
	"context"
	"log/slog"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// How long our own acts are allowed to be the explanation.
const (
	// listingLag is how long after an operation's end a listing may still show what was before it. Nothing about that is
	// published; an operation was read back by id when it ended.
	listingLag = time.Minute
	// lateCommitWindow is how long something that was settled as not done, or done in part, may still happen: a little
	// longer than settling goes on looking for that.
	lateCommitWindow = 3 * time.Hour
	// startTimeout bounds how long a reading waits for the database.
	startTimeout = 5 * time.Second
	// checkTimeout bounds what one comparison asks of the vendor and the database.
	checkTimeout = time.Minute
)

// AuditLog is what drift reads of the record.
type AuditLog interface {
	NewestSeq(ctx context.Context) (seq int64, err error)
	ListActiveSince(ctx context.Context, account, seq int64, closed time.Time) ([]audit.Operation, error)
	Operations(ctx context.Context, f audit.Filter) ([]audit.Operation, error)
	Events(ctx context.Context, operationID string) ([]audit.Event, error)
	WasDeleted(ctx context.Context, account int64, target audit.Target, actions ...audit.Action) (bool, error)
}

// Directory reads by id what a listing did not show: a listing is no proof of absence.
type Directory interface {
	SubuserByID(ctx context.Context, account, id int64) (directory.Subuser, error)
	KeyByID(ctx context.Context, account int64, id string) (directory.Key, error)
}

// VendorHistory is the vendor's own history of an account.
type VendorHistory interface {
	AuditLog(ctx context.Context, account int64, q voxapi.AuditQuery) ([]voxapi.AuditEntry, error)
}

// Options are what a Service is made of. All are required, save Now and Logger.
type Options struct {
	DB            *store.DB
	AuditLog      AuditLog
	Directory     Directory
	VendorHistory VendorHistory
	Logger        *slog.Logger     // nil means silence
	Now           func() time.Time // nil means time.Now
}

// Service finds drift. It is safe for concurrent use, also by several processes over one database.
type Service struct{ Options }

// New makes a service. It compares nothing until it is told of a reading.
func New(o Options) *Service {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o}
}
