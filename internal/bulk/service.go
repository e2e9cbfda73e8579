// Package bulk does one act to many subusers: a run.
//
// A run is previewed first, from the snapshot, without a call for any row. Once it is started it goes on by itself,
// one operation for each row, one after another; every operation is judged, recorded and settled by
// internal/operations as if a person had made it. What a run is to do and how far it has come is in the database, so
// that closing the browser or restarting the server does not matter.
//
// The id of a row's operation is committed before the operation begins. The record takes an id but once, so a row
// whose turn was cut off is taken up with the same id and cannot be sent twice.
package bulk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
)

// MaxItems is how many rows a run may have.
const MaxItems = 10_000

// MaxFileBytes is how large an imported file may be, in bytes.
const MaxFileBytes = 4 << 20

// Directory is what runs need to know of the account.
type Directory interface {
	Subusers(ctx context.Context, account int64, f directory.SubuserFilter) (directory.SubuserPage, error)
	Catalogue(ctx context.Context, account int64) directory.Catalogue
}

// Options are what the service is made of.
type Options struct {
	DB         *store.DB
	Operations *operations.Service
	Directory  Directory
	Policy     *policy.Policy
	AuditLog   *audit.Log
	Logger     *slog.Logger     // nil means silence
	Now        func() time.Time // nil means time.Now
}

// Service plans, starts and shows runs, and works them off in Run. It is safe for concurrent use.
type Service struct {
	Options
	replicaID string        // this process, as the leases of runs name it
	wake      chan struct{} // a run was started

	mu        sync.Mutex
	passwords map[string]map[string]config.Secret // by run and login, of runs that create; never anywhere but here
}

// New makes the service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Service{
		Options: o, replicaID: o.Operations.NewID(), wake: make(chan struct{}, 1),
		passwords: map[string]map[string]config.Secret{},
	}
}

// Targets say whom a run is about: the ids, or everybody who matches the filter.
type Targets struct {
	IDs    []int64
	All    bool                    // everybody who matches Filter; IDs are not looked at
	Filter directory.SubuserFilter // its page and page size do not matter
}

// StartForm is what the page that starts a run sends.
type StartForm struct {
	Confirm string               // the typed number, where Run.Confirmation wants one
	Warned  []operations.Warning // the warnings that the page showed
	Reason  string
}

// Started is a run that has begun.
type Started struct {
	Change Change
	// Passwords are those of a run that creates subusers, in the order of its rows. They are handed out here and
	// nowhere else: nothing can show them again.
	Passwords []LoginPassword
}

// LoginPassword is the password of a subuser who is to be created.
type LoginPassword struct {
	Login    string
	Password config.Secret
}

// ErrNotFound is the answer for a run that does not exist, or no longer does.
var ErrNotFound = errors.New("no such run")

// NotLoaded says that nothing can be planned yet, since the subusers of the account are still being read.
type NotLoaded struct{ Loaded int } // rows read so far

// Error implements error.
func (*NotLoaded) Error() string { return "the subusers have not been read yet" }

// StateConflict says that a run is no longer in the state in which it could be started, stopped or tried again: most
// often that a form was sent twice. Nothing was changed.
type StateConflict struct{ Change Change }

// Error implements error.
func (*StateConflict) Error() string { return "the run is past that" }

// FileProblem says why a file is no table of subusers at all.
type FileProblem struct {
	Line int    // from 1; 0 when it is not about one
	Text string // a sentence
}

// Error implements error.
func (p *FileProblem) Error() string { return "the file cannot be read as a table" }
