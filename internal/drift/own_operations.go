package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// ownOperation is an operation of ours with what it wanted, and what was last read for it.
type ownOperation struct {
	op       audit.Operation
	effects  operations.Descriptor // what its action does at the vendor
	intent   operations.Intent
	firstSeq int64             // its first event
	facts    *operations.Facts // nil when nothing was read
}

// operations are our operations that may explain a difference.
type ownOperations struct {
	finished []ownOperation // over, long enough ago for a listing to show it, and not all of it compared before
	pending  []ownOperation // open, or closed a moment ago
	// the event up to which those that are over count as such: the next comparison goes on from here
	finishedUpTo int64
}

// ownOperationsSince reads the operations that may explain what a reading shows that began at asOf, when an event was
// the newest.
func (s *Service) ownOperationsSince(
	ctx context.Context,
	last state,
	asOf time.Time,
	newest int64,
) (ownOperations, error) {
	since, from := last.processedSeq, last.asOf
	if last.version == 0 {
		since, from = newest, asOf // a first reading is believed, save about what was done a moment ago
	}
	if asOf.Before(from) {
		from = asOf // the clock was set back, or another server's is fast
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
			continue // nothing happened
		}
		intent, err := operations.ReadIntent(op)
		if err != nil {
			return ownOperations{}, err
		}
		descriptor, err := operations.DescriptorOf(op.Action)
		if err != nil {
			return ownOperations{}, fmt.Errorf("operation %s: %w", op.ID, err)
		}
		a := ownOperation{op: op, effects: descriptor, intent: intent}
		if op.Open || op.LastSeq > result.finishedUpTo {
			result.pending = append(result.pending, a)
			continue
		}
		// Type was not confirmed by reading may have happened after the last comparison, too.
		_, isNew := created[targetRef(op.Target)]
		if isNew || op.LastSeq > last.processedSeq || !a.confirmed() && op.ClosedAt.After(late) {
			if a.firstSeq, a.facts, err = s.firstSeqAndFacts(ctx, op); err != nil {
				return ownOperations{}, err
			}
			result.finished = append(result.finished, a)
		}
	}
	// In the order in which they were begun, which is that of the vendor: acts on one target wait for each other. Only
	// what creates may be closed after what was done to its creation.
	slices.SortFunc(result.finished, func(a, b ownOperation) int { return cmp.Compare(a.firstSeq, b.firstSeq) })
	return result, nil
}

// finishedUpTo is the event up to which all was over long enough before a reading for a listing to show it. Up to
// before, that was so at the last comparison already; newest was the newest event when the reading began. How long
// ago something was is asked of the clock. When it says that what came before the reading comes well after it, it was
// set back since, and says nothing.
func finishedUpTo(ops []audit.Operation, before, newest int64, asOf time.Time) int64 {
	for _, op := range ops {
		if !op.Open && op.LastSeq > before && op.ClosedAt.Sub(asOf).Abs() < listingLag {
			newest = min(newest, op.LastSeq-1)
		}
	}
	return newest
}

// createdSince are the targets whose creation was closed since another comparison, up to an event, each with all that
// was done to it: that may have been closed earlier, and is to be looked at now.
func (s *Service) createdSince(
	ctx context.Context,
	ops []audit.Operation,
	since, until int64,
) (map[audit.Target][]audit.Operation, error) {
	created := map[audit.Target][]audit.Operation{}
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
		created[targetRef(op.Target)] = all
	}
	return created, nil
}

