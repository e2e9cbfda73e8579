package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
)

// showSignedIn shows the last page of a tab that was opened only to sign in again. The form waits in another tab.
func (a *App) showSignedIn(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, account.ConfirmedPage(account.Confirmed{
		Frame: a.frame(r, page.NoSection, account.SignedInHeading), Name: stateOf(r).operator.Display(), Href: "/",
	}))
}
