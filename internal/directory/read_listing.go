package directory

import (
	"context"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// readListing reads all subusers and all keys, and makes them the snapshot. The subusers are shown as soon as they are
// read, also when the keys cannot be read.
//
// Pages wait for the first listing. So when the vendor is slow, it reads the subusers ahead, and the keys, which are
// few, at the same time. It does not after a failure, so as not to add load to a service in trouble.
func (a *account) readListing(ctx context.Context) error {
	report := a.listingCallback(ctx)
	start := a.directory.now()
	a.rowsRead.Store(0)
	var rolesRead <-chan struct{}
	if a.catalogue.Load() == nil {
		rolesRead = a.rolesRead
	}
	catalogueRead := a.catalogueLoader.refreshIfStale()
	readKeys := func() (kindListing, error) { return a.readKind(ctx, access.Key, listing{}) }
	reader := listing{progress: func(rows int) { a.rowsRead.Store(int64(rows)) }}
	if _, lastError := a.listingLoader.state(); a.snapshot.Load() == nil && lastError == nil {
		reader.background = a.directory.background
		reader.slow = func() { readKeys = a.start(readKeys) }
	}
	subusers, err := a.readKind(ctx, access.Subuser, reader)
	if err != nil {
		return err
	}
	roles := a.awaitRoleIndex(ctx, catalogueRead, rolesRead)
	a.publish(subusers.section(roles))
	keys, err := readKeys()
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

// start starts reading and returns a function that waits for the result. Reading must end with the loader's context.
func (a *account) start(read func() (kindListing, error)) (wait func() (kindListing, error)) {
	var result kindListing
	var err error
	done := make(chan struct{})
	a.directory.tasks.Go(func() {
		defer close(done)
		result, err = read()
	})
	return func() (kindListing, error) {
		<-done
		return result, err
	}
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
func (a *account) readKind(ctx context.Context, kind access.Kind, reader listing) (l kindListing, err error) {
	l = kindListing{kind: kind, startTick: a.tick(), asOf: a.directory.now()}
	l.rows, l.complete, err = a.readAll(ctx, kinds()[kind], reader)
	return l, err
}

// section returns the listing as a part of a snapshot.
func (l kindListing) section(roles roleIndex) *section {
	return newSection(l.kind, l.startTick, l.asOf, l.complete, roles.principals(l.rows))
}

// readAll reads every principal of a kind with its roles. It sets the page function of the listing. It returns
// errEmptyList for an empty list that is not true.
func (a *account) readAll(
	ctx context.Context,
	info kindInfo,
	reader listing,
) (rows []vendorRow, complete bool, err error) {
	reader.page = func(ctx context.Context, offset, count int) ([]vendorRow, error) {
		return info.rows(ctx, a.directory.reader, a.id, query{withRoles: true, offset: offset, count: count})
	}
	rows, complete, err = reader.read(ctx)
	if err == nil && len(rows) == 0 {
		err = a.checkEmpty(ctx, info.kind)
	}
	return rows, complete, err
}

// awaitRoleIndex returns what is known of the catalogue by now. It waits for a catalogue that is being read, the first
// time for its roles only and not for their groups. It waits for half of ColdWait only, so that a cold list page is
// still answered in time: each row may name the parents of its roles, too.
func (a *account) awaitRoleIndex(ctx context.Context, catalogueRead, rolesRead <-chan struct{}) roleIndex {
	// An error is that of the listing's context, which the next call returns.
	_ = await(ctx, a.directory.coldWait/2, catalogueRead, rolesRead)
	if c := a.catalogue.Load(); c != nil {
		return c.roleIndex()
	}
	return roleIndex{}
}
