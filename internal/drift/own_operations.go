package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// ownOperation is an operation of the console.
type ownOperation struct {
	op       audit.Operation
	effects  operations.Descriptor
	intent   operations.Intent
	firstSeq int64             // of its first event
	facts    *operations.Facts // read back last, nil when nothing was read
}

// ownOperations are the operations that may explain a difference.
type ownOperations struct {
	finished []ownOperation // finished long enough ago for a listing to show them, and not all compared before
	pending  []ownOperation // open, or closed less than listingLag ago
	// finishedUpTo is the event up to which operations count as finished. The next comparison continues from there.
	finishedUpTo int64
}

// ownOperationsSince returns the operations that may explain what a listing shows. The listing was begun at asOf, when
// newest was the audit log's newest event. It returns an *audit.Mismatch for a row that does not agree with its events:
// it could explain a change made outside the console.
func (s *Service) ownOperationsSince(
	ctx context.Context,
	last state,
	asOf time.Time,
	newest int64,
) (ownOperations, error) {
	since, from := last.processedSeq, last.asOf
	if last.version == 0 {
		since, from = newest, asOf // the first listing is trusted, except for operations that just ended
	}
	if asOf.Before(from) {
		from = asOf // the clock was set back, or that of another server is ahead
	}
	late := from.Add(-lateCommitWindow)
	ops, err := s.AuditLog.ListActiveSince(ctx, last.account, since, late)
	if err != nil {
		return ownOperations{}, err
	}
	result := ownOperations{finishedUpTo: finishedUpTo(ops, last.processedSeq, newest, asOf)}
	created, err := s.createdSince(ctx, ops, last.processedSeq, result.finishedUpTo)
	if err != nil {
		return ownOperations{}, err
	}
	for _, op := range mergeOperations(ops, created) {
		if !op.Open && (op.Result == audit.Refused || op.Result == audit.NotSent) {
			continue // without effect
		}
		if err := s.AuditLog.CheckOperation(ctx, op); err != nil {
			return ownOperations{}, err
		}
		o, err := newOwnOperation(op)
		if err != nil {
			return ownOperations{}, err
		}
		if op.Open || op.LastSeq > result.finishedUpTo {
			result.pending = append(result.pending, o)
			continue
		}
		// An operation that was not confirmed may have taken effect after the last comparison.
		_, isNew := created[op.Target.Ref]
		if isNew || op.LastSeq > last.processedSeq || !o.confirmed() && op.ClosedAt.After(late) {
			if o.firstSeq, o.facts, err = s.firstSeqAndFacts(ctx, op); err != nil {
				return ownOperations{}, err
			}
			result.finished = append(result.finished, o)
		}
	}
	// The order in which they were begun is the vendor's order, because operations on one target wait for each other. A
	// creation may be closed after a later operation on what it created.
	slices.SortFunc(result.finished, func(a, b ownOperation) int { return cmp.Compare(a.firstSeq, b.firstSeq) })
	return result, nil
}

func newOwnOperation(op audit.Operation) (ownOperation, error) {
	intent, err := operations.ReadIntent(op)
	if err != nil {
		return ownOperation{}, err
	}
	effects, err := operations.DescriptorOf(op.Action)
	if err != nil {
		return ownOperation{}, fmt.Errorf("operation %s: %w", op.ID, err)
	}
	return ownOperation{op: op, effects: effects, intent: intent}, nil
}

// finishedUpTo returns the event up to which all operations ended long enough before a listing for it to show them.
// before is the result of the last comparison, newest the newest event when the listing was begun. The age of an
// operation comes from the clock; when an operation that came before the listing has a much later time, the clock was
// set back and its time is ignored.
func finishedUpTo(ops []audit.Operation, before, newest int64, asOf time.Time) int64 {
	for _, op := range ops {
		if !op.Open && op.LastSeq > before && op.ClosedAt.Sub(asOf).Abs() < listingLag {
			newest = min(newest, op.LastSeq-1)
		}
	}
	return newest
}

// createdSince returns the principals with a creation that was closed after one event and up to another one, each with
// all operations on it. Those may have been closed before the creation, and are compared now.
func (s *Service) createdSince(
	ctx context.Context,
	ops []audit.Operation,
	since, until int64,
) (map[access.Ref][]audit.Operation, error) {
	created := map[access.Ref][]audit.Operation{}
	for _, op := range ops {
		if op.Open || op.Target.ID == "" || op.LastSeq <= since || op.LastSeq > until ||
			!slices.Contains(operations.CreatingActions(), op.Action) {
			continue
		}
		all, err := s.AuditLog.Operations(
			ctx,
			audit.Filter{Account: op.Account, TargetKind: op.Target.Kind, TargetID: op.Target.ID, Limit: math.MaxInt32},
		)
		if err != nil {
			return nil, err
		}
		created[op.Target.Ref] = all
	}
	return created, nil
}

