package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserReissuer gives somebody whose password is lost a new one.
type subuserReissuer interface {
	privilegedRolesReader
	ReissueSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (operations.SubuserForm, error)
	ReissueSubuser(ctx context.Context, c operations.ReissueSubuser) (operations.Outcome, error)
}

// showSubuserReissue shows what a re-issue does, and asks for the last word.
func (a *App) showSubuserReissue(s subuserReissuer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		form, err := s.ReissueSubuserForm(r.Context(), stateOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.ReissuePage(a.subuserReissuePage(w, r, s, form)))
	}
}

func (a *App) subuserReissuePage(
	w http.ResponseWriter,
	r *http.Request,
	s privilegedRolesReader,
	f operations.SubuserForm,
) subusers.DeletionForm {
	m := a.deletionPage(w, r, s, f, subusers.ReissueHeading(f.Subuser.Login))
	m.Code = a.curlCommands(operations.ReissueSubuser{
		SubuserID: f.Subuser.ID, Base: f.Subuser.DirectRoleIDs(), Login: f.Subuser.Login, Description: f.Subuser.Description,
	}.VendorCalls())
	return m
}

// reissueSubuser deletes and creates. The password is shown once, also when nobody knows yet whether the new subuser
// exists: if they do, this is their password.
func (a *App) reissueSubuser(s subuserReissuer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.ReissueSubuser{
			Request: a.operationRequest(
				r,
			),
			SubuserID: id,
			Confirm:   f.text("confirm"),
			Warned:    shownWarnings(f),
			Password:  config.NewSecret(f.exact("password")),
		}
		if c.Base, err = f.ids("base"); err != nil {
			return err
		}
		out, err := s.ReissueSubuser(r.Context(), c)
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			form, err := s.ReissueSubuserForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return a.redirectToOutcome(w, r, out, err)
			}
			m := refillDeletionPage(a.subuserReissuePage(w, r, s, form), feedback, c.Request, c.Confirm)
			return a.render(w, r, feedback.status, subusers.ReissuePage(m))
		case !out.Password.Empty():
			return a.renderReissued(w, r, s, out)
		case out.Result == audit.Applied:
			return a.redirectToResult(w, r, out, subusers.ReissuedMessage(out.Operation.Target.Name))
		default:
			return a.renderDeletionResult(w, r, out)
		}
	}
}

// renderReissued shows the new password, once.
func (a *App) renderReissued(w http.ResponseWriter, r *http.Request, s subuserReissuer, out operations.Outcome) error {
	m := a.newPasswordPage(w, r, out, subusers.OriginReissue)
	m.RemainingKeys = keyRefs(out.RemainingKeys)
	a.addRoles(r, s, &m, out)
	return a.render(w, r, http.StatusOK, subusers.CreatedPage(m))
}

// isReissue says whether an outcome is that of a re-issue.
func isReissue(out operations.Outcome) bool { return descriptorOf(out.Operation).IsReissue() }
