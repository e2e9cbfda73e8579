package directory

import (
	"context"
	"time"
)

// Listing is what a whole reading of an account showed, for whoever compares it with an earlier one. Who changed since
// the reading began may be shown as they are after it.
type Listing struct {
	Account     int64
	AsOf        time.Time // when the reading began
	Subusers    []Subuser
	Keys        []Key
	KeysKnown   bool      // false: the keys could not all be read, and Keys is not to be relied on
	OwnersKnown bool      // a key without an owner is known to be no subuser's
	Catalogue   Catalogue // never unknown
}

// OnListing has every whole reading told, before the reading counts as done: begin is called before anything is read,
// and answers who is to be told, nil for nobody. Readings that may lack rows, or that were made without knowing which
// role contains which, are not told. It must be called before the first question.
func (d *Directory) OnListing(begin func(ctx context.Context, account int64) (told func(context.Context, Listing))) {
	d.onListing = begin
}

// listingCallback answers who is to be told of the reading that begins now.
func (a *account) listingCallback(ctx context.Context) (report func(context.Context, Listing)) {
	if a.directory.onListing == nil {
		return nil
	}
	return a.directory.onListing(ctx, a.id)
}

// reportListing tells what the snapshot shows, which has just been read.
func (a *account) reportListing(ctx context.Context, roles roleIndex, report func(context.Context, Listing)) {
	snap, c := a.snapshot.Load(), a.catalogue.Load()
	if report == nil || snap.incomplete || len(roles.names) == 0 || c == nil || !c.Known {
		return
	}
	l := Listing{
		Account: a.id, AsOf: snap.asOf, Subusers: make([]Subuser, 0, len(snap.sorted[byID])),
		Keys: snap.keys.list, KeysKnown: snap.keys.known, OwnersKnown: snap.keys.ownersKnown, Catalogue: *c,
	}
	for _, r := range snap.sorted[byID] {
		l.Subusers = append(l.Subusers, r.Subuser)
	}
	report(ctx, l)
}
