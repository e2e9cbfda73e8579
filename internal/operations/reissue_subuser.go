package operations

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// ReissueSubuser replaces a lost password. Voximplant cannot reset a password without the current one, so the subuser
// is deleted and created again with the same login, description and direct roles. A login is unique and cannot be
// changed, so the deletion comes first.
type ReissueSubuser struct {
	Request
	SubuserID int64
	Base      []int64       // the direct roles that the page was built from
	Confirm   string        // the typed login
	Warned    []Warning     // the warnings that the page showed
	Password  config.Secret // empty: one is generated and returned in the Outcome, once
	// Login and Description are for VendorCalls only: the operation creates what it reads.
	Login, Description string
}

// deletion returns the first half of the re-issue.
func (c ReissueSubuser) deletion() Delete {
	return Delete{
		Request: c.Request,
		Ref:     access.SubuserRef(c.SubuserID),
		Base:    c.Base,
		Confirm: c.Confirm,
		Warned:  c.Warned,
	}
}

// VendorCalls returns the calls that the re-issue makes.
func (c ReissueSubuser) VendorCalls() []VendorCall {
	create := CreateSubuser{Login: c.Login, Description: c.Description, Roles: c.Base, Offered: c.Base}
	return append(c.deletion().VendorCalls(), create.VendorCalls()...)
}

// ReissueSubuserForm reads what DeleteForm reads. It fails as EditForm does.
func (s *Service) ReissueSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (Form, error) {
	if err := s.requireVerb(o, access.Subuser, VerbReissue); err != nil {
		return Form{}, err
	}
	return s.readDeletionForm(ctx, o, account, access.SubuserRef(id), s.forDrawing(account))
}

// ReissueSubuser deletes the subuser and creates it again. When the deletion is certain and the creation is not, the
// result is PartlyApplied or Unknown; CreateSubuser with Finishes then completes it. Its errors are those of Delete.
func (s *Service) ReissueSubuser(ctx context.Context, c ReissueSubuser) (Outcome, error) {
	password, generated, err := s.passwordFor(c.Password)
	if err != nil {
		return Outcome{}, err
	}
	ref := access.SubuserRef(c.SubuserID)
	out, err := s.executeOnTarget(ctx, c.Request, VerbReissue, ref, func(ctx context.Context, p plan) (Outcome, error) {
		form, err := s.readDeletionForm(ctx, c.Operator, c.Account, ref, s.forDecision(c.Request))
		if err != nil {
			return Outcome{}, err
		}
		granted := form.Principal.DirectRoleIDs()
		if err := s.checkDeletion(c.deletion(), form, reissueProblems(c, form), granted); err != nil {
			return Outcome{}, err
		}
		p.planDeletion(form)
		p.intent.Grant, p.intent.PasswordGenerated = p.intent.Before, generated
		p.guard.Locks = append(p.guard.Locks, loginLock(form.Principal.Name))
		p.tag = s.newTag(c.ID)
		out, err := s.start(ctx, p, s.reissueExecution(c.Account, form, p.tag, password))
		out.RemainingKeys = s.remainingKeys(ctx, c.Account, form.Keys, out)
		return out, err
	})
	return out.withPassword(password, generated), err
}

// reissueProblems returns what is wrong with the form, by field; "" is the field of the whole form.
func reissueProblems(c ReissueSubuser, form Form) map[string]string {
	problems := map[string]string{}
	if !c.Password.Empty() {
		if problem := passwordProblem(c.Password.Reveal()); problem != "" {
			problems["password"] = problem
		}
	}
	if !form.Catalogue.Known {
		problems[""] = "The role catalogue could not be read, so it is not certain that all roles can be granted again. " +
			"Nothing was sent. Try again in a moment."
	}
	return problems
}

// reissueExecution deletes and creates. The new description ends in the tag of this operation, not in the old one.
func (s *Service) reissueExecution(account int64, form Form, tag string, password config.Secret) execution {
	var id int64
	former := form.Principal
	newSubuser := voxapi.NewSubUser{
		Login:       former.Name,
		Password:    password,
		RoleIDs:     former.DirectRoleIDs(),
		Description: directory.WithTag(former.Description, tag),
	}
	create := step{method: "AddSubUser", send: func(ctx context.Context) (err error) {
		id, err = s.Writer.AddSubUser(ctx, account, newSubuser)
		return err
	}}
	return execution{
		steps:       []step{s.deleteStep(account, former.Ref), create},
		before:      former,
		checkLocked: s.recheckLastOwner(form),
		setTargetID: func(op *audit.Operation) {
			if id != 0 {
				op.Target.ID, op.Target.FormerID = access.SubuserRef(id).ID, former.ID
			}
		},
	}
}
