package drift

import (
	"maps"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// expectation is what an account is expected to hold of one kind.
type expectation struct {
	all map[string]holding
	// settled are the roles of a target of which our own acts, confirmed by reading, have said the last word: only what
	// they brought along can still explain a difference there.
	settled map[string]map[int64]bool
}

// expect adds to what was expected what our own acts did since, as far as that was confirmed by reading.
func expect(kind string, before map[string]holding, done []act, w within, ownersKnown bool) expectation {
	e := expectation{all: maps.Clone(before), settled: map[string]map[int64]bool{}}
	for _, a := range done {
		if a.op.Target.Kind != kind {
			e.forced(kind, a, ownersKnown)
			continue
		}
		if !a.certain() {
			e.unsettle(a.op.Target.ID, append(ids(a.intent.Grant), ids(a.intent.Revoke)...))
			continue
		}
		if a.takes() {
			delete(e.all, a.former())
		}
		id := a.op.Target.ID
		h, known := e.all[id]
		switch {
		case a.creates() && !known && id != "":
			e.all[id] = e.created(a, w)
		case !known:
		case a.op.Action == audit.EditSubuser:
			h.Description = a.intent.Description
			e.all[id] = h
		case a.op.Action == audit.EditKey:
			h.Name, h.Description = a.intent.Name, a.intent.Description
			e.all[id] = h
		case a.changesRoles() && a.facts != nil:
			e.all[id] = e.changed(h, a)
		}
	}
	return e
}

// created is what an act made, with the roles that were asked for and seen.
func (e expectation) created(a act, w within) holding {
	h := holding{Name: nameIn(a.op.Target.Kind, a.intent), Description: a.intent.Description, RolesKnown: true}
	if a.facts == nil {
		return h
	}
	grant, _ := a.changes(a.op.Target.Kind, a.op.Target.ID, h, true)
	asked := w.closure(grant)
	for _, r := range a.facts.Roles {
		if asked[r.ID] {
			h.put(role{ID: r.ID, Name: r.Name, Direct: true}, true)
			e.settle(a.op.Target.ID, r.ID)
		}
	}
	return h
}

// changed are the roles after a change that was seen to hold. The reading tells which roles were held directly.
func (e expectation) changed(h holding, a act) holding {
	seen := map[int64]bool{}
	for _, r := range a.facts.Roles {
		seen[r.ID] = true
	}
	for _, r := range a.intent.Grant {
		if seen[r.ID] {
			h.put(role{ID: r.ID, Name: r.Name, Direct: true}, true)
			e.settle(a.op.Target.ID, r.ID)
		}
	}
	for _, r := range a.intent.Revoke {
		if !seen[r.ID] {
			h.put(role{ID: r.ID}, false)
			e.settle(a.op.Target.ID, r.ID)
		}
	}
	return h
}

// forced notes that roles taken from a subuser by force may have been taken from its keys too, after the last word on
// those.
func (e expectation) forced(kind string, a act, ownersKnown bool) {
	if a.op.Action != audit.ForceSubuserRoles {
		return
	}
	for id, h := range e.all {
		if a.alsoTouches(kind, id, h, ownersKnown) {
			e.unsettle(id, ids(a.intent.Revoke))
		}
	}
}

// unsettle notes that roles may have been changed after the last word on them.
func (e expectation) unsettle(target string, roles []int64) {
	for _, r := range roles {
		delete(e.settled[target], r)
	}
}

func (e expectation) settle(target string, roleID int64) {
	if e.settled[target] == nil {
		e.settled[target] = map[int64]bool{}
	}
	e.settled[target][roleID] = true
}
