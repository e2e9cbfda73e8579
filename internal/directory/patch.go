package directory

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// patch is what is known of one principal from another source than the listing: a read by id after a change or for a
// page.
//
// Listings and reads overlap in time, and the one that ends last need not have the newest data. So each carries the
// tick at which it began, and the later beginning wins: a listing does not undo a change that was made while it was
// under way, and neither does a slow read that began before the change.
type patch struct {
	tick      uint64
	principal *access.Principal // nil: it does not exist
	readAt    time.Time
}

// tick returns a number that is larger than all before.
func (a *account) tick() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ticks++
	return a.ticks
}

// patch applies a patch to the snapshot, unless something newer is known, and keeps it for a listing that is under way.
func (a *account) patch(ref access.Ref, p patch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	snap := a.snapshot.Load()
	if a.patches[ref].tick > p.tick || snap != nil && snap.section(ref.Kind).startTick > p.tick {
		return
	}
	a.patches[ref] = p
	if snap != nil {
		a.snapshot.Store(snap.withPrincipal(ref, p.principal, p.readAt))
	}
}

// publish makes a listing a part of the account's snapshot, with the patches that are newer than its beginning.
func (a *account) publish(fresh *section) {
	a.mu.Lock()
	defer a.mu.Unlock()
	snap := a.snapshot.Load()
	if snap == nil {
		snap = emptySnapshot()
		snap.facts = a.facts
	}
	snap = snap.withSection(fresh)
	for ref, p := range a.patches {
		switch {
		case ref.Kind != fresh.kind:
		case p.tick < fresh.startTick:
			delete(a.patches, ref)
		default:
			snap = snap.withPrincipal(ref, p.principal, p.readAt)
		}
	}
	a.snapshot.Store(snap)
}

// publishStaleKeys keeps the keys of the last snapshot, but as possibly out of date.
func (a *account) publishStaleKeys() {
	a.mu.Lock()
	defer a.mu.Unlock()
	snap := a.snapshot.Load()
	keys := *snap.keys
	keys.complete = false
	a.snapshot.Store(snap.withSection(&keys))
}
