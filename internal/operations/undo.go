package operations

import (
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
)

// HadEffect reports whether an operation is closed, and all or a part of it was applied. Only such an operation can be
// undone.
func HadEffect(op audit.Operation) bool {
	return !op.Open && (op.Result == audit.Applied || op.Result == audit.PartlyApplied)
}

// UndoneBy returns the operation that took back everything that op changed; found is false when none did, or something
// of it was changed again since. later are the operations that changed or may have changed the target, and for a
// deletion those that created or deleted a principal with its name, oldest first. Those older than op are ignored.
func UndoneBy(op audit.Operation, later []audit.Operation) (by audit.Operation, found bool) {
	action, err := DescriptorOf(op.Action)
	intent, unreadable := ReadIntent(op)
	if err != nil || unreadable != nil || action.Undo == "" || !HadEffect(op) {
		return audit.Operation{}, false
	}
	for _, next := range later {
		if next.LastSeq <= op.LastSeq {
			continue
		}
		switch effectOn(op, action, intent, next) {
		case restored:
			by, found = next, true
		case changedAgain:
			by, found = audit.Operation{}, false
		}
	}
	return by, found
}

// laterEffect is what an operation did to what an earlier one changed.
type laterEffect int

const (
	noEffect     laterEffect = iota
	restored                 // everything is as it was before the earlier one
	changedAgain             // something of it is, or may be, different
)

// effectOn returns what next did to what an operation with this action and intent changed.
func effectOn(op audit.Operation, action Descriptor, intent Intent, next audit.Operation) laterEffect {
	did, err := DescriptorOf(next.Action)
	after, unreadable := ReadIntent(next)
	certain := next.Result == audit.Applied && !next.Open
	switch {
	case err != nil || unreadable != nil:
		return changedAgain
	case action.Deletes:
		created := certain && did.Creates && access.SameRoles(idsOf(intent.Before), after.RolesAfter())
		return deletionEffect(action, did, created)
	case did.Deletes && action.Creates && !did.Creates && certain && next.Target.Ref == op.Target.Ref:
		return restored // a deletion undoes only the creation of its own target
	case did.Deletes:
		return changedAgain
	case next.Target.Ref != op.Target.Ref && did.RevokesFromKeys && action.ChangesRoles:
		return changedAgain // the target is a key of that subuser
	case next.Target.Ref != op.Target.Ref:
		return noEffect
	case action.ChangesRoles && did.ChangesRoles && len(intent.Keys) > 0:
		return noEffect // none restores the roles of the keys too
	case action.ChangesRoles && did.ChangesRoles:
		before := intent.ReverseFor(idsOf(after.Before)).IsEmpty()
		return effectOf(certain && intent.ReverseFor(after.RolesAfter()).IsEmpty(), before)
	case action.SetsDescription && did.SetsDescription && intent.OldTexts != nil && after.OldTexts != nil:
		set := Texts{Name: after.Name, Description: after.Description}
		return effectOf(certain && set.same(*intent.OldTexts), after.OldTexts.same(*intent.OldTexts))
	default:
		return noEffect
	}
}

// deletionEffect returns what an operation on a principal with the same name did to a deletion; created reports whether
// it created that with the deleted roles. Only a subuser is known to be created again: names of keys are not unique.
func deletionEffect(deletion, did Descriptor, created bool) laterEffect {
	switch {
	case deletion.Kind != access.Subuser || did.Kind != access.Subuser:
		return noEffect
	case created:
		return restored
	case did.Deletes || did.Creates:
		return changedAgain
	default:
		return noEffect
	}
}

// effectOf returns the effect of an operation after which, and before which, everything was as it was at first.
func effectOf(after, before bool) laterEffect {
	switch {
	case !after:
		return changedAgain
	case before:
		return noEffect
	default:
		return restored
	}
}

// Reverse returns the change of roles that undoes the intent's.
func (i Intent) Reverse() access.Difference {
	return access.Difference{Grant: idsOf(i.Revoke), Revoke: idsOf(i.Grant)}
}

// ReverseFor returns what of Reverse a principal with these direct roles still needs.
func (i Intent) ReverseFor(direct []int64) access.Difference {
	reverse := i.Reverse()
	return access.NewDifference(direct, slices.Concat(reverse.Grant, reverse.Revoke), reverse.Grant)
}

// RolesAfter returns the direct roles that the target had once the operation was applied.
func (i Intent) RolesAfter() []int64 {
	return access.Difference{Grant: idsOf(i.Grant), Revoke: idsOf(i.Revoke)}.Apply(idsOf(i.Before))
}
