package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

// changeRoles takes the form's three steps: review shows what would change, edit goes back to the form, apply
// makes the change.
func (a *App) changeRoles(kind principalKind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind.kind)
		if err != nil {
			return err
		}
		id := ref.ID
		c, err := a.readRolesForm(r, id)
		if err != nil {
			return err
		}
		switch stateOf(r).form.text("step") {
		case "review":
			err = a.reviewRoles(w, r, kind, c, nil)
		case "edit":
			err = a.editRoles(w, r, kind, c)
		case "apply":
			err = a.applyRoles(w, r, kind, c)
		default:
			return errInvalidForm
		}
		return a.handleRolesError(w, r, kind, c, err)
	}
}

// readRolesForm reads the form.
func (a *App) readRolesForm(r *http.Request, id string) (roleChange, error) {
	f := stateOf(r).form
	c := roleChange{principalID: id}
	c.Request, c.Confirm = a.operationRequest(r), f.text("confirm")
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
	kind principalKind,
	c roleChange,
	problems map[string]string,
) error {
	diff, err := kind.preview(r.Context(), c)
	if err != nil {
		return err
	}
	if diff.NothingToDo {
		return a.rerenderRolesForm(
			w,
			r,
			kind,
			c,
			http.StatusUnprocessableEntity,
			func(m *principals.RolesForm) { m.NothingToDo = true },
		)
	}
	principal := principalOf(diff.Subuser, diff.Key)
	m := principals.RolesReview{
		Frame:       a.principalFrame(w, r, principal, principals.RolesReviewHeading(page.Name(principal))),
		Principal:   page.RefOf(principal),
		OperationID: c.ID,
		Base:        c.Base,
		Offered:     c.Offered,
		Ticked:      c.Ticked,
		Change: page.Difference{
			Grant:           diff.Grant,
			Revoke:          diff.Revoke,
			Keep:            diff.Keep,
			InheritedGained: diff.AlsoGranted,
			InheritedLost:   diff.AlsoRevoked,
		},
		Blocked:        diff.BlockedReason,
		Code:           a.curlCommands(kind.vendorCalls(c)),
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
	return a.render(w, r, status, principals.RolesReviewPage(m))
}

// editRoles goes back from the review to the form, just as it was: with its operation id and its base.
func (a *App) editRoles(w http.ResponseWriter, r *http.Request, kind principalKind, c roleChange) error {
	form, err := kind.form(r.Context(), c.Operator, c.principalID)
	if err != nil {
		return err
	}
	m := a.rolesPage(w, r, form, c.Ticked)
	m.Reason, m.OperationID, m.Base = c.Reason, c.ID, c.Base
	return a.render(w, r, http.StatusOK, principals.RolesFormPage(m))
}

// applyRoles makes the change and answers what came of it.
func (a *App) applyRoles(w http.ResponseWriter, r *http.Request, kind principalKind, c roleChange) error {
	out, err := kind.apply(r.Context(), c)
	if err != nil {
		return err
	}
	switch out.Result {
	case audit.Applied:
		return a.redirectToResult(w, r, out, principals.RolesChangedMessage(page.Name(principalOf(out.Subuser, out.Key))))
	case audit.Refused:
		err = a.rerenderRolesForm(w, r, kind, c, http.StatusUnprocessableEntity, func(m *principals.RolesForm) {
			m.Vendor, m.Advice = vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage), out.Advice
			m.ForceHref = a.forceHref(c, out)
		})
	case audit.NotSent:
		status, text := notSentMessage(out)
		err = a.rerenderRolesForm(w, r, kind, c, status, func(m *principals.RolesForm) { m.NotSent = text })
	default:
		return a.renderRolesOutcome(w, r, kind, c, out)
	}
	if err != nil {
		// The form cannot be drawn without reading the subuser, but what came of the operation is known.
		return redirect(w, r, operationPath(out.Operation.ID))
	}
	return nil
}

