package handlers

import (
	"errors"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// forceHref returns the address of the page that offers force, or "" if force would not help or is not allowed.
func (a *App) forceHref(c roleChange, out operations.Outcome) string {
	if !operations.NeedsForce(out.Call.Code) || !a.Policy.May(c.Operator, policy.SubusersForce) {
		return ""
	}
	grant, revoke := c.Change()
	return forcePath(out.Subuser.ID, grant, revoke)
}

// showForce shows what force would do. The address carries the change.
func (a *App) showForce(s subuserRolesChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		q := r.URL.Query()
		return a.forcePage(
			w,
			r,
			s,
			id,
			initialChange{grant: parseIDs(q["grant"]), revoke: parseIDs(q["revoke"])},
			formFeedback{status: http.StatusOK},
			"",
		)
	}
}

// forcePage draws the page from a fresh reading.
func (a *App) forcePage(
	w http.ResponseWriter,
	r *http.Request,
	s subuserRolesChanger,
	id int64,
	change initialChange,
	feedback formFeedback,
	confirm string,
) error {
	o := stateOf(r).operator
	form, err := s.SubuserRolesForm(r.Context(), o, a.Account, id)
	if err != nil {
		return err
	}
	c := operations.ChangeSubuserRoles{
		Request: operations.Request{
			ID:       form.ID,
			Operator: o,
			Account:  a.Account,
		}, SubuserID: id, Base: form.Base, Offered: form.Offered(), Ticked: change.tickedRoles(form.Base), Force: true,
	}
	diff, err := s.PreviewSubuserRoles(r.Context(), c)
	if err != nil {
		return err
	}
	if len(diff.Revoke) == 0 {
		return redirect(w, r, subuserPath(id)+"/roles")
	}
	principal := form.Subuser.Principal()
	m := subusers.Force{
		FormFeedback: feedback.FormFeedback,
		Frame:        a.principalFrame(w, r, principal, subusers.ForceHeading(principal.Name)),
		Principal:    page.RefOf(principal),
		OperationID:  form.ID,
		Base:         c.Base,
		Offered:      c.Offered,
		Ticked:       c.Ticked,
		Keys:         keyRefs(diff.Keys),
		Blocked:      diff.BlockedReason,
		Confirm:      confirm,
		Change: page.Difference{
			Grant:           diff.Grant,
			Revoke:          diff.Revoke,
			Keep:            diff.Keep,
			InheritedGained: diff.AlsoGranted,
			InheritedLost:   diff.AlsoRevoked,
		},
		Reason:         stateOf(r).form.text("reason"),
		ReasonRequired: a.RequireReason,
	}
	m.Code, m.Frame.Failed = a.curlCommands(c.VendorCalls()), feedback.status != http.StatusOK
	m.WarningIDs, m.Warnings = warningBanners(diff.Warnings, principal.Name)
	return a.render(w, r, feedback.status, subusers.ForcePage(m))
}

// forceSubuserRoles makes the change by force.
func (a *App) forceSubuserRoles(s subuserRolesChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		c, err := a.readRolesForm(r, "")
		if err != nil {
			return err
		}
		c.SubuserID, c.Force, c.Warned = id, true, shownWarnings(stateOf(r).form)
		out, err := s.ChangeSubuserRoles(r.Context(), c.ChangeSubuserRoles)
		if _, changed := errors.AsType[*operations.Conflict](err); changed {
			err = &operations.FormOutdated{}
		}
		feedback, err := a.feedbackFor(r, out, err)
		switch {
		case err != nil:
			return err
		case feedback.status != 0:
			grant, revoke := c.Change()
			return a.forcePage(w, r, s, id, initialChange{grant: grant, revoke: revoke}, feedback, c.Confirm)
		case out.Result == audit.Applied:
			return a.redirectToResult(w, r, out, subusers.ForcedMessage(out.Subuser.Login))
		default:
			kind := a.subuserKind(s)
			return a.renderRolesOutcome(w, r, kind, roleChange{
				ChangeSubuserRoles: c.ChangeSubuserRoles,
				principalID:        formatID(id),
			}, out)
		}
	}
}
