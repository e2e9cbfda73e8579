package directory

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// readListing reads all subusers and then all keys, and makes them the snapshot. The subusers are shown as soon as
// they are there, and keys that cannot be read do not keep them back.
func (a *account) readListing(ctx context.Context) error {
	report := a.listingCallback(ctx)
	began, asOf := a.tick(), a.directory.now()
	a.rowsRead.Store(0)
	catalogueRead := a.catalogueLoader.refreshIfStale()
	listed, complete, err := a.listSubusers(ctx, func(rows int) { a.rowsRead.Store(int64(rows)) })
	if err != nil {
		return err
	}
	roles := a.awaitRoleIndex(ctx, catalogueRead)
	keys := newKeyIndex(nil, false)
	if last := a.snapshot.Load(); last != nil {
		keys = last.keys
	}
	a.publish(newSnapshot(began, asOf, !complete, roles.convertSubusers(listed), keys))
	newest, err := a.readKeys(ctx, roles)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t := a.directory.newReadError("GetKeys", err)
		a.directory.logger.Warn("reading failed", "method", t.Method, "kind", string(t.Kind), "code", t.Code)
		a.publishKeys(keys.asStale())
	default:
		a.publishKeys(newest)
	}
	a.directory.logger.Info(
		"listing read",
		"subusers",
		len(listed),
		"complete",
		complete,
		"took",
		a.directory.now().Sub(asOf),
	)
	a.reportListing(ctx, roles, report)
	return nil
}

// listSubusers reads every subuser with their roles.
func (a *account) listSubusers(
	ctx context.Context,
	progress func(rows int),
) (rows []voxapi.SubUser, complete bool, err error) {
	return listing[voxapi.SubUser, int64]{
		page: func(ctx context.Context, offset, count int) ([]voxapi.SubUser, error) {
			return a.directory.reader.GetSubUsers(ctx, a.id, voxapi.SubUsersQuery{WithRoles: true, Offset: offset, Count: count})
		},
		id:       func(u voxapi.SubUser) int64 { return u.ID },
		progress: progress,
	}.read(ctx)
}

// readKeys reads every key with its roles.
func (a *account) readKeys(ctx context.Context, roles roleIndex) (keyIndex, error) {
	began := a.tick()
	listed, complete, err := a.listKeys(ctx)
	if err != nil {
		return keyIndex{}, err
	}
	index := newKeyIndex(roles.convertKeys(listed), complete)
	index.startTick = began
	return index, nil
}

// listKeys reads every key with its roles.
func (a *account) listKeys(ctx context.Context) (rows []voxapi.Key, complete bool, err error) {
	return listing[voxapi.Key, string]{
		page: func(ctx context.Context, offset, count int) ([]voxapi.Key, error) {
			return a.directory.reader.GetKeys(ctx, a.id, voxapi.KeysQuery{WithRoles: true, Offset: offset, Count: count})
		},
		id:       func(k voxapi.Key) string { return k.ID },
		progress: func(int) {},
	}.read(ctx)
}

// awaitRoleIndex returns what the catalogue reports about roles, as far as it is known by now. A catalogue that is slow
// to come keeps the list waiting for a moment only, less than a visitor waits for a cold page: each held role may
// name its parents too.
func (a *account) awaitRoleIndex(ctx context.Context, done <-chan struct{}) roleIndex {
	// The context is the listing's own; when it has ended, the next call will tell.
	_ = await(ctx, done, a.directory.coldWait/2)
	if c := a.catalogue.Load(); c != nil {
		return c.roleIndex()
	}
	return roleIndex{}
}
