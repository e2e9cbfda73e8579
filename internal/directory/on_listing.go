package directory

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Listing is a complete reading of an account. A principal that changed since the reading began may be shown as it is
// after the change.
type Listing struct {
	Account     int64
	AsOf        time.Time                          // when the reading began
	Principals  map[access.Kind][]access.Principal // by id and without their keys; no entry for a kind not read whole
	OwnersKnown bool                               // a key without BelongsTo is known to belong to no subuser
	Catalogue   Catalogue                          // always known
}

// OnListing sets functions that are called before each reading of a whole account. Each returns the function that gets
// the result before the reading counts as done, or nil for none; they get it in their order. A reading that may lack
// subusers, or that was made without a catalogue, is not reported. OnListing must be called before the first use of the
// Directory.
func (d *Directory) OnListing(
	begin ...func(ctx context.Context, account int64) (report func(context.Context, Listing)),
) {
	d.onListing = begin
}

// Reading is the result of reading one principal by id.
type Reading struct {
	Ref       access.Ref
	At        time.Time         // when it began
	Principal *access.Principal // nil: it does not exist
}

// OnReading sets a function that is called after each reading by id that has a result. The caller of ByID waits for it.
// OnReading must be called before the first use of the Directory.
func (d *Directory) OnReading(report func(account int64, r Reading)) { d.onReading = report }

// reportReading reports a reading by id.
func (a *account) reportReading(r Reading) {
	if a.directory.onReading != nil {
		a.directory.onReading(a.id, r)
	}
}

// listingCallback returns the function that gets the reading that begins now.
func (a *account) listingCallback(ctx context.Context) (report func(context.Context, Listing)) {
	var reports []func(context.Context, Listing)
	for _, begin := range a.directory.onListing {
		if report := begin(ctx, a.id); report != nil {
			reports = append(reports, report)
		}
	}
	return func(ctx context.Context, l Listing) {
		for _, report := range reports {
			report(ctx, l)
		}
	}
}

// reportListing reports the snapshot, which has just been read with the given roles.
func (a *account) reportListing(ctx context.Context, roles roleIndex, report func(context.Context, Listing)) {
	snap, c := a.snapshot.Load(), a.catalogue.Load()
	if !snap.subusers.complete || len(roles.names) == 0 || c == nil || !c.Known {
		return
	}
	l := Listing{
		Account:     a.id,
		AsOf:        snap.subusers.asOf,
		Principals:  map[access.Kind][]access.Principal{access.Subuser: snap.subusers.principals()},
		OwnersKnown: snap.ownersKnown,
		Catalogue:   *c,
	}
	if snap.keys.complete {
		l.Principals[access.Key] = snap.keys.principals()
	}
	report(ctx, l)
}

// principals returns all principals by id, subusers without their keys.
func (s *section) principals() []access.Principal {
	principals := make([]access.Principal, len(s.sorted[byID]))
	for i, r := range s.sorted[byID] {
		principals[i] = r.Principal
	}
	return principals
}
