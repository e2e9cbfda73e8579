package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Show returns an operation and its events. An operator with audit.view may see every operation, one with audit.own
// their own. It fails with policy.Denied or audit.ErrNotFound.
func (s *Service) Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error) {
	if !s.Policy.May(o, policy.AuditOwn) && !s.Policy.May(o, policy.AuditView) {
		return audit.Operation{}, nil, &policy.Denied{Permission: policy.AuditView}
	}
	op, events, err := s.AuditLog.OperationWithEvents(ctx, id)
	if err != nil {
		return audit.Operation{}, nil, err
	}
	if !s.Policy.MaySeeOperation(o, op.Actor.ID()) {
		return audit.Operation{}, nil, &policy.Denied{Permission: policy.AuditView}
	}
	return op, events, nil
}

// LaterCreation returns the newest operation that has created a principal with the same name since; found is false when
// the audit log contains none.
func (s *Service) LaterCreation(
	ctx context.Context,
	op audit.Operation,
) (later audit.Operation, found bool, err error) {
	return s.AuditLog.LaterCreation(ctx, op, CreatingActions()...)
}

// CreatedAgain returns the operation that created a principal with the name of one that op deleted; found is false when
// the audit log contains none, or when that principal was or may have been deleted since.
func (s *Service) CreatedAgain(ctx context.Context, op audit.Operation) (by audit.Operation, found bool, err error) {
	by, found, err = s.LaterCreation(ctx, op)
	if err != nil || !found {
		return audit.Operation{}, false, err
	}
	deleted, err := s.AuditLog.HasLaterDeletion(ctx, by, DeletingActions()...)
	return by, err == nil && !deleted, err
}

// laterChangesRead is the number of later operations that LaterChanges reads.
const laterChangesRead = 200

// LaterChanges returns the newest operations that changed or may have changed the target since, newest first, at most
// 200.
func (s *Service) LaterChanges(ctx context.Context, op audit.Operation) ([]audit.Operation, error) {
	return s.AuditLog.LaterChanges(ctx, op, laterChangesRead)
}
