// Package bulk makes one change for many principals of one kind: a bulk change with one item for each.
//
// A draft is a preview from the snapshot, without a vendor call for any item. A started bulk change runs in the
// background, one operation for each item, one after another; internal/operations checks, logs and reconciles each
// operation like any other. Plan and progress are in the database, so that a bulk change survives a closed browser and,
// except for passwords, a restarted server.
//
// The id of an item's operation follows from the item, and is committed before the operation starts. The audit log
// accepts an id only once, so an item that was interrupted is taken up with the same id and cannot be sent twice.
//
// Rows are not trusted because they are in the database: their content and results are fixed by events of the audit
// log, and compared with them before anything is sent (docs/decisions/0026).
package bulk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
)

// MaxItems is the maximum number of items of a bulk change.
const MaxItems = 10_000

// MaxFileBytes is the maximum size of an imported file, in bytes.
const MaxFileBytes = 4 << 20

// Directory reads the account's listing and catalogue.
type Directory interface {
	List(ctx context.Context, account int64, kind access.Kind, f directory.Filter) (directory.Page, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// Options are the parts of a Service. All but Logger and Now are required.
type Options struct {
	DB         *store.DB
	Operations *operations.Service
	Directory  Directory
	Policy     *policy.Policy
	AuditLog   *audit.Log
	Operators  Operators
	Logger     *slog.Logger     // nil discards
	Now        func() time.Time // nil means time.Now
}

// Service plans, starts, shows and processes bulk changes. It is safe for concurrent use.
type Service struct {
	Options
	replicaID string        // the holder of this process's leases: the id of the process
	lastLease seenLease     // only Run uses it
	wake      chan struct{} // a bulk change was started or stopped

	draftLimits draftLimits
	importing   chan struct{} // holds an element while a file is read

	mu        sync.Mutex
	passwords map[string]map[string]config.Secret // by bulk change and login; never stored elsewhere
}

// New returns a Service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{
		Options: o, replicaID: o.DB.ProcessID(), wake: make(chan struct{}, 1),
		passwords: map[string]map[string]config.Secret{}, draftLimits: newDraftLimits(),
		importing: make(chan struct{}, 1),
	}
}

// Targets select principals of one kind.
type Targets struct {
	Kind   access.Kind
	Refs   []access.Ref
	All    bool             // all principals that match Filter, instead of Refs
	Filter directory.Filter // Page and PerPage are ignored
}

// StartForm is the form that starts a bulk change.
type StartForm struct {
	Confirm string               // the typed number of principals, if Change.Confirmation requires it
	Warned  []operations.Warning // the warnings that the page showed
	Reason  string
	// WithoutRoles confirms that subusers are created without roles, if there are Change.WithoutRoles.
	WithoutRoles bool
}

// Started is a bulk change that was just started.
type Started struct {
	Change Change
	// Passwords are those of the subusers that are to be created, in the order of the items. They cannot be read again.
	Passwords []LoginPassword
}

// LoginPassword is the password of a subuser that is to be created.
type LoginPassword struct {
	Login    string
	Password config.Secret
}

// ErrNotFound is the error for a bulk change that does not exist, or no longer does.
var ErrNotFound = errors.New("no such bulk change")

// NotLoaded is the error while the first listing of the account is still being read.
type NotLoaded struct{ Loaded int } // rows read so far

// Error implements error.
func (*NotLoaded) Error() string { return "the account is still being read" }

// StateConflict is the error when a bulk change is not in the state that starting, stopping or retrying it needs, for
// example because a form was sent twice. Nothing was changed.
type StateConflict struct{ Change Change }

// Error implements error.
func (*StateConflict) Error() string { return "the bulk change is in another state" }

// FileProblem is the error for a file that is not a table of subusers.
type FileProblem struct {
	Line int    // from 1; 0 when it is not about a single line
	Text string // a sentence
}

// Error implements error.
func (p *FileProblem) Error() string { return "the file cannot be read as a table" }
