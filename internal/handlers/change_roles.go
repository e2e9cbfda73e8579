package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/grants"
	"github.com/voxwarden/voxwarden/views/page"
)

// changeRoles takes the form's three steps: review shows what would change, edit goes back to the form, apply
// makes the change.
func (a *App) changeRoles(of rolesOf) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := of.pathID(r)
		if err != nil {
			return err
		}
		c, err := a.rolesForm(r, id)
		if err != nil {
			return err
		}
		switch visitOf(r).form.text("step") {
		case "review":
			err = a.reviewRoles(w, r, of, c, nil)
		case "edit":
			err = a.editRoles(w, r, of, c)
		case "apply":
			err = a.applyRoles(w, r, of, c)
		default:
			return errForm
		}
		return a.notChanged(w, r, of, c, err)
	}
}

// rolesForm reads the form.
func (a *App) rolesForm(r *http.Request, id string) (roleChange, error) {
	f := visitOf(r).form
	c := roleChange{id: id}
	c.Act, c.Confirm = a.act(r), f.text("confirm")
	for _, field := range []struct {
		name string
		ids  *[]int64
	}{{"base", &c.Base}, {"offered", &c.Offered}, {"role", &c.Ticked}} {
		ids, err := f.ids(field.name)
		if err != nil {
			return c, err
		}
		*field.ids = ids
	}
	return c, nil
}

// reviewRoles shows what a change would do. problems are what is wrong with the fields of that page.
func (a *App) reviewRoles(
	w http.ResponseWriter,
	r *http.Request,
	of rolesOf,
	c roleChange,
	problems map[string]string,
) error {
	diff, err := of.preview(r.Context(), c)
	if err != nil {
		return err
	}
	if diff.NothingToDo {
		return a.rolesAgain(w, r, of, c, http.StatusUnprocessableEntity, func(m *grants.RolesForm) { m.NothingToDo = true })
	}
	holder := holderOf(diff.Subuser, diff.Key)
	m := grants.RolesReview{
		Frame:       a.holderFrame(w, r, holder, grants.RolesReviewHeading(holder.Name)),
		Principal:   holder,
		OperationID: c.ID,
		Base:        c.Base,
		Offered:     c.Offered,
		Ticked:      c.Ticked,
		Change: page.Difference{
			Grant:           diff.Grant,
			Revoke:          diff.Revoke,
			Keep:            diff.Keep,
			InheritedGained: diff.Brings,
			InheritedLost:   diff.Takes,
		},
		Blocked:        diff.Blocked,
		Code:           a.code(of.code(c)),
		LastOwner:      diff.LastOwner,
		Confirm:        c.Confirm,
		Reason:         c.Reason,
		ReasonRequired: a.RequireReason,
		Errors:         fieldErrors(problems),
	}
	status := http.StatusOK
	if len(problems) > 0 {
		m.Frame.Failed, status = true, http.StatusUnprocessableEntity
	}
	return a.render(w, r, status, grants.RolesReviewPage(m))
}

// editRoles goes back from the review to the form, just as it was: with its operation id and its base.
func (a *App) editRoles(w http.ResponseWriter, r *http.Request, of rolesOf, c roleChange) error {
	form, err := of.form(r.Context(), c.Operator, c.id)
	if err != nil {
		return err
	}
	m := a.rolesPage(w, r, form, c.Ticked)
	m.Reason, m.OperationID, m.Base = c.Reason, c.ID, c.Base
	return a.render(w, r, http.StatusOK, grants.RolesFormPage(m))
}

// applyRoles makes the change and answers what came of it.
func (a *App) applyRoles(w http.ResponseWriter, r *http.Request, of rolesOf, c roleChange) error {
	out, err := of.apply(r.Context(), c)
	if err != nil {
		return err
	}
	switch out.Result {
	case audit.Applied:
		return a.done(w, r, out, grants.RolesChangedMessage(holderOf(out.Subuser, out.Key).Name))
	case audit.Refused:
		err = a.rolesAgain(w, r, of, c, http.StatusUnprocessableEntity, func(m *grants.RolesForm) {
			m.Vendor, m.Advice = quote(out.Call.Method, out.Call.Code, out.Call.VendorMessage), out.Advice
			m.ForceHref = a.forceHref(c, out)
		})
	case audit.NotSent:
		status, text := notSent(out)
		err = a.rolesAgain(w, r, of, c, status, func(m *grants.RolesForm) { m.NotSent = text })
	default:
		return a.unfinished(w, r, of, c, out)
	}
	if err != nil {
		// The form cannot be drawn without reading the subuser, but what came of the operation is known.
		return redirect(w, r, operationPath(out.Operation.ID))
	}
	return nil
}

