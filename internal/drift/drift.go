// Package drift finds changes made outside the console. It stores the expected state of an account, compares every
// complete listing with it, and explains differences by the console's own operations. A difference that no own
// operation can explain is a finding, until an operator accepts it or it is gone.
//
// In doubt a difference is not a finding yet: the next listing is compared again. See docs/decisions/0018.
package drift

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

const (
	// listingLag is how long after the end of an operation a listing may still show the state before it. The vendor
	// documents nothing about that; the operation itself was read back by id when it ended.
	listingLag = time.Minute
	// lateCommitWindow is how long after its end an operation that was resolved as not applied or partly applied may
	// still be applied: a little longer than reconciling goes on reading.
	lateCommitWindow = 3 * time.Hour
	// startTimeout limits how long a reading of the account waits for the database.
	startTimeout = 5 * time.Second
	// checkTimeout limits one comparison, with its calls to the vendor and the database.
	checkTimeout = time.Minute
)

// AuditLog reads the console's own operations, and writes the events that set the expected state.
type AuditLog interface {
	NewestSeq(ctx context.Context) (seq int64, err error)
	ListActiveSince(ctx context.Context, account, seq int64, closed time.Time) ([]audit.Operation, error)
	Operations(ctx context.Context, f audit.Filter) ([]audit.Operation, error)
	Events(ctx context.Context, operationID string) ([]audit.Event, error)
	WasDeleted(ctx context.Context, account int64, target audit.Target, actions ...audit.Action) (bool, error)
	CheckOperation(ctx context.Context, op audit.Operation) error
	Snapshot(ctx context.Context, fn func(tx *sql.Tx) error) error
	ProveDrift(ctx context.Context, q audit.Querier, account int64, kind string) (audit.DriftProof, error)
	Write(ctx context.Context, fn func(tx *audit.Tx) error) error
}

// Directory reads a principal by id, because its absence from a listing proves nothing.
type Directory interface {
	ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error)
}

// VendorHistory reads the vendor's own audit log.
type VendorHistory interface {
	AuditLog(ctx context.Context, account int64, q voxapi.AuditQuery) ([]voxapi.AuditEntry, error)
}

// Options are the parts of a Service. All but Logger and Now are required.
type Options struct {
	DB            *store.DB
	AuditLog      AuditLog
	Directory     Directory
	VendorHistory VendorHistory
	Logger        *slog.Logger     // nil discards
	Now           func() time.Time // nil means time.Now
}

// Service finds drift. It is safe for concurrent use, also by several processes with one database.
type Service struct{ Options }

// New returns a Service. It compares the listings that are passed to the function that StartCheck returns.
func New(o Options) *Service {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o}
}
