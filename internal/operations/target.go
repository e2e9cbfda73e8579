package operations

import (
	"context"
	"errors"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// onTarget runs an act on something that exists: permission, the form's first use, and then try, from the fresh
// reading on. seen is the newest event on the target before that reading. When another operation on the target ended
// between the reading and the intent, it is tried again: the next reading shows what that one did.
func (s *Service) onTarget(
	ctx context.Context,
	a Act,
	action audit.Action,
	target audit.Target,
	permission policy.Permission,
	try func(ctx context.Context, seen int64) (Outcome, error),
) (Outcome, error) {
	if err := s.Policy.Require(a.Operator, permission); err != nil {
		return Outcome{}, err
	}
	if err := s.seenBefore(ctx, a, action, target); err != nil {
		return Outcome{}, err
	}
	for {
		seen, err := s.Record.LastSeq(ctx, a.Account, target)
		if err != nil {
			return Outcome{}, errors.Join(ErrRecord, err)
		}
		departed, err := s.Record.WasDeleted(ctx, a.Account, target, audit.DeleteSubuser, audit.ReissueSubuser, audit.DeleteKey)
		switch {
		case err != nil:
			return Outcome{}, errors.Join(ErrRecord, err)
		case departed:
			return Outcome{}, directory.ErrNotFound
		}
		out, err := try(ctx, seen)
		if err == nil {
			return out, nil
		}
		// The same form, sent twice at once: what looks like a conflict is our own change.
		if again := s.seenBefore(ctx, a, action, target); again != nil {
			return Outcome{}, again
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

// invalid makes the error of a form from what is wrong with its fields and its reason, nil when nothing is.
func (s *Service) invalid(problems map[string]string, reason string) error {
	if problem := s.reasonProblem(reason); problem != "" {
		problems["reason"] = problem
	}
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{Fields: problems}
}