// renderRolesOutcome shows a change that was partly made, or of which nobody knows yet.
func (a *App) renderRolesOutcome(
	w http.ResponseWriter,
	r *http.Request,
	kind principalKind,
	c roleChange,
	out operations.Outcome,
) error {
	principal, assignments, remaining := principalOf(out.Subuser, out.Key), rolesAfter(out), remainingChange(out)
	m := principals.RolesOutcome{
		Principal:   page.RefOf(principal),
		OperationID: out.Operation.ID,
		Result:      page.Result(out.Result),
		NowKnown:    out.ReadBack,
		Vendor:      vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:      out.Advice,
		Unsaved:     out.Unsaved,
	}
	if out.Result == audit.PartlyApplied {
		m.Remaining = page.Difference{Grant: remaining.Grant, Revoke: remaining.Revoke}
	}
	m.Frame = a.principalFrame(w, r, principal, principals.RolesOutcomeHeading(page.Name(principal), m.Result))
	if m.NowKnown {
		catalogue := directory.Catalogue{}
		if form, err := kind.form(r.Context(), c.Operator, c.principalID); err == nil {
			catalogue = form.Catalogue
		}
		m.Now = roleAssignments(assignments, catalogue, kind.privileged.PrivilegedRoles(catalogue))
	}
	if out.Result == audit.PartlyApplied && m.NowKnown && !out.Operation.Open {
		m.FinishHref = principal.Path() + "/roles?finish=" + url.QueryEscape(out.Operation.ID)
	}
	return a.render(w, r, http.StatusOK, principals.RolesOutcomePage(m))
}

// handleRolesError answers a form that was stopped before anything was sent: it comes back with its ticks.
func (a *App) handleRolesError(
	w http.ResponseWriter,
	r *http.Request,
	kind principalKind,
	c roleChange,
	err error,
) error {
	if err == nil {
		return nil
	}
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		err = a.reviewRoles(w, r, kind, c, invalid.Fields)
	}
	if conflict, ok := errors.AsType[*operations.Conflict](err); ok {
		return a.renderRolesConflict(w, r, c, conflict)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		first := a.operationView(c.Operator, busy.Operation)
		err = a.rerenderRolesForm(w, r, kind, c, http.StatusConflict, func(m *principals.RolesForm) { m.Busy = &first })
	}
	if own, ok := errors.AsType[*operations.ConsoleKeyProtected](err); ok {
		err = a.rerenderRolesForm(
			w,
			r,
			kind,
			c,
			http.StatusConflict,
			func(m *principals.RolesForm) { m.NotSent = own.Message },
		)
	}
	if errors.Is(err, operations.ErrAuditLogUnavailable) {
		stateOf(r).failure = err
		err = a.rerenderRolesForm(
			w,
			r,
			kind,
			c,
			http.StatusServiceUnavailable,
			func(m *principals.RolesForm) { m.NotSent = page.AuditLogUnavailable },
		)
	}
	if trouble, ok := errors.AsType[*directory.ReadError](err); ok {
		return &formUnavailableError{
			error: trouble,
			href: roleFormPath(
				access.Ref{Kind: kind.kind, ID: c.principalID}.Path(),
				subtractIDs(c.Ticked, c.Base),
				subtractIDs(offeredBaseRoles(c), c.Ticked),
			),
		}
	}
	return err
}

// renderRolesConflict shows what the ticks would do to the roles as they now are.
func (a *App) renderRolesConflict(
	w http.ResponseWriter,
	r *http.Request,
	c roleChange,
	conflict *operations.Conflict,
) error {
	m := a.rolesPage(w, r, conflict.CurrentForm, c.RebaseTicked(conflict.CurrentForm.Base))
	m.Frame.Failed, m.Reason = true, c.Reason
	m.Conflict = &principals.RolesConflict{
		Before: conflict.BaseRoles,
		Now:    conflict.CurrentForm.Catalogue.Names(conflict.CurrentForm.Base),
		Change: page.Difference{Grant: conflict.Diff.Grant, Revoke: conflict.Diff.Revoke, Keep: conflict.Diff.Keep},
	}
	return a.render(w, r, http.StatusConflict, principals.RolesFormPage(m))
}

// rerenderRolesForm shows the form again with its change carried over to what holds now. Its operation id is a new
// one unless change puts the old one back.
func (a *App) rerenderRolesForm(
	w http.ResponseWriter,
	r *http.Request,
	kind principalKind,
	c roleChange,
	status int,
	update func(*principals.RolesForm),
) error {
	form, err := kind.form(r.Context(), c.Operator, c.principalID)
	if err != nil {
		return err
	}
	m := a.rolesPage(w, r, form, c.RebaseTicked(form.Base))
	m.Reason, m.Frame.Failed = c.Reason, status != http.StatusOK
	update(&m)
	return a.render(w, r, status, principals.RolesFormPage(m))
}

// subtractIDs are the ids of a that are not in b.
func subtractIDs(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}

// offeredBaseRoles are the roles of the base that the form offered to take away.
func offeredBaseRoles(c roleChange) []int64 {
	return slices.DeleteFunc(slices.Clone(c.Base), func(id int64) bool { return !slices.Contains(c.Offered, id) })
}
