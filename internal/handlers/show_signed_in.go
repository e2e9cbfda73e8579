package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
)

// showSignedIn ends a tab in which somebody signed in for the sake of a form that waits in another one.
func (a *App) showSignedIn(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, account.ConfirmedPage(account.Confirmed{
		Frame: a.frame(w, r, page.NoSection, account.SignedInHeading), Name: stateOf(r).operator.Display(), Href: "/",
	}))
}
