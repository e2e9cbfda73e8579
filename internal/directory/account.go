package directory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// listingLimit bounds one reading of all subusers and keys: ten thousand subusers at twenty to a page, at
	// a few calls a second, take minutes.
	listingLimit = 10 * time.Minute
	// nameLimit bounds the reading of the account's name, and nameAge is how long it is believed.
	nameLimit = 30 * time.Second
	nameAge   = time.Hour
)

// account is what is known of one account.
type account struct {
	d  *Directory
	id int64

	listing *loader // of snapshot
	roles   *loader // of catalogue
	info    *loader // of name

	snapshot  atomic.Pointer[snapshot]
	catalogue atomic.Pointer[Catalogue]
	name      atomic.Pointer[string]
	seen      atomic.Int64 // rows seen so far by the listing under way

	mu      sync.Mutex // held while the snapshot is replaced
	ticks   uint64
	patches map[int64]patch

	keyPatches map[string]keyPatch
}

func newAccount(d *Directory, id int64) *account {
	a := &account{d: d, id: id, patches: map[int64]patch{}, keyPatches: map[string]keyPatch{}}
	a.listing = &loader{d: d, method: "GetSubUsers", maxAge: d.maxAge, limit: listingLimit, read: a.readListing}
	a.roles = &loader{d: d, method: "GetRoles", maxAge: d.maxAge, limit: catalogueLimit, read: a.readCatalogue}
	a.info = &loader{d: d, method: "GetAccountInfo", maxAge: nameAge, limit: nameLimit, read: a.readName}
	return a
}

// AccountName answers the account's name, "" while it is not known. It never waits.
func (d *Directory) AccountName(_ context.Context, account int64) string {
	a := d.account(account)
	a.info.freshen()
	if name := a.name.Load(); name != nil {
		return *name
	}
	return ""
}

func (a *account) readName(ctx context.Context) error {
	info, err := a.d.reader.GetAccountInfo(ctx, a.id)
	if err != nil {
		return err
	}
	a.name.Store(&info.Name)
	return nil
}

// Refresh starts reading the account anew, unless that is under way. It does not wait, and it does
// try when the last attempt failed a moment ago.
func (d *Directory) Refresh(account int64) {
	a := d.account(account)
	a.roles.refresh()
	a.listing.refresh()
}

// view returns the snapshot and how far it can be believed. It is nil while the first one is being read, after a
// wait of at most ColdWait. It fails with a Trouble when there is none and none could be read.
func (a *account) view(ctx context.Context) (*snapshot, Status, error) {
	done := a.listing.freshen()
	if a.snapshot.Load() == nil {
		if err := await(ctx, done, a.d.coldWait); err != nil {
			return nil, Status{}, err
		}
	}
	loading, trouble := a.listing.state()
	status := Status{Refreshing: loading, Trouble: trouble}
	if loading {
		status.LoadedRows = int(a.seen.Load())
	}
	snap := a.snapshot.Load()
	switch {
	case snap != nil:
		status.AsOf, status.Incomplete, status.RolesUnknown = snap.asOf, snap.incomplete, snap.rolesUnknown
		return snap, status, nil
	case loading:
		return nil, status, nil
	case trouble != nil:
		return nil, status, trouble
	default:
		return nil, status, errClosed
	}
}