// mergeOperations returns the operations and those on created principals, each once.
func mergeOperations(ops []audit.Operation, created map[access.Ref][]audit.Operation) []audit.Operation {
	known := map[string]bool{}
	for _, op := range ops {
		known[op.ID] = true
	}
	for _, others := range created {
		for _, op := range others {
			if !known[op.ID] {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// firstSeqAndFacts returns the first event of an operation, and what was read back last.
func (s *Service) firstSeqAndFacts(
	ctx context.Context,
	op audit.Operation,
) (firstSeq int64, facts *operations.Facts, err error) {
	events, err := s.AuditLog.Events(ctx, op.ID)
	if err != nil {
		return 0, nil, err
	}
	for _, e := range slices.Backward(events) {
		firstSeq = e.Seq
		if len(e.Facts) == 0 || facts != nil {
			continue
		}
		facts = new(operations.Facts)
		if err := json.Unmarshal(e.Facts, facts); err != nil {
			return 0, nil, fmt.Errorf("decoding the facts of operation %s: %w", op.ID, err)
		}
	}
	return firstSeq, facts, nil
}

// confirmed reports whether reading back has shown that the operation was applied.
func (o ownOperation) confirmed() bool { return o.op.Result == audit.Applied && o.op.Confirmed }

// deletedRef returns the principal that a deletion or a re-issue deletes.
func (o ownOperation) deletedRef() access.Ref {
	return access.Ref{Kind: o.op.Target.Kind, ID: cmp.Or(o.op.Target.FormerID, o.op.Target.ID)}
}

// mayHaveCreated reports whether the operation created, or may have created, a principal: by the tag, by the id, or by
// the name while the id is not known.
func (o ownOperation) mayHaveCreated(p principal) bool {
	if !o.effects.Creates || o.op.Target.Kind != p.Kind {
		return false
	}
	switch {
	case o.matchesTag(p):
		return true
	case o.createdIDKnown():
		return o.op.Target.Ref == p.Ref
	case o.op.Result == audit.PartlyApplied && !o.op.Open:
		return false // a re-issue that ended after the deletion
	default:
		return intentName(p.Kind, o.intent) == p.Name
	}
}

// matchesByIDOrTag reports whether a principal that the operation may have created matches by more than its name.
func (o ownOperation) matchesByIDOrTag(p principal) bool {
	return o.matchesTag(p) || o.createdIDKnown()
}

func (o ownOperation) matchesTag(p principal) bool { return o.op.Tag != "" && o.op.Tag == p.tag }

// createdIDKnown reports whether the id of the created principal is known. Until then the target of a re-issue has the
// id of the deleted one.
func (o ownOperation) createdIDKnown() bool {
	return o.op.Target.ID != "" && (!o.effects.IsReissue() || o.op.Target.FormerID != "")
}

// mayHaveDeleted reports whether the operation deleted, or may have deleted, a principal: the target, or a key that
// belongs to it. The vendor does not document what happens to the keys of a deleted subuser.
func (o ownOperation) mayHaveDeleted(p principal, ownersKnown bool) bool {
	return o.effects.Deletes && (o.deletedRef() == p.Ref || o.affectsKey(p, ownersKnown))
}

// affectsKey reports whether an operation on a subuser may affect a key too. Where the owner of the key is not known,
// an operation on any subuser may. Where a listing with owners has shown none for it, an operation with the key in its
// intent may.
func (o ownOperation) affectsKey(p principal, ownersKnown bool) bool {
	if p.Kind != access.Key || o.op.Target.Kind != access.Subuser {
		return false
	}
	if !p.Owner.IsZero() {
		return p.Owner == o.deletedRef()
	}
	return !ownersKnown || p.neverListed ||
		slices.ContainsFunc(o.intent.Keys, func(k operations.KeyRef) bool { return access.KeyRef(k.ID) == p.Ref })
}

// roleChanges returns the roles that the operation grants to a principal and revokes from it.
func (o ownOperation) roleChanges(p principal, ownersKnown bool) (grant, revoke []int64) {
	switch {
	case o.mayHaveCreated(p):
		return roleIDs(slices.Concat(o.intent.Grant, o.intent.Before)), nil
	case o.effects.RevokesFromKeys && o.affectsKey(p, ownersKnown):
		return nil, roleIDs(o.intent.Revoke)
	case o.op.Target.Ref == p.Ref && o.effects.ChangesRoles:
		return roleIDs(o.intent.Grant), roleIDs(o.intent.Revoke)
	}
	return nil, nil
}

// mayHaveSetTexts reports whether the operation sets, or may set, the name or the description of a principal.
func (o ownOperation) mayHaveSetTexts(p principal) bool {
	return o.edits(p.Ref) || o.mayHaveCreated(p)
}

func (o ownOperation) edits(ref access.Ref) bool {
	return o.effects.SetsDescription && o.op.Target.Ref == ref
}

func roleIDs(roles []operations.RoleRef) []int64 {
	ids := make([]int64, 0, len(roles))
	for _, r := range roles {
		ids = append(ids, r.ID)
	}
	return ids
}
