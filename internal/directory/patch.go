package directory

import ()

// patch is what is known of one subuser from another source than the listing: a read by id, or an act.
//
// Listings, reads and acts overlap in time, and the one that ends last need not be the one that knows
// best. So each carries the tick at which it began, and the later beginning wins: a change that was made while a
// listing was under way is not undone by that listing, nor by a slow read that began before it.
type patch struct {
	tick    uint64
	subuser *Subuser // nil: gone
}

// tick returns a number that is larger than all before: the account's own clock.
func (a *account) tick() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ticks++
	return a.ticks
}

// patch applies what is known of a subuser to the snapshot, unless something newer is known, and keeps it for a
// listing that is under way.
func (a *account) patch(id int64, p patch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	snap := a.snapshot.Load()
	if a.patches[id].tick > p.tick || snap != nil && snap.startTick > p.tick {
		return
	}
	a.patches[id] = p
	if snap != nil {
		a.snapshot.Store(snap.withSubuser(id, p.subuser))
	}
}

// publish makes a listing the account's snapshot, with the patches that are newer than its beginning.
func (a *account) publish(snap *snapshot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, p := range a.patches {
		if p.tick < snap.startTick {
			delete(a.patches, id)
			continue
		}
		snap = snap.withSubuser(id, p.subuser)
	}
	a.snapshot.Store(snap)
}

// keyPatch is what is known of one key from another source than the listing; see patch.
type keyPatch struct {
	tick uint64
	key  *Key // nil: gone
}

// patchKey applies what is known of a key to the snapshot, unless something newer is known, and keeps it for a listing
// that is under way.
func (a *account) patchKey(id string, p keyPatch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	snap := a.snapshot.Load()
	if a.keyPatches[id].tick > p.tick || snap != nil && snap.keys.startTick > p.tick {
		return
	}
	a.keyPatches[id] = p
	if snap != nil && !snap.keys.matches(id, p.key) {
		a.snapshot.Store(snap.withKeys(snap.keys.with(id, p.key)))
	}
}

// publishKeys gives the snapshot other keys, with the patches that are newer than their beginning.
func (a *account) publishKeys(keys keyIndex) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, p := range a.keyPatches {
		if p.tick < keys.startTick {
			delete(a.keyPatches, id)
			continue
		}
		keys = keys.with(id, p.key)
	}
	a.snapshot.Store(a.snapshot.Load().withKeys(keys))
}
