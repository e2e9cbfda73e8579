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

// codeKeysHoldRoles is the vendor's refusal to take roles from a subuser while one of their keys holds them.
const codeKeysHoldRoles = 439

// forceHref is the page that offers force, when the vendor refused a change for the keys' sake; "" else.
func (a *App) forceHref(c roleChange, out operations.Outcome) string {
	if out.Call.Code != codeKeysHoldRoles || !a.Policy.May(c.Operator, policy.SubusersForce) {
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
			begun{grant: idsIn(q["grant"]), revoke: idsIn(q["revoke"])},
			stopped{status: http.StatusOK},
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
	change begun,
	why stopped,
	confirm string,
) error {
	o := visitOf(r).operator
	form, err := s.SubuserRolesForm(r.Context(), o, a.Account, id)
	if err != nil {
		return err
	}
	c := operations.ChangeSubuserRoles{
		Act: operations.Act{
			ID:       form.ID,
			Operator: o,
			Account:  a.Account,
		}, SubuserID: id, Base: form.Base, Offered: form.Offered(), Ticked: change.ticks(form.Base), Force: true,
	}
	diff, err := s.PreviewSubuserRoles(r.Context(), c)
	if err != nil {
		return err
	}
	if len(diff.Revoke) == 0 {
		return redirect(w, r, subuserPath(id)+"/roles")
	}
	holder := subuserHolder(form.Subuser)
	m := subusers.Force{
		FormFeedback: why.FormFeedback,
		Frame:        a.holderFrame(w, r, holder, subusers.ForceHeading(holder.Name)),
		Principal:    holder,
		OperationID:  form.ID,
		Base:         c.Base,
		Offered:      c.Offered,
		Ticked:       c.Ticked,
		Keys:         keyRefs(diff.Keys),
		Blocked:      diff.Blocked,
		Confirm:      confirm,
		Change: page.Difference{
			Grant:           diff.Grant,
			Revoke:          diff.Revoke,
			Keep:            diff.Keep,
			InheritedGained: diff.Brings,
			InheritedLost:   diff.Takes,
		},
		Reason:         visitOf(r).form.text("reason"),
		ReasonRequired: a.RequireReason,
	}
	m.Code, m.Frame.Failed = a.code(c.Code()), why.status != http.StatusOK
	m.WarningIDs, m.Warnings = warningBanners(diff.Warnings, holder.Name)
	return a.render(w, r, why.status, subusers.ForcePage(m))
}

// forceSubuserRoles makes the change by force.
func (a *App) forceSubuserRoles(s subuserRolesChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		c, err := a.rolesForm(r, "")
		if err != nil {
			return err
		}
		c.SubuserID, c.Force, c.Warned = id, true, warningsOf(visitOf(r).form)
		out, err := s.ChangeSubuserRoles(r.Context(), c.ChangeSubuserRoles)
		if _, changed := errors.AsType[*operations.Conflict](err); changed {
			err = &operations.Moved{}
		}
		why, err := a.stop(r, out, err)
		switch {
		case err != nil:
			return err
		case why.status != 0:
			grant, revoke := c.Change()
			return a.forcePage(w, r, s, id, begun{grant: grant, revoke: revoke}, why, c.Confirm)
		case out.Result == audit.Applied:
			return a.done(w, r, out, subusers.ForcedMessage(out.Subuser.Login))
		default:
			of := a.subuserRoles(s)
			return a.unfinished(w, r, of, roleChange{ChangeSubuserRoles: c.ChangeSubuserRoles, id: formatID(id)}, out)
		}
	}
}
