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
	privilegedTeller
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
		form, err := s.ReissueSubuserForm(r.Context(), visitOf(r).operator, a.Account, id)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.ReissuePage(a.subuserReissuePage(w, r, s, form)))
	}
}

func (a *App) subuserReissuePage(
	w http.ResponseWriter,
	r *http.Request,
	s privilegedTeller,
	f operations.SubuserForm,
) subusers.DeletionForm {
	m := a.departurePage(w, r, s, f, subusers.ReissueHeading(f.Subuser.Login))
	m.Code = a.code(operations.ReissueSubuser{
		SubuserID: f.Subuser.ID, Base: f.Subuser.DirectRoleIDs(), Login: f.Subuser.Login, Description: f.Subuser.Description,
	}.Code())
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
		f := visitOf(r).form
		c := operations.ReissueSubuser{
			Act: a.act(
				r,
			), SubuserID: id, Confirm: f.text("confirm"), Warned: warningsOf(f), Password: config.NewSecret(f.exact("password")),
		}
		if c.Base, err = f.ids("base"); err != nil {
			return err
		}
		out, err := s.ReissueSubuser(r.Context(), c)
		why, err := a.stop(r, out, err)
		switch {
		case err != nil:
			return err
		case why.status != 0:
			form, err := s.ReissueSubuserForm(r.Context(), c.Operator, a.Account, id)
			if err != nil {
				return a.afterwards(w, r, out, err)
			}
			m := departAgain(a.subuserReissuePage(w, r, s, form), why, c.Act, c.Confirm)
			return a.render(w, r, why.status, subusers.ReissuePage(m))
		case !out.Password.Empty():
			return a.reissued(w, r, s, out)
		case out.Result == audit.Applied:
			return a.done(w, r, out, subusers.ReissuedMessage(out.Operation.Target.Name))
		default:
			return a.departedPage(w, r, out)
		}
	}
}

// reissued shows the new password, once.
func (a *App) reissued(w http.ResponseWriter, r *http.Request, s subuserReissuer, out operations.Outcome) error {
	m := a.handedOver(w, r, out, subusers.OriginReissue)
	m.RemainingKeys = keyRefs(out.KeysAlive)
	a.showRolesOf(r, s, &m, out)
	return a.render(w, r, http.StatusOK, subusers.CreatedPage(m))
}

// isReissue says whether an outcome is that of a re-issue.
func isReissue(out operations.Outcome) bool { return out.Operation.Action == audit.ReissueSubuser }
