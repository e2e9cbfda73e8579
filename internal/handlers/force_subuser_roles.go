package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// forceHref returns the path of the page that makes a refused change by force, "" when force would not help or this
// operator may not use it.
func (a *App) forceHref(c operations.ChangeRoles, out operations.Outcome) string {
	if !operations.NeedsForce(out.Call.Code) || !a.may(c.Operator, c.Ref.Kind, operations.VerbForce) {
		return ""
	}
	return changePath(c.Ref, "/force", c.Difference()) + "&refused=" + url.QueryEscape(out.Operation.ID)
}

// refusedReason returns the reason of the refused operation that the URL names, "" when it names none on this subuser.
func (a *App) refusedReason(r *http.Request, s operationReader, ref access.Ref) (string, error) {
	id := r.URL.Query().Get("refused")
	if id == "" {
		return "", nil
	}
	op, _, err := s.Show(r.Context(), stateOf(r).operator, id)
	if err != nil || op.Account != a.Account || op.Target.Ref != ref {
		return "", err
	}
	return op.Reason, nil
}

// showForce shows what a change by force would do. The URL contains the change, and the operation that was refused.
func (a *App) showForce(s rolesChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, access.Subuser)
		if err != nil {
			return err
		}
		q := r.URL.Query()
		change := access.Difference{Grant: parseIDs(q["grant"]), Revoke: parseIDs(q["revoke"])}
		reason, err := a.refusedReason(r, s, ref)
		if err != nil {
			return err
		}
		return a.forcePage(w, r, s, ref, change, reason, formFeedback{status: http.StatusOK})
	}
}

// forcePage shows the page for a change of the present roles.
func (a *App) forcePage(
	w http.ResponseWriter,
	r *http.Request,
	s rolesChanger,
	ref access.Ref,
	change access.Difference,
	reason string,
	feedback formFeedback,
) error {
	o := stateOf(r).operator
	form, err := s.RolesForm(r.Context(), o, a.Account, ref)
	if err != nil {
		return err
	}
	c := operations.ChangeRoles{
		Request: operations.Request{ID: form.ID, Operator: o, Account: a.Account},
		Ref:     ref,
		Base:    form.Base,
		Offered: form.Offered(),
		Ticked:  change.Apply(form.Base),
		Force:   true,
	}
	diff, err := s.PreviewForm(r.Context(), c, form)
	if err != nil {
		return err
	}
	if len(diff.Revoke) == 0 {
		return redirect(w, r, ref.Path()+"/roles")
	}
	p := form.Principal
	m := subusers.Force{
		FormFeedback:   feedback.FormFeedback,
		Frame:          a.principalFrame(r, p, subusers.ForceHeading(p.Name)),
		Principal:      p,
		OperationID:    form.ID,
		Base:           c.Base,
		Offered:        c.Offered,
		Ticked:         c.Ticked,
		Keys:           namedKeys(diff.Keys),
		Blocked:        diff.BlockedReason,
		Change:         differenceView(diff),
		Expected:       operations.Confirmation(p),
		Confirm:        stateOf(r).form.text("confirm"),
		Reason:         reason,
		ReasonRequired: a.RequireReason || len(diff.PrivilegedGrants) > 0,
	}
	m.Code, m.Frame.Failed = a.curlCommands(c.VendorCalls()), feedback.status != http.StatusOK
	m.WarningIDs, m.Warnings = warningBanners(diff.Warnings, p.Name)
	return a.render(w, r, feedback.status, subusers.ForcePage(m))
}

// forceRoles makes the change by force.
func (a *App) forceRoles(s rolesChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, access.Subuser)
		if err != nil {
			return err
		}
		c, err := a.readRolesForm(r, ref)
		if err != nil {
			return err
		}
		c.Force, c.Warned = true, shownWarnings(stateOf(r).form)
		out, err := s.ChangeRoles(r.Context(), c)
		if _, changed := errors.AsType[*operations.Conflict](err); changed {
			err = &operations.FormOutdated{}
		}
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			return a.forcePage(w, r, s, ref, c.Difference(), c.Reason, feedback)
		case out.Result == audit.Applied:
			return a.redirectToResult(w, r, out, subusers.ForcedMessage(out.Principal.Name))
		default:
			return a.renderRolesOutcome(w, r, s, out)
		}
	}
}