// mergeOperations are operations and those on what was made, each once.
func mergeOperations(ops []audit.Operation, created map[audit.Target][]audit.Operation) []audit.Operation {
	seen := map[string]bool{}
	for _, op := range ops {
		seen[op.ID] = true
	}
	for _, others := range created {
		for _, op := range others {
			if !seen[op.ID] {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// targetRef is a target without what changes of it.
func targetRef(t audit.Target) audit.Target {
	return audit.Target{Ref: access.Ref{Kind: t.Kind, ID: t.ID}}
}

// firstSeqAndFacts is with which event an operation began, and what was last read for it.
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
			return 0, nil, fmt.Errorf("decoding what was read for %s: %w", op.ID, err)
		}
	}
	return firstSeq, facts, nil
}

// confirmed says that an operation is known to have happened, by reading.
func (a ownOperation) confirmed() bool { return a.op.Result == audit.Applied && a.op.Confirmed }

// deletedID is the id that an act takes away: a re-issue has two.
func (a ownOperation) deletedID() string {
	if a.op.Target.FormerID != "" {
		return a.op.Target.FormerID
	}
	return a.op.Target.ID
}

// mayHaveCreated says whether an act made, or may have made, what a reading shows: by its id, by our mark, or by its
// name as long as its id is not known.
func (a ownOperation) mayHaveCreated(kind access.Kind, id string, h principal) bool {
	if !a.effects.Creates || a.op.Target.Kind != kind {
		return false
	}
	switch {
	case a.matchesTag(h):
		return true
	case a.createdIDKnown():
		return a.op.Target.ID == id
	case a.op.Result == audit.PartlyApplied && !a.op.Open:
		return false // a re-issue that ended with the deletion
	case kind == access.Key:
		return a.intent.Name == h.Name
	default:
		return a.intent.Login == h.Name
	}
}

// matchesByIDOrTag says that what an act may have made is told by more than its name: by its id or by our mark.
func (a ownOperation) matchesByIDOrTag(h principal) bool {
	return a.matchesTag(h) || a.createdIDKnown()
}

func (a ownOperation) matchesTag(h principal) bool { return a.op.Tag != "" && a.op.Tag == h.tag }

// createdIDKnown says whether the id of what an act made is known. Until then a re-issue has that of what it takes
// away.
func (a ownOperation) createdIDKnown() bool {
	return a.op.Target.ID != "" && (!a.effects.IsReissue() || a.op.Target.FormerID != "")
}

// mayHaveDeleted says whether an act took, or may have taken, something away: itself, or a key along with its
// subuser, since what becomes of those is not published.
func (a ownOperation) mayHaveDeleted(kind access.Kind, id string, h principal, ownersKnown bool) bool {
	if !a.effects.Deletes {
		return false
	}
	return a.op.Target.Kind == kind && a.deletedID() == id || a.affectsKey(kind, id, h, ownersKnown)
}

// affectsKey says whether a key is one that an act on a subuser touches along with the subuser, as far as it is known
// whose it is.
func (a ownOperation) affectsKey(kind access.Kind, id string, h principal, ownersKnown bool) bool {
	if kind != access.Key || a.op.Target.Kind != access.Subuser {
		return false
	}
	if h.Owner != 0 {
		return strconv.FormatInt(h.Owner, 10) == a.deletedID()
	}
	return !ownersKnown || slices.ContainsFunc(a.intent.Keys, func(k operations.KeyRef) bool { return k.ID == id })
}

// roleChanges are the roles that an act gives and takes, of a target with this id.
func (a ownOperation) roleChanges(kind access.Kind, id string, h principal, ownersKnown bool) (grant, revoke []int64) {
	switch {
	case a.mayHaveCreated(kind, id, h):
		return roleIDs(append(slices.Clone(a.intent.Grant), a.intent.Before...)), nil
	case a.effects.RevokesFromKeys && a.affectsKey(kind, id, h, ownersKnown):
		return nil, roleIDs(a.intent.Revoke)
	case a.op.Target.Kind == kind && a.op.Target.ID == id && a.effects.ChangesRoles:
		return roleIDs(a.intent.Grant), roleIDs(a.intent.Revoke)
	}
	return nil, nil
}

// mayHaveSetTexts says whether an act sets the texts of a target.
func (a ownOperation) mayHaveSetTexts(kind access.Kind, id string, h principal) bool {
	return a.edits(kind, id) || a.mayHaveCreated(kind, id, h)
}

func (a ownOperation) edits(kind access.Kind, id string) bool {
	return a.effects.SetsDescription && a.op.Target.Kind == kind && a.op.Target.ID == id
}

func roleIDs(roles []operations.RoleRef) []int64 {
	all := make([]int64, 0, len(roles))
	for _, r := range roles {
		all = append(all, r.ID)
	}
	return all
}