// unfinished shows a change that was partly made, or of which nobody knows yet.
func (a *App) unfinished(
	w http.ResponseWriter,
	r *http.Request,
	of rolesOf,
	c roleChange,
	out operations.Outcome,
) error {
	holder, held, change := holderOf(out.Subuser, out.Key), heldAfter(out), left(out)
	m := grants.RolesOutcome{
		Principal:   holder,
		OperationID: out.Operation.ID,
		Result:      page.Result(out.Result),
		NowKnown:    out.Read,
		Vendor:      quote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:      out.Advice,
		Unsaved:     out.Unsaved,
	}
	if out.Result == audit.PartlyApplied {
		m.Remaining = page.Difference{Grant: change.Grant, Revoke: change.Revoke}
	}
	m.Frame = a.holderFrame(w, r, holder, grants.RolesOutcomeHeading(holder.Name, m.Result))
	if m.NowKnown {
		catalogue := directory.Catalogue{}
		if form, err := of.form(r.Context(), c.Operator, c.id); err == nil {
			catalogue = form.Catalogue
		}
		m.Now = heldRoles(held, catalogue, of.privileged.PrivilegedRoles(catalogue))
	}
	if out.Result == audit.PartlyApplied && m.NowKnown && !out.Operation.Open {
		m.FinishHref = holder.Path + "/roles?finish=" + url.QueryEscape(out.Operation.ID)
	}
	return a.render(w, r, http.StatusOK, grants.RolesOutcomePage(m))
}

// notChanged answers a form that was stopped before anything was sent: it comes back with its ticks.
func (a *App) notChanged(w http.ResponseWriter, r *http.Request, of rolesOf, c roleChange, err error) error {
	if err == nil {
		return nil
	}
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		err = a.reviewRoles(w, r, of, c, invalid.Fields)
	}
	if conflict, ok := errors.AsType[*operations.Conflict](err); ok {
		return a.conflict(w, r, of, c, conflict)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		first := a.line(c.Operator, busy.First)
		err = a.rolesAgain(w, r, of, c, http.StatusConflict, func(m *grants.RolesForm) { m.Busy = &first })
	}
	if own, ok := errors.AsType[*operations.OwnKey](err); ok {
		err = a.rolesAgain(w, r, of, c, http.StatusConflict, func(m *grants.RolesForm) { m.NotSent = own.Sentence })
	}
	if errors.Is(err, operations.ErrRecord) {
		visitOf(r).problem = err
		err = a.rolesAgain(
			w,
			r,
			of,
			c,
			http.StatusServiceUnavailable,
			func(m *grants.RolesForm) { m.NotSent = page.AuditLogUnavailable },
		)
	}
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		return &lostForm{
			error: trouble,
			href:  prefilledPath(of.path(c.id), without(c.Ticked, c.Base), without(offeredOf(c), c.Ticked)),
		}
	}
	return err
}

// conflict shows what the ticks would do to the roles as they now are.
func (a *App) conflict(
	w http.ResponseWriter,
	r *http.Request,
	of rolesOf,
	c roleChange,
	conflict *operations.Conflict,
) error {
	m := a.rolesPage(w, r, conflict.Now, c.TicksFor(conflict.Now.Base))
	m.Frame.Failed, m.Reason = true, c.Reason
	m.Conflict = &grants.RolesConflict{
		Before: conflict.Then,
		Now:    conflict.Now.Catalogue.Names(conflict.Now.Base),
		Change: page.Difference{Grant: conflict.Diff.Grant, Revoke: conflict.Diff.Revoke, Keep: conflict.Diff.Keep},
	}
	return a.render(w, r, http.StatusConflict, grants.RolesFormPage(m))
}

// rolesAgain shows the form again with its change carried over to what holds now. Its operation id is a new one unless
// change puts the old one back.
func (a *App) rolesAgain(
	w http.ResponseWriter,
	r *http.Request,
	of rolesOf,
	c roleChange,
	status int,
	change func(*grants.RolesForm),
) error {
	form, err := of.form(r.Context(), c.Operator, c.id)
	if err != nil {
		return err
	}
	m := a.rolesPage(w, r, form, c.TicksFor(form.Base))
	m.Reason, m.Frame.Failed = c.Reason, status != http.StatusOK
	change(&m)
	return a.render(w, r, status, grants.RolesFormPage(m))
}

// without are the ids of a that are not in b.
func without(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}

// offeredOf are the roles of the base that the form offered to take away.
func offeredOf(c roleChange) []int64 {
	return slices.DeleteFunc(slices.Clone(c.Base), func(id int64) bool { return !slices.Contains(c.Offered, id) })
}
