package operations

import (
	"context"
	"errors"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// executeOnTarget runs an act on something that exists: permission, the form's first use, and then try, from the fresh
// reading on. seen is the newest event on the target before that reading. When another operation on the target ended
// between the reading and the intent, it is tried again: the next reading shows what that one did.
func (s *Service) executeOnTarget(
	ctx context.Context,
	request Request,
	action audit.Action,
	target audit.Target,
	permission policy.Permission,
	attempt func(ctx context.Context, lastSeq int64) (Outcome, error),
) (Outcome, error) {
	if err := s.Policy.Require(request.Operator, permission); err != nil {
		return Outcome{}, err
	}
	if err := s.checkRepeated(ctx, request, action, target); err != nil {
		return Outcome{}, err
	}
	for {
		lastSeq, err := s.AuditLog.LastSeq(ctx, request.Account, target)
		if err != nil {
			return Outcome{}, errors.Join(ErrAuditLogUnavailable, err)
		}
		deleted, err := s.AuditLog.WasDeleted(ctx, request.Account, target, DeletingActions()...)
		switch {
		case err != nil:
			return Outcome{}, errors.Join(ErrAuditLogUnavailable, err)
		case deleted:
			return Outcome{}, directory.ErrNotFound
		}
		out, err := attempt(ctx, lastSeq)
		if err == nil {
			return out, nil
		}
		// The same form, sent twice at once: what looks like a conflict is our own change.
		if repeated := s.checkRepeated(ctx, request, action, target); repeated != nil {
			return Outcome{}, repeated
		}
		if !errors.Is(err, audit.ErrConflict) {
			return Outcome{}, err
		}
	}
}

// The names of what an operation holds while it is open.
func subuserLock(id int64) string   { return fmt.Sprintf("subuser/%d", id) }
func loginLock(login string) string { return "subuser-login/" + login }
func keyLock(id string) string      { return "key/" + id }

// formError makes the error of a form from what is wrong with its fields and its reason, nil when nothing is.
func (s *Service) formError(problems map[string]string, reason string) error {
	if problem := s.reasonProblem(reason); problem != "" {
		problems["reason"] = problem
	}
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{Fields: problems}
}
