package bulk

import (
	"cmp"
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Undo drafts a new bulk change that reverses an ended one: for each principal exactly what the audit log has as
// applied, as far as the principal still has it. Its preview names what was changed later. It returns *policy.Denied,
// ErrNotFound, *StateConflict, *operations.Invalid (field "rows") when there is nothing to undo, *audit.Mismatch when
// the bulk change was changed in the database, or an error of the planning.
func (s *Service) Undo(ctx context.Context, request operations.Request, id string) (Change, error) {
	c, err := s.visible(ctx, request.Operator, id)
	if err != nil {
		return Change{}, err
	}
	if err := s.Policy.Require(request.Operator, policy.BulkStart); err != nil {
		return Change{}, err
	}
	if c.Change, err = s.count(ctx, c); err != nil {
		return Change{}, err
	}
	if !c.Ended() || c.Counts.InProgress > 0 {
		return Change{}, &StateConflict{Change: c.Change}
	}
	counts := c.Counts
	if _, c, err = s.prove(ctx, id); err != nil {
		return Change{}, err
	}
	reverse, possible := c.Reverse()
	if !possible {
		return Change{}, invalid("rows", "A deletion cannot be undone.")
	}
	if err := s.require(request.Operator, reverse); err != nil {
		return Change{}, err
	}
	applied, _, err := s.appliedOperations(ctx, c)
	if err != nil {
		return Change{}, err
	}
	if len(applied) == 0 {
		return Change{}, invalid("rows", "Nothing of this bulk change was applied.")
	}
	reverse.LeftOut = counts.Total - counts.Unchanged - len(applied)
	targets := Targets{Kind: c.PrincipalKind}
	undone := make(undoneOperations, len(applied))
	for _, op := range applied {
		targets.Refs = append(targets.Refs, op.Target.Ref)
		undone[op.Target.Ref] = op
	}
	if reverse.Kind == Delete {
		return s.planDelete(ctx, request, targets, undone, reverse)
	}
	return s.planRoles(
		ctx,
		request,
		targets,
		func(t target) access.Difference { return undone[t.Ref].intent.Reverse() },
		undone,
		reverse,
	)
}

// Reverse returns the bulk change that undoes this one, without items. possible is false for a deletion.
func (c Change) Reverse() (reverse Change, possible bool) {
	descriptor, err := c.descriptor()
	if err != nil {
		return Change{}, false
	}
	undo, err := operations.DescriptorOf(descriptor.Undo)
	if err != nil || undo.Creates {
		return Change{}, false
	}
	return Change{Kind: Kind(undo.Verb), PrincipalKind: c.PrincipalKind, UndoOf: c.ID}, true
}

// appliedOperation is an operation of a bulk change that had an effect.
type appliedOperation struct {
	audit.Operation
	intent operations.Intent
}

// appliedOperations returns the operations of a bulk change that can be undone, the first one first. rest is the number
// of those that were applied, or a part of them, and cannot: they are open, or what they created has no known id.
func (s *Service) appliedOperations(
	ctx context.Context,
	c storedChange,
) (applied []appliedOperation, rest int, err error) {
	all, err := s.AuditLog.Operations(
		ctx,
		audit.Filter{Account: c.Account, BulkID: c.ID, Limit: MaxItems * (len(rateLimitDelays()) + 1)},
	)
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(all, func(a, b audit.Operation) int { return cmp.Compare(a.LastSeq, b.LastSeq) })
	for _, op := range all {
		if !operations.HadEffect(op) || op.Target.ID == "" {
			if op.Result == audit.Applied || op.Result == audit.PartlyApplied {
				rest++
			}
			continue
		}
		intent, err := operations.ReadIntent(op)
		if err != nil {
			return nil, 0, err
		}
		applied = append(applied, appliedOperation{op, intent})
	}
	return applied, rest, nil
}

// Undone is what of a bulk change was taken back later.
type Undone struct {
	By    map[string]audit.Operation // the operation that undid another one, by the id of that
	Whole bool                       // all operations that were applied, or a part of them, were undone
}

// Undone returns what of a bulk change was taken back later, by a bulk change or by single operations. Errors as for
// Show.
func (s *Service) Undone(ctx context.Context, o operator.Operator, id string) (Undone, error) {
	c, err := s.visible(ctx, o, id)
	if err != nil {
		return Undone{}, err
	}
	sameName := slices.Concat(operations.CreatingActions(), operations.DeletingActions())
	later, err := s.AuditLog.LaterThanBulk(ctx, c.ID, sameName...)
	if err != nil || len(later) == 0 {
		return Undone{}, err
	}
	onTarget, withName := map[access.Ref][]audit.Operation{}, map[string][]audit.Operation{}
	for _, op := range later {
		onTarget[op.Target.Ref] = append(onTarget[op.Target.Ref], op)
		if former := op.Target.FormerID; former != "" {
			ref := access.Ref{Kind: op.Target.Kind, ID: former}
			onTarget[ref] = append(onTarget[ref], op)
		}
		withName[op.Target.Name] = append(withName[op.Target.Name], op)
	}
	applied, rest, err := s.appliedOperations(ctx, c)
	if err != nil {
		return Undone{}, err
	}
	undone := Undone{By: map[string]audit.Operation{}}
	for _, op := range applied {
		others := onTarget[op.Target.Ref]
		if c.Kind == Delete {
			others = withName[op.Target.Name]
		}
		if by, found := operations.UndoneBy(op.Operation, others); found {
			undone.By[op.ID] = by
		}
	}
	undone.Whole = rest == 0 && len(applied) > 0 && len(undone.By) == len(applied)
	return undone, nil
}

// undoneOperations are the operations that an undo reverses, by their targets.
type undoneOperations map[access.Ref]appliedOperation

// noteLaterChanges names what was changed since the operation that the item undoes.
func (u undoneOperations) noteLaterChanges(a accountState, t target, item *Item) {
	undone, found := u[t.Ref]
	if !found {
		return
	}
	if t.missing {
		item.Name = undone.Target.Name
	}
	if item.State == Skipped {
		return
	}
	direct := t.DirectRoleIDs()
	switch {
	case undone.Result == audit.PartlyApplied:
		item.addNote("Only a part of the change was applied.")
	case !access.SameRoles(direct, undone.intent.RolesAfter()):
		item.addNote("The roles were changed later.")
	default:
		return
	}
	needed := undone.intent.ReverseFor(direct)
	for _, role := range a.refs(access.Without(undone.intent.Reverse().Grant, needed.Grant)) {
		item.addNote("Already has " + role.Name + ".")
	}
	for _, role := range a.refs(access.Without(undone.intent.Reverse().Revoke, needed.Revoke)) {
		item.addNote("No longer has " + role.Name + ".")
	}
}
