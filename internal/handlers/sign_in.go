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

// showSignIn sends the browser to the provider, or lists the operators of a demo. It is a GET because form-action
// forbids the redirect of a form to another site. Behind a proxy there is no sign-in page: the proxy identifies the
// operator.
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

// finishSignIn handles a browser that comes back from the provider.
func (a *App) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	if a.Provider == nil {
		return errPageNotFound
	}
	o, back, err := a.Provider.Finish(w, r)
	unfinished, ok := errors.AsType[*identity.Unfinished](err)
	if ok && unfinished.Old && stateOf(r).operator.Authenticated() {
		return redirect(w, r, returnPath(unfinished.ReturnTo)) // Back in the browser, or a tab that was restored
	}
	if refused, ok := errors.AsType[*identity.Refused](err); ok {
		a.logSessionEvent(
			r,
			slog.LevelWarn,
			"sign-in refused",
			slog.String("reason", string(refused.Reason)),
			slog.String("error", err.Error()),
		)
		return err
	}
	if errors.Is(err, identity.ErrUnavailable) {
		return err
	}
	if err != nil {
		return &sessionError{cause: err}
	}
	if err := a.sessionStarted(w, r, o); err != nil {
		return err
	}
	return redirect(w, r, back)
}

// signIn starts the session of the chosen operator of a demo.
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
	if err := a.sessionStarted(w, r, o); err != nil {
		return err
	}
	return redirect(w, r, form.text("return"))
}

// sessionStarted writes the sign-in to the audit log. A session that cannot be written there is ended again, and so is
// one beyond the limit: behind a proxy, a browser without cookies begins one with each request, also for a picture on a
// page of another site, and a script with an operator's password can sign in and out in a loop.
func (a *App) sessionStarted(w http.ResponseWriter, r *http.Request, o operator.Operator) error {
	stateOf(r).operator = o
	if err := a.rateLimits.sessions.consume(w, r); err != nil {
		stateOf(r).operator = operator.Operator{}
		return errors.Join(err, a.undoSignIn(w, r))
	}
	if err := a.AuditLog.Note(r.Context(), audit.SignedIn{
		Actor:     a.actor(r),
		RequestID: stateOf(r).requestID,
	}); err != nil {
		stateOf(r).operator = operator.Operator{}
		return errors.Join(errSignInNotLogged, err, a.undoSignIn(w, r))
	}
	a.logSessionEvent(r, slog.LevelInfo, "signed in", slog.String("method", o.Method))
	return nil
}

// undoSignIn ends the session that this response starts. When the database does not allow that, the browser gets no
// cookie, so that nothing can use the session.
func (a *App) undoSignIn(w http.ResponseWriter, r *http.Request) error {
	err := a.Sessions.SignOut(w, r)
	if err != nil {
		w.Header().Del("Set-Cookie")
	}
	return err
}

// logSessionEvent logs a sign-in or sign-out with the operator and the address.
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
