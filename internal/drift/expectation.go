package drift

import (
	"cmp"
	"maps"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
)

// expectation is the expected state of one kind.
type expectation struct {
	principals map[access.Ref]principal
	// confirmedRoles are the roles that the last own operation on them, confirmed by reading, has set. A difference in
	// such a role can only be explained by an operation that changes it along with another one.
	confirmedRoles map[access.Ref]access.RoleSet
}

// applyOwnOperations adds the effects of finished own operations, as far as they were confirmed by reading. listed are
// the principals of the listing to compare with; a created key gets its owner from there.
func applyOwnOperations(
	kind access.Kind,
	before, listed map[access.Ref]principal,
	finished []ownOperation,
	closure roleClosure,
	ownersKnown bool,
) expectation {
	e := expectation{principals: maps.Clone(before), confirmedRoles: map[access.Ref]access.RoleSet{}}
	for _, o := range effectOrder(kind, finished) {
		ref := o.op.Target.Ref
		if ref.Kind != kind {
			e.applyRevokeFromKeys(o, ownersKnown)
			continue
		}
		if !o.confirmed() {
			e.unconfirm(ref, slices.Concat(roleIDs(o.intent.Grant), roleIDs(o.intent.Revoke)))
			continue
		}
		if o.effects.Deletes {
			delete(e.principals, o.deletedRef())
		}
		p, known := e.principals[ref]
		switch {
		case o.effects.Creates && !known && ref.ID != "":
			p := e.createdPrincipal(o, closure)
			now, isListed := listed[ref]
			p.Owner, p.neverListed = now.Owner, !isListed
			e.principals[ref] = p
		case !known:
		case o.effects.SetsDescription:
			p.Description = o.intent.Description
			if o.effects.SetsName {
				p.Name = o.intent.Name
			}
			e.principals[ref] = p
		case o.effects.ChangesRoles && o.facts != nil:
			e.principals[ref] = e.changedPrincipal(p, o)
		}
	}
	return e
}

// effectOrder returns the operations in the order in which they took effect on one kind. Operations on one principal
// wait for each other, so those on the kind itself are in the order in which they were begun. One on a subuser does not
// wait for one on a key: it may have taken effect on the keys as late as at its end.
func effectOrder(kind access.Kind, finished []ownOperation) []ownOperation {
	seq := func(o ownOperation) int64 {
		if o.op.Target.Kind == kind {
			return o.firstSeq
		}
		return o.op.LastSeq
	}
	return slices.SortedStableFunc(
		slices.Values(finished),
		func(a, b ownOperation) int { return cmp.Compare(seq(a), seq(b)) },
	)
}

// createdPrincipal returns the principal that an operation created, with the roles that were granted and read back.
func (e expectation) createdPrincipal(o ownOperation, closure roleClosure) principal {
	ref := o.op.Target.Ref
	p := principal{
		Ref:         ref,
		Name:        intentName(ref.Kind, o.intent),
		Description: o.intent.Description,
		RolesKnown:  true,
	}
	if o.facts == nil {
		return p
	}
	grant, _ := o.roleChanges(p, true)
	granted := closure.expand(grant)
	for _, r := range o.facts.Roles {
		if granted[r.ID] {
			p.setRole(roleAssignment{ID: r.ID, Name: r.Name, Direct: true}, true)
			e.confirm(ref, r.ID)
		}
	}
	return p
}

// changedPrincipal returns the principal with the changes of roles that were read back.
func (e expectation) changedPrincipal(p principal, o ownOperation) principal {
	present := access.NewRoleSet(roleIDs(o.facts.Roles)...)
	for _, r := range o.intent.Grant {
		if present[r.ID] {
			p.setRole(roleAssignment{ID: r.ID, Name: r.Name, Direct: true}, true)
			e.confirm(p.Ref, r.ID)
		}
	}
	for _, r := range o.intent.Revoke {
		if !present[r.ID] {
			p.setRole(roleAssignment{ID: r.ID}, false)
			e.confirm(p.Ref, r.ID)
		}
	}
	return p
}

// applyRevokeFromKeys records that roles that were revoked from a subuser may have been revoked from its keys too.
func (e expectation) applyRevokeFromKeys(o ownOperation, ownersKnown bool) {
	if !o.effects.RevokesFromKeys {
		return
	}
	for ref, p := range e.principals {
		if o.affectsKey(p, ownersKnown) {
			e.unconfirm(ref, roleIDs(o.intent.Revoke))
		}
	}
}

// unconfirm records that roles may have changed after they were confirmed.
func (e expectation) unconfirm(target access.Ref, roles []int64) {
	for _, r := range roles {
		delete(e.confirmedRoles[target], r)
	}
}

func (e expectation) confirm(target access.Ref, roleID int64) {
	if e.confirmedRoles[target] == nil {
		e.confirmedRoles[target] = access.RoleSet{}
	}
	e.confirmedRoles[target][roleID] = true
}
