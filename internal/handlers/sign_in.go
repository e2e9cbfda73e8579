package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// showSignIn offers the people that a visitor of the demo can be.
func (a *App) showSignIn(w http.ResponseWriter, r *http.Request) error {
	return a.signInPage(w, r, http.StatusOK, r.URL.Query().Get("return"), nil)
}

// signIn begins a session for the chosen one.
func (a *App) signIn(w http.ResponseWriter, r *http.Request) error {
	form := visitOf(r).form
	o, ok := a.Demo.SignIn(form.text("role"))
	if !ok {
		return a.signInPage(w, r, http.StatusUnprocessableEntity, form.text("return"), []ui.FieldError{{Field: "role", Text: "Choose who to be."}})
	}
	if err := a.Sessions.SignIn(w, r, o); err != nil {
		return &sessionTrouble{cause: err}
	}
	visitOf(r).operator = o // for the log
	return redirect(w, r, form.text("return"))
}

func (a *App) signInPage(w http.ResponseWriter, r *http.Request, status int, back string, errs []ui.FieldError) error {
	m := account.SignIn{
		Frame:  page.Frame{Heading: "Sign in", RequestID: visitOf(r).requestID, Version: a.Version, Failed: len(errs) > 0},
		Return: localPath(back),
		Errors: errs,
	}
	for _, role := range a.Demo.Roles() {
		m.Choices = append(m.Choices, account.Choice{Role: role})
	}
	return a.render(w, r, status, account.SignInPage(m))
}
