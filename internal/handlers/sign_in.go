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
		address, err := a.Provider.Begin(w, r, afterSignIn(back), again)
		if err != nil {
			return err
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
		return nil
	case visitOf(r).operator.Authenticated():
		return redirect(w, r, afterSignIn(back))
	default:
		return errNoAssertion
	}
}

// finishSignIn takes a browser back from the sign-in service.
func (a *App) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	if a.Provider == nil {
		return errNoPage
	}
	o, back, err := a.Provider.Finish(w, r)
	if refused, ok := errors.AsType[*identity.Refused](err); ok {
		a.tell(r, slog.LevelWarn, "sign-in refused", slog.String("reason", refused.Reason))
		return err
	}
	if errors.Is(err, identity.ErrAway) {
		return err
	}
	if err != nil {
		return &sessionTrouble{cause: err}
	}
	if err := a.noteSignIn(w, r, o); err != nil {
		return err
	}
	return redirect(w, r, back)
}

// signIn begins a session for the chosen one of a demo's people.
func (a *App) signIn(w http.ResponseWriter, r *http.Request) error {
	if a.Demo == nil {
		return errNoPage
	}
	form := visitOf(r).form
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
	if err := a.Sessions.SignIn(w, r, o, session.Proof{}); err != nil {
		return &sessionTrouble{cause: err}
	}
	if err := a.noteSignIn(w, r, o); err != nil {
		return err
	}
	return redirect(w, r, form.text("return"))
}

// noteSignIn notes who the request's operator is from here on. A session that cannot be written down is ended again:
// who is signed in is in the record, or is not signed in.
func (a *App) noteSignIn(w http.ResponseWriter, r *http.Request, o operator.Operator) error {
	visitOf(r).operator = o
	if err := a.Record.Note(r.Context(), audit.SignedIn{Actor: a.actor(r), RequestID: visitOf(r).requestID}); err != nil {
		visitOf(r).operator = operator.Operator{}
		return errors.Join(errUnrecorded, err, a.Sessions.SignOut(w, r))
	}
	a.tell(r, slog.LevelInfo, "signed in", slog.String("method", o.Method))
	return nil
}

// tell writes a line about signing in to the log, with who it is about and from where.
func (a *App) tell(r *http.Request, level slog.Level, message string, more ...slog.Attr) {
	v := visitOf(r)
	a.Logger.LogAttrs(r.Context(), level, message, append(
		more,
		slog.String(
			"operator",
			operatorName(v),
		),
		slog.String("address", ClientAddress(r)),
		slog.String("request_id", v.requestID),
	)...)
}

func (a *App) signInPage(w http.ResponseWriter, r *http.Request, status int, back string, errs []ui.FieldError) error {
	m := account.SignIn{
		Frame: page.Frame{
			Heading:   account.SignInHeading,
			RequestID: visitOf(r).requestID,
			Version:   a.Version,
			Failed:    len(errs) > 0,
		},
		Return: afterSignIn(back),
		Errors: errs,
	}
	for _, role := range a.Demo.Roles() {
		m.Choices = append(m.Choices, account.Choice{Role: role})
	}
	return a.render(w, r, status, account.SignInPage(m))
}
