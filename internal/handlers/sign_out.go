package handlers

import (
	"log/slog"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
)

// signOut ends the session. It responds with 200 and not with a redirect: form-action forbids one to the company's
// sign-out page.
func (a *App) signOut(w http.ResponseWriter, r *http.Request) error {
	m := account.SignedOut{
		ProviderURL:   a.ProxySignOutURL,
		StillSignedIn: a.Demo == nil,
		Proxy:         a.Demo == nil && a.Provider == nil,
	}
	if a.Provider != nil {
		m.ProviderURL = a.Provider.SignOutURL(r) // needs the session
	}
	actor, known := a.actor(r), stateOf(r).operator.Authenticated()
	if err := a.Sessions.SignOut(w, r); err != nil {
		return &sessionError{cause: err}
	}
	a.logSessionEvent(r, slog.LevelInfo, "signed out")
	if known {
		a.writeNotice(r, audit.SignedOut{Actor: actor, RequestID: stateOf(r).requestID})
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return a.signedOutPage(w, r, m)
}

// showSignedOut shows the same page after a reload, and on the way back from the provider's sign-out.
func (a *App) showSignedOut(w http.ResponseWriter, r *http.Request) error {
	if stateOf(r).operator.Authenticated() {
		return redirect(w, r, "/")
	}
	return a.signedOutPage(w, r, account.SignedOut{})
}

func (a *App) signedOutPage(w http.ResponseWriter, r *http.Request, m account.SignedOut) error {
	m.Frame = page.Frame{Heading: account.SignedOutHeading, RequestID: stateOf(r).requestID, Version: a.Version}
	return a.render(w, r, http.StatusOK, account.SignedOutPage(m))
}
