package operations

import (
	"context"
	"errors"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Show answers an operation and its story, for those who may see it: anyone's with audit.view, one's own
// with audit.own. It fails with policy.Denied or audit.ErrNotFound.
func (s *Service) Show(ctx context.Context, o operator.Operator, id string) (audit.Operation, []audit.Event, error) {
	op, err := s.visibleOperation(ctx, o, id)
	if err != nil {
		return audit.Operation{}, nil, err
	}
	events, err := s.AuditLog.Events(ctx, id)
	return op, op.EventsUpTo(events), err
}

// LaterCreation answers what has meanwhile let somebody in again under the login of an operation that the operator was
// shown; found is false when the record knows of nothing.
func (s *Service) LaterCreation(
	ctx context.Context,
	op audit.Operation,
) (again audit.Operation, found bool, err error) {
	return s.AuditLog.LaterCreation(ctx, op, CreatingActions()...)
}

// visibleOperation answers an operation if the operator may see it in full.
func (s *Service) visibleOperation(ctx context.Context, o operator.Operator, id string) (audit.Operation, error) {
	if !s.Policy.May(o, policy.AuditOwn) && !s.Policy.May(o, policy.AuditView) {
		return audit.Operation{}, &policy.Denied{Permission: policy.AuditView}
	}
	op, err := s.AuditLog.Operation(ctx, id)
	if err != nil {
		return audit.Operation{}, err
	}
	if !s.Policy.MaySeeOperation(o, op.Actor.ID()) {
		return audit.Operation{}, &policy.Denied{Permission: policy.AuditView}
	}
	return op, nil
}

// Resolve closes an open operation with a person's word, Applied or NotApplied, and their reason, which
// is required. It fails with policy.Denied, policy.StaleSignIn, Invalid, audit.ErrNotFound or ErrRecord.
func (s *Service) Resolve(
	ctx context.Context,
	request Request,
	id string,
	result audit.Result,
) (audit.Operation, error) {
	if err := s.Policy.Require(request.Operator, policy.AuditResolve); err != nil {
		return audit.Operation{}, err
	}
	if err := policy.RequireRecentSignIn(
		request.Operator,
		s.Policy.IsAdminOnly(policy.AuditResolve),
		s.Now(),
	); err != nil {
		return audit.Operation{}, err
	}
	op, err := s.AuditLog.Operation(ctx, id)
	if err != nil {
		return audit.Operation{}, err
	}
	problems := map[string]string{}
	if strings.TrimSpace(request.Reason) == "" {
		problems["reason"] = "Say how you know: a reason is required here."
	} else if text := s.reasonProblem(request.Reason); text != "" {
		problems["reason"] = text
	}
	if result != audit.Applied && result != audit.NotApplied {
		problems["result"] = "Choose whether it happened or not."
	}
	running := op.Result == "" && s.Now().Before(op.CreatedAt.Add(orphanAge))
	if !op.Open || running {
		problems["result"] = "This operation does not wait to be settled."
	}
	if len(problems) > 0 {
		return op, &Invalid{Fields: problems}
	}
	resolved, err := s.AuditLog.Append(ctx, op, false, audit.Event{
		Kind:   audit.ResolutionEvent,
		At:     s.Now().UTC(),
		Result: result,
		Source: request.Operator.ID(),
		Note:   strings.TrimSpace(request.Reason),
	})
	if errors.Is(err, audit.ErrConflict) {
		return op, &Invalid{
			Fields: map[string]string{
				"result": "Something new came to this operation while you were writing. Look at it again.",
			},
		}
	}
	if err != nil {
		return op, errors.Join(ErrAuditLogUnavailable, err)
	}
	return resolved, nil
}
