package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

// rolesChanger previews and makes changes of roles.
type rolesChanger interface {
	privilegedRolesReader
	operationReader
	RolesForm(ctx context.Context, o operator.Operator, account int64, ref access.Ref) (operations.RolesForm, error)
	PreviewRoles(ctx context.Context, c operations.ChangeRoles) (operations.Difference, error)
	PreviewForm(
		ctx context.Context,
		c operations.ChangeRoles,
		form operations.RolesForm,
	) (operations.Difference, error)
	ChangeRoles(ctx context.Context, c operations.ChangeRoles) (operations.Outcome, error)
}

// showRolesForm shows the form for the roles of a principal. The URL may contain a change to begin with: to finish a
// partly applied operation, to undo one, or to fill in a form that was lost. It may also name a principal with roles to
// copy.
func (a *App) showRolesForm(kind access.Kind, s rolesChanger, d roleSourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		change, err := a.readInitialChange(r, s, ref)
		if err != nil {
			return err
		}
		form, err := s.RolesForm(r.Context(), stateOf(r).operator, a.Account, ref)
		if err != nil {
			return err
		}
		m, err := a.rolesPageAsQueried(r, d, form, change)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, principals.RolesFormPage(m))
	}
}

// rolesPageAsQueried returns the form with the roles that the URL asks to copy, else with a change to begin with.
func (a *App) rolesPageAsQueried(
	r *http.Request,
	d roleSourceReader,
	form operations.RolesForm,
	change initialChange,
) (principals.RolesForm, error) {
	asked, copying := queriedCopy(r)
	if copying {
		offered := parseIDs(r.URL.Query()["offered"])
		change = initialChange{Difference: access.NewDifference(form.Base, offered, asked.ticked)}
	}
	ticked := change.Apply(form.Base)
	var part page.RoleCopy
	if copying {
		asked.ticked = ticked
		var err error
		if part, ticked, err = a.copyRoles(r.Context(), d, form, asked); err != nil {
			return principals.RolesForm{}, err
		}
	}
	m := a.rolesPage(r, form, ticked)
	m.Copy.Fill(part)
	m.Reason = change.reason
	m.FinishesPartial = change.finish
	m.Frame.Banners = append(m.Frame.Banners, change.banners(form.Catalogue, form.Base)...)
	return m, nil
}

// rolesPage returns the form with these roles ticked.
func (a *App) rolesPage(r *http.Request, f operations.RolesForm, ticked []int64) principals.RolesForm {
	p := f.Principal
	return principals.RolesForm{
		Frame:               a.principalFrame(r, p, principals.RolesFormHeading(page.Name(p))),
		Principal:           p,
		OperationID:         f.ID,
		Base:                f.Base,
		Copy:                page.RoleCopy{Path: p.Path() + "/roles", Kind: p.Kind},
		Groups:              roleBoxes(f, ticked),
		RolesDisabledReason: rolesDisabledReason(f),
		ReasonRequired:      a.RequireReason,
	}
}

// changeRoles handles the steps of the form: review shows what would change, edit goes back to the form, apply makes
// the change. Find and the buttons of its results copy the roles of another principal into the form.
func (a *App) changeRoles(kind access.Kind, s rolesChanger, d roleSourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ref, err := pathRef(r, kind)
		if err != nil {
			return err
		}
		c, err := a.readRolesForm(r, ref)
		if err != nil {
			return err
		}
		asked, copying := postedCopy(stateOf(r).form, "review")
		switch step := stateOf(r).form.text("step"); {
		case copying:
			err = a.copyToRolesForm(w, r, s, d, c, asked)
		case step == "review":
			err = a.reviewRoles(w, r, s, c, nil)
		case step == "edit":
			err = a.editRoles(w, r, s, c)
		case step == "apply":
			err = a.applyRoles(w, r, s, c)
		default:
			return errInvalidForm
		}
		return a.handleRolesError(w, r, s, c, err)
	}
}

