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

// UndoneBy returns the operation that took back what op changed; found is false when none did, or something of it was
// changed again since. later are operations on the same target that had or may have had an effect, and those that
// created a subuser with its name, oldest first. Those older than op are ignored.
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
		switch effectOn(action, intent, next) {
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
func effectOn(action Descriptor, intent Intent, next audit.Operation) laterEffect {
	did, err := DescriptorOf(next.Action)
	after, unreadable := ReadIntent(next)
	certain := next.Result == audit.Applied && !next.Open
	switch {
	case err != nil || unreadable != nil:
		return changedAgain
	case action.Deletes:
		return deletionEffect(action, did, certain)
	case did.Deletes && !(action.Creates && certain):
		return changedAgain // a deletion undoes only a creation
	case did.Deletes:
		return restored
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

// deletionEffect returns what an operation did to a deletion. Only a subuser is known to be created again: names of
// keys are not unique.
func deletionEffect(deletion, did Descriptor, certain bool) laterEffect {
	switch {
	case deletion.Kind != access.Subuser:
		return noEffect
	case did.Creates && certain:
		return restored
	case did.Deletes:
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
