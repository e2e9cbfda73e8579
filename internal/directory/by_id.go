package directory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// byIDTimeout bounds reading one principal: two calls, and one retry of either.
const byIDTimeout = 8 * time.Second

// ByID reads one principal from the vendor, never from the snapshot. The keys of a subuser are the snapshot's. It
// returns ErrNotFound, a *ReadError or the error of the context. The snapshot is updated with what was read.
func (d *Directory) ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error) {
	info, known := kinds()[ref.Kind]
	if !known {
		return access.Principal{}, ErrNotFound
	}
	a := d.account(account)
	tick, at := a.tick(), d.now()
	readCtx, cancel := context.WithTimeout(ctx, byIDTimeout)
	defer cancel()
	p, err := a.readByID(readCtx, info, ref)
	switch {
	case errors.Is(err, ErrNotFound):
		a.patch(ref, patch{tick: tick, readAt: at})
		a.reportReading(Reading{Ref: ref, At: at})
		return access.Principal{}, err
	case err != nil:
		return access.Principal{}, d.callerError(ctx, info.listMethod, err)
	}
	a.patch(ref, patch{tick: tick, principal: &p, readAt: at})
	a.reportReading(Reading{Ref: ref, At: at, Principal: &p})
	return a.withOwnData(p), nil
}

// readByID reads the row of a principal and then its roles with the method for them: the contract describes that answer
// best, and checks before a change rely on it.
func (a *account) readByID(ctx context.Context, info kindInfo, ref access.Ref) (access.Principal, error) {
	row, err := a.readRow(ctx, info, ref)
	if err != nil {
		return access.Principal{}, mapNotFound(err, ref.Kind)
	}
	row.roles, err = info.roles(ctx, a.directory.reader, a.id, ref)
	if err != nil {
		return access.Principal{}, mapNotFound(err, ref.Kind)
	}
	row.rolesKnown = true
	return a.currentCatalogue(ctx).roleIndex().principal(row), nil
}

// readRow reads the row of a principal. The vendor may return an empty list for an unknown id; the roles of the
// principal must agree. A vendor that ignores the id returns a page of other rows, which proves nothing: then the whole
// list is searched.
func (a *account) readRow(ctx context.Context, info kindInfo, ref access.Ref) (vendorRow, error) {
	wanted := func(row vendorRow) bool { return row.ref == ref }
	rows, err := info.rows(ctx, a.directory.reader, a.id, query{only: ref})
	if err != nil {
		return vendorRow{}, err
	}
	if at := slices.IndexFunc(rows, wanted); at >= 0 {
		return rows[at], nil
	}
	if len(rows) == 0 {
		exists, err := a.hasRoles(ctx, ref)
		switch {
		case err != nil:
			return vendorRow{}, err
		case exists:
			return vendorRow{}, errEmptyList
		}
		return vendorRow{}, ErrNotFound
	}
	rows, complete, err := a.readAll(ctx, info, listing{})
	if err != nil {
		return vendorRow{}, err
	}
	at := slices.IndexFunc(rows, wanted)
	switch {
	case at >= 0:
		return rows[at], nil
	case complete:
		return vendorRow{}, ErrNotFound
	default:
		return vendorRow{}, info.errIDIgnored
	}
}

// mapNotFound returns ErrNotFound for the code with which the vendor refuses an unknown id. The code proves nothing
// when the answer also has a result.
func mapNotFound(err error, kind access.Kind) error {
	if voxapi.IsNotFound(err, kind) {
		return ErrNotFound
	}
	return err
}

// withOwnData returns a principal with its facts, and with the keys that the snapshot knows to belong to it. Without a
// snapshot it starts reading one, so that the next call knows them.
func (a *account) withOwnData(p access.Principal) access.Principal {
	p.Facts = a.factsOf(p.Ref)
	snap := a.snapshot.Load()
	if snap == nil {
		a.listingLoader.refreshIfStale()
		return p
	}
	if p.Kind == access.Subuser {
		p.Keys, p.KeysKnown = snap.keysByOwner[p.SubuserID()], snap.ownersKnown
	}
	return p
}

// Search is the result of Find.
type Search struct {
	Found     bool
	Principal access.Principal   // the one with the tag; else, of a kind with unique names, the one with the name
	SameName  []access.Principal // all with the name
	Complete  bool               // false: the listing may lack some, so that absence proves nothing
}

// Find reads the whole listing of a kind from the vendor. It searches it for the principal with the tag at the end of
// its description, whatever its name, and for principals with the name: without case for subusers, without surrounding
// space for keys. tag may be "". It returns a *ReadError or the error of the context.
func (d *Directory) Find(ctx context.Context, account int64, kind access.Kind, name, tag string) (Search, error) {
	a, info := d.account(account), kinds()[kind]
	rows, complete, err := a.readAll(ctx, info, listing{})
	if err != nil {
		return Search{}, d.callerError(ctx, info.listMethod, err)
	}
	search := Search{Complete: complete}
	for _, p := range a.currentCatalogue(ctx).roleIndex().principals(rows) {
		if tag != "" && p.Tag == tag && !search.Found {
			search.Principal, search.Found = a.withOwnData(p), true
		}
		if info.sameName(p.Name, name) {
			search.SameName = append(search.SameName, a.withOwnData(p))
		}
	}
	if !search.Found && info.uniqueNames && len(search.SameName) > 0 {
		search.Principal, search.Found = search.SameName[0], true
	}
	return search, nil
}
