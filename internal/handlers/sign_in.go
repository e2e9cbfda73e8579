package handlers

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// showSignIn sends the browser to the sign-in service; in a demo it offers the people that a visitor can be. It is a
// GET, since form-action would stop a form's redirect to another site. Behind a proxy there is nothing to do here: it
// has said who is asking, or it has not.
func (a *App) showSignIn(w http.ResponseWriter, r *http.Request) error {
	back, again := r.URL.Query().Get("return"), r.URL.Query().Get("again") != ""
	switch {
	case a.Demo != nil:
		return a.signInPage(w, r, http.StatusOK, back, nil)
	case a.Provider != nil:
		address, err := a.Provider.Begin(w, r, returnPath(back), again)
		if err != nil {
			return err
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
		return nil
	case stateOf(r).operator.Authenticated():
		return redirect(w, r, returnPath(back))
	default:
		return errNoAssertion
	}
}

// finishSignIn takes a browser back from the sign-in service.
func (a *App) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	if a.Provider == nil {
		return errPageNotFound
	}
	o, back, err := a.Provider.Finish(w, r)
	if refused, ok := errors.AsType[*identity.Refused](err); ok {
		a.logSessionEvent(r, slog.LevelWarn, "sign-in refused", slog.String("reason", refused.Reason))
		return err
	}
	if errors.Is(err, identity.ErrUnavailable) {
		return err
	}
	if err != nil {
		return &sessionError{cause: err}
	}
	if err := a.writeSignInNotice(w, r, o); err != nil {
		return err
	}
	return redirect(w, r, back)
}

// signIn begins a session for the chosen one of a demo's people.
func (a *App) signIn(w http.ResponseWriter, r *http.Request) error {
	if a.Demo == nil {
		return errPageNotFound
	}
	form := stateOf(r).form
	o, ok := a.Demo.SignIn(form.text("role"))
	if !ok {
		return a.signInPage(
			w,
			r,
			http.StatusUnprocessableEntity,
			form.text("return"),
			[]ui.FieldError{{Field: "role", Text: account.RoleRequired}},
		)
	}
	if err := a.Sessions.SignIn(w, r, o, session.Tokens{}); err != nil {
		return &sessionError{cause: err}
	}
	if err := a.writeSignInNotice(w, r, o); err != nil {
		return err
	}
	return redirect(w, r, form.text("return"))
}

// writeSignInNotice notes who the request's operator is from here on. A session that cannot be written down is ended
// again: who is signed in is in the record, or is not signed in.
func (a *App) writeSignInNotice(w http.ResponseWriter, r *http.Request, o operator.Operator) error {
	stateOf(r).operator = o
	if err := a.AuditLog.Note(r.Context(), audit.SignedIn{
		Actor:     a.actor(r),
		RequestID: stateOf(r).requestID,
	}); err != nil {
		stateOf(r).operator = operator.Operator{}
		return errors.Join(errSignInNotLogged, err, a.Sessions.SignOut(w, r))
	}
	a.logSessionEvent(r, slog.LevelInfo, "signed in", slog.String("method", o.Method))
	return nil
}

// logSessionEvent writes a line about signing in to the log, with who it is about and from where.
func (a *App) logSessionEvent(r *http.Request, level slog.Level, message string, more ...slog.Attr) {
	v := stateOf(r)
	a.Logger.LogAttrs(r.Context(), level, message, append(
		more,
		slog.String(
			"operator",
			operatorLogID(v),
		),
		slog.String("address", ClientAddress(r)),
		slog.String("request_id", v.requestID),
	)...)
}

func (a *App) signInPage(w http.ResponseWriter, r *http.Request, status int, back string, errs []ui.FieldError) error {
	m := account.SignIn{
		Frame: page.Frame{
			Heading:   account.SignInHeading,
			RequestID: stateOf(r).requestID,
			Version:   a.Version,
			Failed:    len(errs) > 0,
		},
		Return: returnPath(back),
		Errors: errs,
	}
	for _, role := range a.Demo.Roles() {
		m.Choices = append(m.Choices, account.Choice{Role: role})
	}
	return a.render(w, r, status, account.SignInPage(m))
}
