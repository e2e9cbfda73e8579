package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserPasswordChanger changes the password of a subuser, which needs the current one.
type subuserPasswordChanger interface {
	SubuserPasswordForm(ctx context.Context, o operator.Operator, account, id int64) (operations.Form, error)
	ChangeSubuserPassword(ctx context.Context, c operations.ChangeSubuserPassword) (operations.Outcome, error)
}

// showSubuserPassword shows the form for the password.
func (a *App) showSubuserPassword(s subuserPasswordChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, access.Subuser)
		if err != nil {
			return err
		}
		form, err := s.SubuserPasswordForm(r.Context(), stateOf(r).operator, a.Account, ref.SubuserID())
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.PasswordPage(a.subuserPasswordPage(r, form)))
	}
}

func (a *App) subuserPasswordPage(r *http.Request, f operations.Form) subusers.Password {
	principal := f.Principal
	m := subusers.Password{
		Frame:          a.principalFrame(r, principal, subusers.PasswordHeading(principal.Name)),
		Principal:      principal,
		OperationID:    f.ID,
		MayReissue:     a.may(stateOf(r).operator, access.Subuser, operations.VerbReissue),
		ReasonRequired: a.RequireReason,
	}
	m.Code = a.curlCommands(operations.ChangeSubuserPassword{SubuserID: f.Principal.SubuserID()}.VendorCalls())
	return m
}

// changeSubuserPassword changes the password. A generated password is shown once. Typed passwords are never filled in
// again.
func (a *App) changeSubuserPassword(s subuserPasswordChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, access.Subuser)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.ChangeSubuserPassword{
			Request:   a.operationRequest(r),
			SubuserID: ref.SubuserID(),
			Current:   config.NewSecret(f.exact("current")),
			New:       config.NewSecret(f.exact("password")),
		}
		out, err := s.ChangeSubuserPassword(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			form, err := s.SubuserPasswordForm(r.Context(), c.Operator, a.Account, ref.SubuserID())
			if err != nil {
				return err
			}
			m := a.subuserPasswordPage(r, form)
			feedback.Code = m.Code
			m.FormFeedback, m.Reason, m.InputDropped, m.Frame.Failed = feedback.FormFeedback, c.Reason, true, true
			if feedback.keepID {
				m.OperationID = c.ID
			}
			return a.render(w, r, feedback.status, subusers.PasswordPage(m))
		case !out.Password.Empty():
			return a.render(w, r, http.StatusOK, subusers.CreatedPage(a.newPasswordPage(r, out, subusers.OriginChange)))
		default:
			return a.redirectToResult(w, r, out, subusers.PasswordChangedMessage(out.Principal.Name))
		}
	}
}
