package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ReissueSubuser gives somebody whose password is lost a new one, in the only way there is: the subuser is deleted
// and created again with the same login, description and direct roles. The login is unique and cannot be changed,
// so the deletion comes first.
type ReissueSubuser struct {
	Request
	SubuserID int64
	Base      []int64       // the direct roles that the page was drawn from
	Confirm   string        // the typed login
	Warned    []Warning     // the warnings that the page showed
	Password  config.Secret // empty: one is generated and handed out in the Outcome, once
	// Login and Description are for Code alone: what is created again is what the fresh reading shows.
	Login, Description string
}

// VendorCalls is the act as calls of the Management API.
func (c ReissueSubuser) VendorCalls() []VendorCall {
	create := CreateSubuser{Login: c.Login, Description: c.Description, Roles: c.Base, Offered: c.Base}
	return append(DeleteSubuser{SubuserID: c.SubuserID}.VendorCalls(), create.VendorCalls()...)
}

// ReissueSubuserForm reads what DeleteSubuserForm does. Errors as for EditSubuserForm.
func (s *Service) ReissueSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (SubuserForm, error) {
	return s.deletionForm(ctx, o, policy.SubusersReissue, account, id)
}

// ReissueSubuser deletes and creates. When the deletion is certain and the creation is not, the outcome is Partly or
// Unknown: nobody has the login then, or nobody knows, and CreateSubuser with Finishes brings it to its end. Errors as
// for DeleteSubuser.
func (s *Service) ReissueSubuser(ctx context.Context, c ReissueSubuser) (Outcome, error) {
	target := audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: formatID(c.SubuserID)}}
	password, generated, err := s.passwordFor(c.Password)
	if err != nil {
		return Outcome{}, err
	}
	out, err := s.executeOnTarget(
		ctx,
		c.Request,
		audit.ReissueSubuser,
		target,
		policy.SubusersReissue,
		func(ctx context.Context, lastSeq int64) (Outcome, error) {
			form, err := s.ReissueSubuserForm(ctx, c.Operator, c.Account, c.SubuserID)
			if err != nil {
				return Outcome{}, err
			}
			if err := s.checkDeletion(c.Request, form, c.Base, c.Warned, c.Confirm, reissueProblems(c, form)); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Subuser.Login
			p := plan{request: c.Request, action: audit.ReissueSubuser, target: target, intent: deletionIntent(form)}
			p.intent.Grant, p.intent.PasswordGenerated = p.intent.Before, generated
			p.guard = audit.Guard{Locks: append(deletionLocks(form), loginLock(form.Subuser.Login)), LastSeq: &lastSeq}
			if !s.NoTags {
				p.tag = tagOf(c.ID)
			}
			out, err := s.start(ctx, p, s.reissueExecution(c, form, p.tag, password))
			out.RemainingKeys = s.remainingKeys(ctx, c.Account, form.Keys, out)
			return out, err
		},
	)
	return out.withPassword(password, generated), err
}

// reissueProblems says what stands in the way, by field.
func reissueProblems(c ReissueSubuser, form SubuserForm) map[string]string {
	problems := map[string]string{}
	if !c.Password.Empty() {
		if problem := passwordProblem(c.Password.Reveal()); problem != "" {
			problems["password"] = problem
		}
	}
	if !form.Catalogue.Known {
		problems[""] = "The roles of the account are not known at the moment, so it is not certain that all of them could " +
			"be given again. Nothing was sent; try again in a moment."
	}
	return problems
}

// reissueExecution is the deletion and the creation. The description carries the mark of this operation, never the
// old one.
func (s *Service) reissueExecution(c ReissueSubuser, form SubuserForm, tag string, password config.Secret) execution {
	var id int64
	create := step{method: "AddSubUser", send: func(ctx context.Context) (err error) {
		id, err = s.Writer.AddSubUser(ctx, c.Account, voxapi.NewSubUser{
			Login: form.Subuser.Login, Password: password, RoleIDs: form.Subuser.DirectRoleIDs(),
			Description: directory.WithTag(form.Subuser.Description, tag),
		})
		return err
	}}
	return execution{
		steps:         []step{s.deleteStep(c.Account, c.SubuserID), create},
		subuserBefore: form.Subuser,
		checkLocked:   s.recheckLastOwner(form),
		setTargetID: func(op *audit.Operation) {
			if id != 0 {
				op.Target.ID, op.Target.FormerID = formatID(id), formatID(c.SubuserID)
			}
		},
	}
}
