package operations

import (
	"context"
	"errors"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Resolve closes an open operation with the outcome that an operator states, Applied or NotApplied, and a reason, which
// is required. It fails with policy.Denied, policy.StaleSignIn, Invalid, audit.ErrNotFound or ErrAuditLogUnavailable.
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
		problems["reason"] = "Enter how you know. A reason is required here."
	} else if text := ReasonProblem(request.Reason, true); text != "" {
		problems["reason"] = text
	}
	if result != audit.Applied && result != audit.NotApplied {
		problems["result"] = "Choose whether the change was made."
	}
	running := false
	if op.Open {
		events, err := s.AuditLog.Events(ctx, op.ID)
		if err != nil {
			return audit.Operation{}, err
		}
		if running, err = s.isRunning(ctx, op, events); err != nil {
			return audit.Operation{}, err
		}
	}
	if !op.Open || running {
		problems["result"] = "This operation is not open."
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
				"result": "This operation changed meanwhile. Check it again.",
			},
		}
	}
	if err != nil {
		return op, errors.Join(ErrAuditLogUnavailable, err)
	}
	return resolved, nil
}