// readRolesForm returns the change that the posted form asks for.
func (a *App) readRolesForm(r *http.Request, ref access.Ref) (operations.ChangeRoles, error) {
	f := stateOf(r).form
	c := operations.ChangeRoles{Request: a.operationRequest(r), Ref: ref, Confirm: f.text("confirm")}
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

// reviewRoles shows what a change would do. problems are the errors of the fields on that page.
func (a *App) reviewRoles(
	w http.ResponseWriter,
	r *http.Request,
	s rolesChanger,
	c operations.ChangeRoles,
	problems map[string]string,
) error {
	diff, err := s.PreviewRoles(r.Context(), c)
	if err != nil {
		return err
	}
	if diff.Change.IsEmpty() {
		feedback := formFeedback{status: http.StatusUnprocessableEntity}
		return a.rerenderRolesForm(w, r, s, c, feedback, func(m *principals.RolesForm) { m.NothingToDo = true })
	}
	name := page.Name(diff.Principal)
	m := principals.RolesReview{
		Frame:          a.principalFrame(r, diff.Principal, principals.RolesReviewHeading(name)),
		Principal:      diff.Principal,
		OperationID:    c.ID,
		Base:           c.Base,
		Offered:        c.Offered,
		Ticked:         c.Ticked,
		Change:         differenceView(diff),
		Blocked:        diff.BlockedReason,
		Code:           a.curlCommands(c.VendorCalls()),
		LastOwner:      diff.LastOwner,
		Confirm:        c.Confirm,
		Reason:         c.Reason,
		ReasonRequired: a.RequireReason || len(diff.PrivilegedGrants) > 0,
		Privileged:     privilegedGrantBanner(diff.Catalogue, diff.PrivilegedGrants),
		Errors:         fieldErrors(problems),
	}
	status := http.StatusOK
	if len(problems) > 0 {
		m.Frame.Failed, status = true, http.StatusUnprocessableEntity
	}
	return a.render(w, r, status, principals.RolesReviewPage(m))
}

// differenceView returns a previewed change as pages show it.
func differenceView(diff operations.Difference) page.Difference {
	return page.Difference{
		Grant:           diff.Grant,
		Revoke:          diff.Revoke,
		Privileged:      diff.Catalogue.Names(diff.PrivilegedGrants),
		Keep:            diff.Keep,
		InheritedGained: diff.AlsoGranted,
		InheritedLost:   diff.AlsoRevoked,
	}
}

// editRoles goes back from the review to the form as it was, with its operation id and its base.
func (a *App) editRoles(w http.ResponseWriter, r *http.Request, s rolesChanger, c operations.ChangeRoles) error {
	form, err := s.RolesForm(r.Context(), c.Operator, a.Account, c.Ref)
	if err != nil {
		return err
	}
	m := a.rolesPage(r, form, c.Ticked)
	m.Reason, m.OperationID, m.Base = c.Reason, c.ID, c.Base
	return a.render(w, r, http.StatusOK, principals.RolesFormPage(m))
}

// copyToRolesForm shows the form again with the results of a search or with copied roles.
func (a *App) copyToRolesForm(
	w http.ResponseWriter,
	r *http.Request,
	s rolesChanger,
	d roleSourceReader,
	c operations.ChangeRoles,
	asked copyForm,
) error {
	form, err := s.RolesForm(r.Context(), c.Operator, a.Account, c.Ref)
	if err != nil {
		return err
	}
	return a.copyPosted(w, r, d, form, asked, func(ticked []int64, feedback formFeedback) templ.Component {
		m := a.refilledRolesPage(r, form, ticked, c, feedback)
		m.OperationID, m.Base = c.ID, c.Base
		return principals.RolesFormPage(m)
	})
}

// applyRoles makes the change and shows its outcome.
func (a *App) applyRoles(w http.ResponseWriter, r *http.Request, s rolesChanger, c operations.ChangeRoles) error {
	out, err := s.ChangeRoles(r.Context(), c)
	if err != nil {
		return err
	}
	feedback, err := a.feedbackFor(r, out, nil)
	switch {
	case err != nil:
		return err
	case feedback.status != 0:
		setForce := func(m *principals.RolesForm) { m.ForceHref = a.forceHref(c, out) }
		if a.rerenderRolesForm(w, r, s, c, feedback, setForce) != nil {
			// The form needs a reading of the principal. The outcome of the operation is known without it.
			return redirect(w, r, operationPath(out.Operation.ID))
		}
		return nil
	case out.Result == audit.Applied:
		return a.redirectToResult(w, r, out, principals.RolesChangedMessage(page.Name(out.Principal)))
	default:
		return a.renderRolesOutcome(w, r, s, out)
	}
}

// renderRolesOutcome shows a change that was partly applied, or has an unknown outcome.
func (a *App) renderRolesOutcome(
	w http.ResponseWriter,
	r *http.Request,
	roles privilegedRolesReader,
	out operations.Outcome,
) error {
	p, result := out.Principal, page.Result(out.Result)
	m := principals.RolesOutcome{
		Frame:       a.principalFrame(r, p, principals.RolesOutcomeHeading(page.Name(p), result)),
		Principal:   p,
		OperationID: out.Operation.ID,
		Result:      result,
		NowKnown:    out.ReadBack,
		Vendor:      vendorQuote(out.Call.Method, out.Call.Code, out.Call.VendorMessage),
		Advice:      out.Advice,
		Unsaved:     out.Unsaved,
	}
	if out.Result == audit.PartlyApplied {
		m.Remaining = remainingChange(out)
	}
	if m.NowKnown {
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		m.Now = roleAssignments(p.Roles, catalogue, roles.PrivilegedRoles(catalogue))
	}
	if out.Result == audit.PartlyApplied && m.NowKnown && !out.Operation.Open {
		m.FinishHref = p.Path() + "/roles?finish=" + url.QueryEscape(out.Operation.ID)
	}
	return a.render(w, r, http.StatusOK, principals.RolesOutcomePage(m))
}

// handleRolesError shows the form again, with its ticks, after an error before anything was sent.
func (a *App) handleRolesError(
	w http.ResponseWriter,
	r *http.Request,
	s rolesChanger,
	c operations.ChangeRoles,
	err error,
) error {
	if err == nil {
		return nil
	}
	if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
		err = a.reviewRoles(w, r, s, c, invalid.Fields)
	}
	if conflict, ok := errors.AsType[*operations.Conflict](err); ok {
		return a.renderRolesConflict(w, r, c, conflict)
	}
	feedback, err := a.feedbackFor(r, operations.Outcome{}, err)
	if feedback.status != 0 {
		err = a.rerenderRolesForm(w, r, s, c, feedback, func(*principals.RolesForm) {})
	}
	if unreadable, ok := errors.AsType[*directory.ReadError](err); ok {
		return &formUnavailableError{error: unreadable, href: changePath(c.Ref, "/roles", c.Difference())}
	}
	return err
}

