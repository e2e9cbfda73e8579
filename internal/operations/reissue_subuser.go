package operations

import (
	"context"

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
	Act
	SubuserID int64
	Base      []int64       // the direct roles that the page was drawn from
	Confirm   string        // the typed login
	Warned    []Warning     // the warnings that the page showed
	Password  config.Secret // empty: one is generated and handed out in the Outcome, once
	// Login and Description are for Code alone: what is created again is what the fresh reading shows.
	Login, Description string
}

// Code is the act as calls of the Management API.
func (c ReissueSubuser) Code() []VendorCall {
	create := CreateSubuser{Login: c.Login, Description: c.Description, Roles: c.Base, Offered: c.Base}
	return append(DeleteSubuser{SubuserID: c.SubuserID}.Code(), create.Code()...)
}

// ReissueSubuserForm reads what DeleteSubuserForm does. Errors as for EditSubuserForm.
func (s *Service) ReissueSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (SubuserForm, error) {
	return s.departureForm(ctx, o, policy.SubusersReissue, account, id)
}

// ReissueSubuser deletes and creates. When the deletion is certain and the creation is not, the outcome is Partly or
// Unknown: nobody has the login then, or nobody knows, and CreateSubuser with Finishes brings it to its end. Errors as
// for DeleteSubuser.
func (s *Service) ReissueSubuser(ctx context.Context, c ReissueSubuser) (Outcome, error) {
	target := audit.Target{Kind: audit.SubuserTarget, ID: formatID(c.SubuserID)}
	password, generated, err := s.passwordFor(c.Password)
	if err != nil {
		return Outcome{}, err
	}
	out, err := s.onTarget(
		ctx,
		c.Act,
		audit.ReissueSubuser,
		target,
		policy.SubusersReissue,
		func(ctx context.Context, seen int64) (Outcome, error) {
			form, err := s.ReissueSubuserForm(ctx, c.Operator, c.Account, c.SubuserID)
			if err != nil {
				return Outcome{}, err
			}
			if err := s.departureProblems(c.Act, form, c.Base, c.Warned, c.Confirm, reissueProblems(c, form)); err != nil {
				return Outcome{}, err
			}
			target.Name = form.Subuser.Login
			p := plan{act: c.Act, action: audit.ReissueSubuser, target: target, intent: departureIntent(form)}
			p.intent.Grant, p.intent.PasswordGenerated = p.intent.Before, generated
			p.guard = audit.Guard{Locks: append(departureLocks(form), loginLock(form.Subuser.Login)), LastSeq: &seen}
			if !s.NoMarks {
				p.mark = markOf(c.ID)
			}
			out, err := s.act(ctx, p, s.reissue(c, form, p.mark, password))
			out.KeysAlive = s.alive(ctx, c.Account, form.Keys, out)
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

// reissue is the deletion and the creation. The description carries the mark of this operation, never the old one.
func (s *Service) reissue(c ReissueSubuser, form SubuserForm, mark string, password config.Secret) performance {
	var id int64
	create := step{method: "AddSubUser", send: func(ctx context.Context) (err error) {
		id, err = s.Writer.AddSubUser(ctx, c.Account, voxapi.NewSubUser{
			Login: form.Subuser.Login, Password: password, RoleIDs: form.Subuser.DirectRoleIDs(),
			Description: directory.WithTag(form.Subuser.Description, mark),
		})
		return err
	}}
	return performance{
		steps: []step{s.deleteStep(c.Account, c.SubuserID), create}, before: form.Subuser, still: s.stillMayGo(form),
		learn: func(op *audit.Operation) {
			if id != 0 {
				op.Target.ID, op.Target.FormerID = formatID(id), formatID(c.SubuserID)
			}
		},
	}
}
