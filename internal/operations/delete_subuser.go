package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// DeleteSubuser takes a subuser out of the account.
type DeleteSubuser struct {
	Request
	SubuserID int64
	Base      []int64   // the direct roles that the page was drawn from
	Confirm   string    // the typed login
	Warned    []Warning // the warnings that the page showed
}

// VendorCalls is the act as calls of the Management API.
func (c DeleteSubuser) VendorCalls() []VendorCall {
	return []VendorCall{{Method: "DelSubUser", Params: []Param{{Name: "subuser_id", Value: formatID(c.SubuserID)}}}}
}

// DeleteSubuserForm reads the subuser, their keys and the console's own key, and draws the page. Errors as for
// EditSubuserForm.
func (s *Service) DeleteSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (SubuserForm, error) {
	return s.deletionForm(ctx, o, policy.SubusersDelete, account, id)
}

// DeleteSubuser deletes the subuser, and then reads again every key that was known to be theirs: Outcome.KeysAlive.
// Errors as for EditSubuser, and OwnKey.
func (s *Service) DeleteSubuser(ctx context.Context, c DeleteSubuser) (Outcome, error) {
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: formatID(c.SubuserID)}}
	return s.executeOnTarget(
		ctx,
		c.Request,
		audit.DeleteSubuser,
		target,
		policy.SubusersDelete,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			form, err := s.DeleteSubuserForm(ctx, c.Operator, c.Account, c.SubuserID)
			if err != nil {
				return Outcome{}, err
			}
			if err := s.checkDeletion(c.Request, form, c.Base, c.Warned, c.Confirm, nil); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Subuser.Login
			p := plan{request: c.Request, action: audit.DeleteSubuser, target: target, intent: deletionIntent(form)}
			p.guard = audit.Guard{Locks: deletionLocks(form), LastSeq: &lastSeq}
			out, err := s.start(
				ctx,
				p,
				execution{
					steps:         []step{s.deleteStep(c.Account, c.SubuserID)},
					subuserBefore: form.Subuser,
					checkLocked:   s.recheckLastOwner(form),
				},
			)
			out.RemainingKeys = s.remainingKeys(ctx, c.Account, form.Keys, out)
			return out, err
		},
	)
}

// deleteStep is the call that deletes a subuser.
func (s *Service) deleteStep(account, id int64) step {
	return step{
		method: "DelSubUser",
		send:   func(ctx context.Context) error { return s.Writer.DelSubUser(ctx, account, id) },
	}
}

// deletionIntent is what is known of somebody who is about to go: enough to let them in again.
func deletionIntent(form SubuserForm) Intent {
	intent := Intent{
		Login:       form.Subuser.Login,
		Description: form.Subuser.Description,
		Before:      roleRefs(form.Catalogue, form.Subuser.DirectRoleIDs()),
	}
	for _, key := range form.Keys {
		intent.Keys = append(intent.Keys, KeyRef{ID: key.ID, Name: key.Name})
	}
	return intent
}

// remainingKeys reads again the keys that a subuser had, once the subuser is gone: what the vendor does with them is
// not published. A key that cannot be read counts as alive, so that somebody looks after it.
func (s *Service) remainingKeys(ctx context.Context, account int64, keys []directory.Key, out Outcome) []directory.Key {
	if out.Result != audit.Applied && out.Result != audit.PartlyApplied {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	var remaining []directory.Key
	for _, key := range keys {
		current, err := s.Directory.KeyByID(ctx, account, key.ID)
		switch {
		case err == nil:
			remaining = append(remaining, current)
		case !notFound(err):
			remaining = append(remaining, key)
		}
	}
	return remaining
}
