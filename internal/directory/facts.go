package directory

import "github.com/voxwarden/voxwarden/internal/access"

// SetFacts sets what the console has learnt about the principals of an account. Lists are filtered and sorted by it.
// The map must not be changed afterwards.
func (d *Directory) SetFacts(account int64, facts map[access.Ref]*access.Facts) {
	a := d.account(account)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.facts = facts
	if snap := a.snapshot.Load(); snap != nil {
		a.snapshot.Store(snap.withFacts(facts))
	}
}

// factsOf returns the facts of a principal, nil for none.
func (a *account) factsOf(ref access.Ref) *access.Facts {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.facts[ref]
}