// renderRolesConflict shows what the ticks would do to the present roles.
func (a *App) renderRolesConflict(
	w http.ResponseWriter,
	r *http.Request,
	c operations.ChangeRoles,
	conflict *operations.Conflict,
) error {
	form := conflict.CurrentForm
	m := a.rolesPage(r, form, c.RebaseTicked(form.Base))
	m.Frame.Failed, m.Reason = true, c.Reason
	m.Conflict = &principals.RolesConflict{
		Before: conflict.BaseRoles,
		Now:    form.Catalogue.Names(form.Base),
		Change: differenceView(conflict.Diff),
	}
	return a.render(w, r, http.StatusConflict, principals.RolesFormPage(m))
}

// rerenderRolesForm shows the form again with its change applied to the present roles. It has a new operation id.
func (a *App) rerenderRolesForm(
	w http.ResponseWriter,
	r *http.Request,
	s rolesChanger,
	c operations.ChangeRoles,
	feedback formFeedback,
	update func(*principals.RolesForm),
) error {
	form, err := s.RolesForm(r.Context(), c.Operator, a.Account, c.Ref)
	if err != nil {
		return err
	}
	m := a.refilledRolesPage(r, form, c.RebaseTicked(form.Base), c, feedback)
	update(&m)
	return a.render(w, r, feedback.status, principals.RolesFormPage(m))
}

// refilledRolesPage returns the form with these roles ticked and with what was typed.
func (a *App) refilledRolesPage(
	r *http.Request,
	form operations.RolesForm,
	ticked []int64,
	c operations.ChangeRoles,
	feedback formFeedback,
) principals.RolesForm {
	m := a.rolesPage(r, form, ticked)
	m.FormFeedback, m.Reason, m.Frame.Failed = feedback.FormFeedback, c.Reason, feedback.status != http.StatusOK
	m.Copy.Fill(feedback.roleCopy(r))
	return m
}
