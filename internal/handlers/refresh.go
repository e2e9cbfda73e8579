package handlers

import "net/http"

// refresher starts reading an account anew.
type refresher interface {
	Refresh(account int64)
}

// refresh starts reading the account anew and goes back to the page that asked for it.
func (a *App) refresh(d refresher) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d.Refresh(a.Account)
		return redirect(w, r, stateOf(r).form.text("return"))
	}
}
