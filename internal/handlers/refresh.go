package handlers

import "net/http"

// refresher starts a new reading of an account.
type refresher interface {
	Refresh(account int64)
}

// refresh starts a new reading of the account and leads back to the page that asked for it.
func (a *App) refresh(d refresher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d.Refresh(a.Account)
		return redirect(w, r, stateOf(r).form.text("return"))
	}
}
