package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/subusers"
)

// rolesChanger shows what a change of roles would do, and makes it.
type rolesChanger interface {
	rolesFormer
	privilegedTeller
	PreviewSubuserRoles(ctx context.Context, c operations.ChangeSubuserRoles) (operations.Difference, error)
	ChangeSubuserRoles(ctx context.Context, c operations.ChangeSubuserRoles) (operations.Outcome, error)
}

// changeSubuserRoles takes the form's three steps: review shows what would change, edit goes back to the form, apply
// makes the change.
func (a *App) changeSubuserRoles(s rolesChanger) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		c, err := a.rolesForm(r, id)
		if err != nil {
			return err
		}
		switch visitOf(r).form.text("step") {
		case "review":
			err = a.reviewRoles(w, r, s, c, nil)
		case "edit":
			err = a.editRoles(w, r, s, c)
		case "apply":
			err = a.applyRoles(w, r, s, c)
		default:
			return errForm
		}
		return a.notChanged(w, r, s, c, err)
	}
}

// rolesForm reads the form.
func (a *App) rolesForm(r *http.Request, id int64) (operations.ChangeSubuserRoles, error) {
	f := visitOf(r).form
	c := operations.ChangeSubuserRoles{Act: a.act(r), SubuserID: id, Confirm: f.text("confirm")}
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
func (a *App) reviewRoles(w http.ResponseWriter, r *http.Request, s rolesChanger, c operations.ChangeSubuserRoles, problems map[string]string) error {
	diff, err := s.PreviewSubuserRoles(r.Context(), c)
	if err != nil {
		return err
	}
	if diff.NothingToDo {
		return a.rolesAgain(w, r, s, c, http.StatusUnprocessableEntity, func(m *subusers.RolesForm) { m.NothingToDo = true })
	}
	m := subusers.Review{
		Frame:          a.rolesFrame(w, r, c.SubuserID, diff.Subuser.Login, "Review the change for "+diff.Subuser.Login),
		ID:             c.SubuserID,
		Login:          diff.Subuser.Login,
		OperationID:    c.ID,
		Base:           c.Base,
		Offered:        c.Offered,
		Ticked:         c.Ticked,
		Change:         page.Difference{Grant: diff.Grant, Revoke: diff.Revoke, Keep: diff.Keep, Brings: diff.Brings, Takes: diff.Takes},
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
	return a.render(w, r, status, subusers.ReviewPage(m))
}

// editRoles goes back from the review to the form, just as it was: with its operation id and its base.
func (a *App) editRoles(w http.ResponseWriter, r *http.Request, s rolesFormer, c operations.ChangeSubuserRoles) error {
	form, err := s.SubuserRolesForm(r.Context(), c.Operator, a.Account, c.SubuserID)
	if err != nil {
		return err
	}
	m := a.rolesPage(w, r, form, c.Ticked)
	m.Reason, m.OperationID, m.Base = c.Reason, c.ID, c.Base
	return a.render(w, r, http.StatusOK, subusers.RolesFormPage(m))
}

// applyRoles makes the change and answers what came of it.
func (a *App) applyRoles(w http.ResponseWriter, r *http.Request, s rolesChanger, c operations.ChangeSubuserRoles) error {
	out, err := s.ChangeSubuserRoles(r.Context(), c)
	if err != nil {
		return err
	}
	switch out.Result {
	case audit.Applied:
		return a.done(w, r, out, "The roles of "+out.Subuser.Login+" were changed.")
	case audit.Refused:
		err = a.rolesAgain(w, r, s, c, http.StatusUnprocessableEntity, func(m *subusers.RolesForm) {
			m.Vendor, m.Advice = quote(out.Call.Method, out.Call.Code, out.Call.VendorMessage), out.Advice
		})
	case audit.NotSent:
		status, text := notSent(out)
		err = a.rolesAgain(w, r, s, c, status, func(m *subusers.RolesForm) { m.NotSent = text })
	default:
		return a.unfinished(w, r, s, out)
	}
	if err != nil {
		// The form cannot be drawn without reading the subuser, but what came of the operation is known.
		return redirect(w, r, operationPath(out.Operation.ID))
	}
	return nil
}

// unfinished shows a change that was partly made, or of which nobody knows yet.
func (a *App) unfinished(w http.ResponseWriter, r *http.Request, s rolesChanger, out operations.Outcome) error {
	id, change := out.Subuser.ID, left(out)
	m := subusers.Outcome{
		ID:          id,
		Login:       out.Subuser.Login,
		OperationID: out.Operation.ID,
		Result:      page.Result(out.Result),
		NowKnown:    out.Read && out.Subuser.RolesKnown,
		Vendor:      quote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:      out.Advice,
		Unsaved:     out.Unsaved,
	}
	heading := "We do not know yet whether the roles of " + out.Subuser.Login + " were changed"
	if out.Result == audit.Partly {
		heading = "The roles of " + out.Subuser.Login + " were changed in part"
		m.Left = page.Difference{Grant: change.Grant, Revoke: change.Revoke}
	}
	m.Frame = a.rolesFrame(w, r, id, out.Subuser.Login, heading)
	if m.NowKnown {
		catalogue := directory.Catalogue{}
		if form, err := s.SubuserRolesForm(r.Context(), visitOf(r).operator, a.Account, id); err == nil {
			catalogue = form.Catalogue
		}
		m.Now = heldRoles(out.Subuser.Roles, catalogue, s.PrivilegedRoles(catalogue))
	}
	if out.Result == audit.Partly && m.NowKnown && !out.Operation.Open {
		m.FinishHref = finishPath(id, out.Operation.ID)
	}
	return a.render(w, r, http.StatusOK, subusers.OutcomePage(m))
}

// notChanged answers a form that was stopped before anything was sent: it comes back with its ticks.
func (a *App) notChanged(w http.ResponseWriter, r *http.Request, s rolesChanger, c operations.ChangeSubuserRoles, err error) error {
	if err == nil {
		return nil
	}
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		err = a.reviewRoles(w, r, s, c, invalid.Fields)
	}
	if conflict, ok := errors.AsType[*operations.Conflict](err); ok {
		return a.conflict(w, r, c, conflict)
	}
	if busy, ok := errors.AsType[*operations.Busy](err); ok {
		first := a.line(c.Operator, busy.First)
		err = a.rolesAgain(w, r, s, c, http.StatusConflict, func(m *subusers.RolesForm) { m.Busy = &first })
	}
	if errors.Is(err, operations.ErrRecord) {
		visitOf(r).problem = err
		err = a.rolesAgain(w, r, s, c, http.StatusServiceUnavailable, func(m *subusers.RolesForm) { m.NotSent = recordAway })
	}
	if trouble, ok := errors.AsType[*directory.Trouble](err); ok {
		return &lostForm{error: trouble, href: prefilledPath(c.SubuserID, without(c.Ticked, c.Base), without(offeredOf(c), c.Ticked))}
	}
	return err
}

// conflict shows what the ticks would do to the roles as they now are.
func (a *App) conflict(w http.ResponseWriter, r *http.Request, c operations.ChangeSubuserRoles, conflict *operations.Conflict) error {
	m := a.rolesPage(w, r, conflict.Now, c.TicksFor(conflict.Now.Base))
	m.Frame.Failed, m.Reason = true, c.Reason
	m.Conflict = &subusers.Conflict{
		Then:   conflict.Then,
		Now:    conflict.Now.Catalogue.Names(conflict.Now.Base),
		Change: page.Difference{Grant: conflict.Diff.Grant, Revoke: conflict.Diff.Revoke, Keep: conflict.Diff.Keep},
	}
	return a.render(w, r, http.StatusConflict, subusers.RolesFormPage(m))
}

// rolesAgain shows the form again with its change carried over to what holds now. Its operation id is a new one unless change puts the old one back.
func (a *App) rolesAgain(w http.ResponseWriter, r *http.Request, s rolesFormer, c operations.ChangeSubuserRoles, status int, change func(*subusers.RolesForm)) error {
	form, err := s.SubuserRolesForm(r.Context(), c.Operator, a.Account, c.SubuserID)
	if err != nil {
		return err
	}
	m := a.rolesPage(w, r, form, c.TicksFor(form.Base))
	m.Reason, m.Frame.Failed = c.Reason, status != http.StatusOK
	change(&m)
	return a.render(w, r, status, subusers.RolesFormPage(m))
}

// without are the ids of a that are not in b.
func without(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}

// offeredOf are the roles of the base that the form offered to take away.
func offeredOf(c operations.ChangeSubuserRoles) []int64 {
	return slices.DeleteFunc(slices.Clone(c.Base), func(id int64) bool { return !slices.Contains(c.Offered, id) })
}
