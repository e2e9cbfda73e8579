package directory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

const (
	// listingTimeout bounds one reading of all subusers and keys: ten thousand subusers in pages of twenty, at a few
	// calls a second, take minutes.
	listingTimeout = 10 * time.Minute
	// nameTimeout bounds reading the account's name, and nameMaxAge is the age at which it is read again.
	nameTimeout = 30 * time.Second
	nameMaxAge  = time.Hour
)

// account is what is known of one account.
type account struct {
	directory *Directory
	id        int64

	listingLoader   *loader // of snapshot
	catalogueLoader *loader // of catalogue
	infoLoader      *loader // of name

	snapshot  atomic.Pointer[snapshot]
	catalogue atomic.Pointer[Catalogue]
	name      atomic.Pointer[string]
	rolesRead chan struct{} // closed when the first catalogue is set
	rowsRead  atomic.Int64  // subusers read so far by the listing under way

	mu      sync.Mutex // held while the snapshot is replaced
	ticks   uint64
	patches map[access.Ref]patch
	facts   map[access.Ref]*access.Facts // see SetFacts; never changed
}

func newAccount(d *Directory, id int64) *account {
	a := &account{directory: d, id: id, rolesRead: make(chan struct{}), patches: map[access.Ref]patch{}}
	a.listingLoader = &loader{
		directory: d,
		method:    "GetSubUsers",
		maxAge:    d.maxAge,
		timeout:   listingTimeout,
		read:      a.readListing,
	}
	a.catalogueLoader = &loader{
		directory: d,
		method:    "GetRoles",
		maxAge:    d.maxAge,
		timeout:   catalogueTimeout,
		read:      a.readCatalogue,
	}
	a.infoLoader = &loader{
		directory: d,
		method:    "GetAccountInfo",
		maxAge:    nameMaxAge,
		timeout:   nameTimeout,
		read:      a.readName,
	}
	return a
}

// AccountName returns the account's name, "" while it is not known. It never waits.
func (d *Directory) AccountName(_ context.Context, account int64) string {
	a := d.account(account)
	a.infoLoader.refreshIfStale()
	if name := a.name.Load(); name != nil {
		return *name
	}
	return ""
}

func (a *account) readName(ctx context.Context) error {
	info, err := a.directory.reader.GetAccountInfo(ctx, a.id)
	if err != nil {
		return err
	}
	a.name.Store(&info.Name)
	return nil
}

// Refresh starts reading the account, unless a reading is under way. It does not wait for it. It does not observe the
// pause after a failure.
func (d *Directory) Refresh(account int64) {
	a := d.account(account)
	a.catalogueLoader.refresh()
	a.listingLoader.refresh()
}

// currentSnapshot returns the snapshot and its status. The snapshot is nil when the first one is still being read after
// ColdWait. It returns a *ReadError when there is none and none could be read, or the error of the context.
func (a *account) currentSnapshot(ctx context.Context) (*snapshot, Status, error) {
	done := a.listingLoader.refreshIfStale()
	if a.snapshot.Load() == nil {
		if err := await(ctx, a.directory.coldWait, done, nil); err != nil {
			return nil, Status{}, err
		}
	}
	loading, lastError := a.listingLoader.state()
	status := Status{Refreshing: loading, LastError: lastError}
	if loading {
		status.LoadedRows = int(a.rowsRead.Load())
	}
	snap := a.snapshot.Load()
	switch {
	case snap != nil:
		return snap, status.of(snap.subusers), nil
	case loading:
		return nil, status, nil
	case lastError != nil:
		return nil, status, lastError
	default:
		return nil, status, errClosed
	}
}

// withKind is currentSnapshot for a list of one kind. While the keys are read for the first time, it waits for them, at
// most for the given time. If they have not arrived by then, it returns no snapshot, because their list would be empty.
// Keys that could not be read are an incomplete list.
func (a *account) withKind(ctx context.Context, kind access.Kind, wait time.Duration) (*snapshot, Status, error) {
	snap, status, err := a.currentSnapshot(ctx)
	unread := func() bool { return snap != nil && status.Refreshing && snap.section(kind).unread() }
	if unread() {
		if err := await(ctx, wait, a.listingLoader.underWay(), nil); err != nil {
			return nil, Status{}, err
		}
		snap, status, err = a.currentSnapshot(ctx)
	}
	if unread() {
		return nil, Status{Refreshing: true, LoadedRows: status.LoadedRows}, nil
	}
	return snap, status, err
}
