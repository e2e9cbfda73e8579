package drift

import (
	"maps"

	"github.com/voxwarden/voxwarden/internal/access"
)

// expectation is what an account is expected to hold of one kind.
type expectation struct {
	principals map[string]principal
	// confirmedRoles are the roles of a target of which our own acts, confirmed by reading, have said the last word:
	// only what they brought along can still explain a difference there.
	confirmedRoles map[string]map[int64]bool
}

// applyOwnOperations adds to what was expected what our own acts did since, as far as that was confirmed by reading.
func applyOwnOperations(
	kind access.Kind,
	before map[string]principal,
	done []ownOperation,
	closure roleClosure,
	ownersKnown bool,
) expectation {
	e := expectation{principals: maps.Clone(before), confirmedRoles: map[string]map[int64]bool{}}
	for _, a := range done {
		if a.op.Target.Kind != kind {
			e.applyForcedRevoke(kind, a, ownersKnown)
			continue
		}
		if !a.confirmed() {
			e.unconfirm(a.op.Target.ID, append(roleIDs(a.intent.Grant), roleIDs(a.intent.Revoke)...))
			continue
		}
		if a.effects.Deletes {
			delete(e.principals, a.deletedID())
		}
		id := a.op.Target.ID
		h, known := e.principals[id]
		switch {
		case a.effects.Creates && !known && id != "":
			e.principals[id] = e.createdPrincipal(a, closure)
		case !known:
		case a.effects.SetsDescription:
			h.Description = a.intent.Description
			if a.effects.SetsName {
				h.Name = a.intent.Name
			}
			e.principals[id] = h
		case a.effects.ChangesRoles && a.facts != nil:
			e.principals[id] = e.changedPrincipal(h, a)
		}
	}
	return e
}

// createdPrincipal is what an act made, with the roles that were asked for and seen.
func (e expectation) createdPrincipal(a ownOperation, closure roleClosure) principal {
	h := principal{Name: intentName(a.op.Target.Kind, a.intent), Description: a.intent.Description, RolesKnown: true}
	if a.facts == nil {
		return h
	}
	grant, _ := a.roleChanges(a.op.Target.Kind, a.op.Target.ID, h, true)
	asked := closure.expand(grant)
	for _, r := range a.facts.Roles {
		if asked[r.ID] {
			h.setRole(roleAssignment{ID: r.ID, Name: r.Name, Direct: true}, true)
			e.confirm(a.op.Target.ID, r.ID)
		}
	}
	return h
}

// changedPrincipal are the roles after a change that was seen to hold. The reading tells which roles were held
// directly.
func (e expectation) changedPrincipal(h principal, a ownOperation) principal {
	seen := map[int64]bool{}
	for _, r := range a.facts.Roles {
		seen[r.ID] = true
	}
	for _, r := range a.intent.Grant {
		if seen[r.ID] {
			h.setRole(roleAssignment{ID: r.ID, Name: r.Name, Direct: true}, true)
			e.confirm(a.op.Target.ID, r.ID)
		}
	}
	for _, r := range a.intent.Revoke {
		if !seen[r.ID] {
			h.setRole(roleAssignment{ID: r.ID}, false)
			e.confirm(a.op.Target.ID, r.ID)
		}
	}
	return h
}

// applyForcedRevoke notes that roles taken from a subuser by force may have been taken from its keys too, after the
// last word on those.
func (e expectation) applyForcedRevoke(kind access.Kind, a ownOperation, ownersKnown bool) {
	if !a.effects.RevokesFromKeys {
		return
	}
	for id, h := range e.principals {
		if a.affectsKey(kind, id, h, ownersKnown) {
			e.unconfirm(id, roleIDs(a.intent.Revoke))
		}
	}
}

// unconfirm notes that roles may have been changed after the last word on them.
func (e expectation) unconfirm(target string, roles []int64) {
	for _, r := range roles {
		delete(e.confirmedRoles[target], r)
	}
}

func (e expectation) confirm(target string, roleID int64) {
	if e.confirmedRoles[target] == nil {
		e.confirmedRoles[target] = map[int64]bool{}
	}
	e.confirmedRoles[target][roleID] = true
}
