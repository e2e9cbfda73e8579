package operations

import (
	"context"
	"errors"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// executeOnTarget runs the action with a verb on an existing principal. It checks the permission and that the form was
// not sent before, and then calls attempt with a plan that lacks the intent. When another operation on the principal
// ended between the reading and the intent, it calls attempt again: the next reading shows what that operation did.
func (s *Service) executeOnTarget(
	ctx context.Context,
	request Request,
	verb Verb,
	ref access.Ref,
	attempt func(ctx context.Context, p plan) (Outcome, error),
) (Outcome, error) {
	descriptor, err := DescriptorFor(ref.Kind, verb)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.Policy.Require(request.Operator, descriptor.Permission); err != nil {
		return Outcome{}, err
	}
	target := audit.Target{Ref: ref}
	if err := s.checkRepeated(ctx, request, descriptor.Action, target); err != nil {
		return Outcome{}, err
	}
	for {
		// Read before the principal, so that an operation that ends after the reading is a conflict.
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
		out, err := attempt(ctx, plan{
			request:    request,
			descriptor: descriptor,
			target:     target,
			guard:      audit.Guard{Locks: []string{principalLock(ref)}, LastSeq: &lastSeq},
		})
		if err == nil {
			return out, nil
		}
		// Of a form that was sent twice at once, the second sees the change of the first as a conflict.
		if repeated := s.checkRepeated(ctx, request, descriptor.Action, target); repeated != nil {
			return Outcome{}, repeated
		}
		if !errors.Is(err, audit.ErrConflict) {
			return Outcome{}, err
		}
	}
}

// principalLock returns the name of the lock that an open operation on a principal holds: "subuser/7".
func principalLock(ref access.Ref) string { return string(ref.Kind) + "/" + ref.ID }

// loginLock returns the name of the lock that an operation holds while it creates a subuser with a login.
func loginLock(login string) string { return "subuser-login/" + login }

// formError returns Invalid for what is wrong with the fields and the reason of a form, nil when nothing is. The grant
// of privileged roles needs a reason.
func (s *Service) formError(problems map[string]string, reason string, privilegedGrants []int64) error {
	problem := ReasonProblem(reason, s.RequireReason)
	if len(privilegedGrants) > 0 {
		problem = PrivilegedReasonProblem(reason)
	}
	if problem != "" {
		problems["reason"] = problem
	}
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{Fields: problems}
}

// notFound reports whether a reading found that the principal does not exist.
func notFound(err error) bool { return errors.Is(err, directory.ErrNotFound) }
