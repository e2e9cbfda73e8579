package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// readListing reads all subusers and then all keys, and makes them the snapshot. The subusers are shown as soon as
// they are there, and keys that cannot be read do not keep them back.
func (a *account) readListing(ctx context.Context) error {
	told := a.watched(ctx)
	began, asOf := a.tick(), a.d.now()
	a.seen.Store(0)
	catalogue := a.roles.freshen()
	listed, complete, err := a.listSubusers(ctx, func(rows int) { a.seen.Store(int64(rows)) })
	if err != nil {
		return err
	}
	family := a.awaitFamily(ctx, catalogue)
	keys := newKeyIndex(nil, false)
	if last := a.snapshot.Load(); last != nil {
		keys = last.keys
	}
	a.publish(newSnapshot(began, asOf, !complete, family.subusersOf(listed), keys))
	newest, err := a.readKeys(ctx, family)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t := a.d.troubleOf("GetKeys", err)
		a.d.log.Warn("reading failed", "method", t.Method, "kind", string(t.Kind), "code", t.Code)
		a.publishKeys(keys.doubtful())
	default:
		a.publishKeys(newest)
	}
	a.d.log.Info("listing read", "subusers", len(listed), "complete", complete, "took", a.d.now().Sub(asOf))
	a.tellListing(ctx, family, told)
	return nil
}

// listSubusers reads every subuser with their roles.
func (a *account) listSubusers(
	ctx context.Context,
	progress func(rows int),
) (rows []voxapi.SubUser, complete bool, err error) {
	return listing[voxapi.SubUser, int64]{
		page: func(ctx context.Context, offset, count int) ([]voxapi.SubUser, error) {
			return a.d.reader.GetSubUsers(ctx, a.id, voxapi.SubUsersQuery{WithRoles: true, Offset: offset, Count: count})
		},
		id:       func(u voxapi.SubUser) int64 { return u.ID },
		progress: progress,
	}.read(ctx)
}

// readKeys reads every key with its roles.
func (a *account) readKeys(ctx context.Context, f family) (keyIndex, error) {
	began := a.tick()
	listed, complete, err := a.listKeys(ctx)
	if err != nil {
		return keyIndex{}, err
	}
	index := newKeyIndex(f.keysOf(listed), complete)
	index.began = began
	return index, nil
}

// listKeys reads every key with its roles.
func (a *account) listKeys(ctx context.Context) (rows []voxapi.Key, complete bool, err error) {
	return listing[voxapi.Key, string]{
		page: func(ctx context.Context, offset, count int) ([]voxapi.Key, error) {
			return a.d.reader.GetKeys(ctx, a.id, voxapi.KeysQuery{WithRoles: true, Offset: offset, Count: count})
		},
		id:       func(k voxapi.Key) string { return k.ID },
		progress: func(int) {},
	}.read(ctx)
}

// awaitFamily returns which roles contain which, as far as the catalogue is known by now. A catalogue that is slow
// to come keeps the list waiting for a moment only, less than a visitor waits for a cold page: each held role may
// name its parents too.
func (a *account) awaitFamily(ctx context.Context, done <-chan struct{}) family {
	// The context is the listing's own; when it has ended, the next call will tell.
	_ = await(ctx, done, a.d.coldWait/2)
	if c := a.catalogue.Load(); c != nil {
		return c.family
	}
	return family{}
}
