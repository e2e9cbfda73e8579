package handlers

import (
	"context"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// subuserReissuer deletes subusers and creates them again with a new password.
type subuserReissuer interface {
	privilegedRolesReader
	ReissueSubuserForm(ctx context.Context, o operator.Operator, account, id int64) (operations.Form, error)
	ReissueSubuser(ctx context.Context, c operations.ReissueSubuser) (operations.Outcome, error)
}

// showReissue shows what a re-issue does, and asks for the login.
func (a *App) showReissue(s subuserReissuer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, access.Subuser)
		if err != nil {
			return err
		}
		form, err := s.ReissueSubuserForm(r.Context(), stateOf(r).operator, a.Account, ref.SubuserID())
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, subusers.ReissuePage(a.reissuePage(r, s, form)))
	}
}

func (a *App) reissuePage(r *http.Request, roles privilegedRolesReader, f operations.Form) subusers.Reissue {
	p := f.Principal
	privileged := roles.PrivilegedRoles(f.Catalogue).With(p.Reported)
	m := subusers.Reissue{
		Frame:          a.principalFrame(r, p, subusers.ReissueHeading(p.Name)),
		Principal:      p,
		Roles:          roleAssignments(p.Roles, f.Catalogue, roles.PrivilegedRoles(f.Catalogue)),
		OperationID:    f.ID,
		Keys:           namedKeys(f.Keys),
		MayDeleteKeys:  a.may(stateOf(r).operator, access.Key, operations.VerbDelete),
		Blocked:        f.BlockedReason,
		Expected:       operations.Confirmation(p),
		ReasonRequired: a.RequireReason || privileged.MakesPrivileged(p.DirectRoleIDs()),
	}
	m.WarningIDs, m.Warnings = warningBanners(f.Warnings, p.Name)
	m.Code = a.curlCommands(operations.ReissueSubuser{
		SubuserID:   p.SubuserID(),
		Base:        p.DirectRoleIDs(),
		Login:       p.Name,
		Description: p.Description,
	}.VendorCalls())
	return m
}

// reissue deletes the subuser and creates it again. The new password is shown once, also while the outcome is unknown:
// if the new subuser exists, this is its password.
func (a *App) reissue(s subuserReissuer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, access.Subuser)
		if err != nil {
			return err
		}
		f := stateOf(r).form
		c := operations.ReissueSubuser{
			Request:   a.operationRequest(r),
			SubuserID: ref.SubuserID(),
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
			form, err := s.ReissueSubuserForm(r.Context(), c.Operator, a.Account, c.SubuserID)
			if err != nil {
				return a.redirectToOutcome(w, r, out, err)
			}
			m := a.reissuePage(r, s, form)
			feedback.Code = m.Code
			m.FormFeedback, m.Reason, m.Confirm, m.Frame.Failed = feedback.FormFeedback, c.Reason, c.Confirm, true
			if feedback.keepID {
				m.OperationID = c.ID
			}
			return a.render(w, r, feedback.status, subusers.ReissuePage(m))
		case !out.Password.Empty():
			m := a.newPasswordPage(r, out, subusers.OriginReissue)
			m.RemainingKeys = namedKeys(out.RemainingKeys)
			a.addRoles(r, s, &m, out)
			return a.render(w, r, http.StatusOK, subusers.CreatedPage(m))
		case out.Result == audit.Applied:
			return a.redirectToResult(w, r, out, subusers.ReissuedMessage(out.Operation.Target.Name))
		default:
			return a.renderReissued(w, r, out)
		}
	}
}

// renderReissued shows a re-issue that stopped after the deletion, or has an unknown outcome.
func (a *App) renderReissued(w http.ResponseWriter, r *http.Request, out operations.Outcome) error {
	o, login, result := stateOf(r).operator, out.Operation.Target.Name, page.Result(out.Result)
	m := subusers.Reissued{
		Frame:         a.kindFrame(r, access.Subuser, subusers.ReissuedHeading(login, result)),
		Login:         login,
		OperationID:   out.Operation.ID,
		Result:        result,
		RemainingKeys: namedKeys(out.RemainingKeys),
		MayDeleteKeys: a.may(o, access.Key, operations.VerbDelete),
		Vendor:        vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:        out.Advice,
		Unsaved:       out.Unsaved,
	}
	if a.isUnfinishedReissue(out.Operation) && a.may(o, access.Subuser, operations.VerbCreate) {
		m.FinishHref = "/subusers/new?finish=" + out.Operation.ID
	}
	return a.render(w, r, http.StatusOK, subusers.ReissuedPage(m))
}
