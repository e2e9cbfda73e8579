package directory

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// readListing reads all subusers and then all keys, and makes them the snapshot. The subusers are shown as soon as they
// are read, also when the keys cannot be read.
func (a *account) readListing(ctx context.Context) error {
	report := a.listingCallback(ctx)
	start := a.directory.now()
	a.rowsRead.Store(0)
	catalogueRead := a.catalogueLoader.refreshIfStale()
	subusers, err := a.readKind(ctx, access.Subuser, func(rows int) { a.rowsRead.Store(int64(rows)) })
	if err != nil {
		return err
	}
	roles := a.awaitRoleIndex(ctx, catalogueRead)
	a.publish(subusers.section(roles))
	keys, err := a.readKind(ctx, access.Key, func(int) {})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		readError := a.directory.newReadError(kinds()[access.Key].listMethod, err)
		a.directory.logger.Warn("reading failed",
			"method", readError.Method, "kind", string(readError.Kind), "code", readError.Code)
		a.publishStaleKeys()
	default:
		a.publish(keys.section(roles))
	}
	snap := a.snapshot.Load()
	a.directory.logger.Info("listing read",
		"subusers", len(snap.subusers.sorted[byName]),
		"keys", len(snap.keys.sorted[byName]),
		"complete", snap.subusers.complete,
		"duration_ms", a.directory.now().Sub(start).Milliseconds())
	a.reportListing(ctx, roles, report)
	return nil
}

// kindListing is the listing of one kind.
type kindListing struct {
	kind      access.Kind
	startTick uint64    // the account's tick when it began
	asOf      time.Time // when it began
	complete  bool      // no rows are missing
	rows      []vendorRow
}

// readKind reads every principal of a kind.
func (a *account) readKind(ctx context.Context, kind access.Kind, progress func(rows int)) (l kindListing, err error) {
	l = kindListing{kind: kind, startTick: a.tick(), asOf: a.directory.now()}
	l.rows, l.complete, err = a.readAll(ctx, kinds()[kind], progress)
	return l, err
}

// section returns the listing as a part of a snapshot.
func (l kindListing) section(roles roleIndex) *section {
	return newSection(l.kind, l.startTick, l.asOf, l.complete, roles.principals(l.rows))
}

// readAll reads every principal of a kind with its roles. It returns errEmptyList for an empty list that is not true.
func (a *account) readAll(
	ctx context.Context,
	info kindInfo,
	progress func(rows int),
) (rows []vendorRow, complete bool, err error) {
	rows, complete, err = listing{
		page: func(ctx context.Context, offset, count int) ([]vendorRow, error) {
			return info.rows(ctx, a.directory.reader, a.id, query{withRoles: true, offset: offset, count: count})
		},
		progress: progress,
	}.read(ctx)
	if err == nil && len(rows) == 0 {
		err = a.checkEmpty(ctx, info.kind)
	}
	return rows, complete, err
}

// awaitRoleIndex returns what is known of the catalogue by now. It waits for a catalogue that is being read for half of
// ColdWait only, so that a cold list page is still answered in time: each row may name the parents of its roles, too.
func (a *account) awaitRoleIndex(ctx context.Context, done <-chan struct{}) roleIndex {
	// An error is that of the listing's context, which the next call returns.
	_ = await(ctx, done, a.directory.coldWait/2)
	if c := a.catalogue.Load(); c != nil {
		return c.roleIndex()
	}
	return roleIndex{}
}
