package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/views/account"
	"github.com/voxwarden/voxwarden/views/page"
)

// signOut ends the session and says so. It answers 200 and does not redirect: a redirect to a company's sign-out page
// would be stopped by form-action.
func (a *App) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := a.Sessions.SignOut(w, r); err != nil {
		return &sessionTrouble{cause: err}
	}
	return a.render(w, r, http.StatusOK, account.SignedOutPage(account.SignedOut{
		Frame: page.Frame{Heading: "Signed out", RequestID: visitOf(r).requestID, Version: a.Version},
	}))
}
