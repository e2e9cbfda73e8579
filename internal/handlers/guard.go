package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// handler answers a request, or returns why it cannot; nothing was written then.
type handler func(w http.ResponseWriter, r *http.Request) error

// maxForm is the size of the largest form that is read.
const maxForm = 64 << 10

// What stops a request before its handler sees it.
var (
	errSignIn      = errors.New("nobody is signed in")
	errCrossOrigin = errors.New("the form was sent from another site")
	errNoPage      = errors.New("no such page")
	errMethod      = errors.New("the page does not take this method")
)

// sessionTrouble is the error of a session that could not be read or written.
type sessionTrouble struct{ cause error }

func (e *sessionTrouble) Error() string { return "sessions: " + e.cause.Error() }
func (e *sessionTrouble) Unwrap() error { return e.cause }

// open answers everybody.
func (a *App) open(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := a.identify(r); err != nil {
			a.fail(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			a.fail(w, r, err)
		}
	}
}

// openPost takes a form from everybody, if it was sent from a page of ours and can be read.
func (a *App) openPost(h handler) http.HandlerFunc { return a.open(a.formOnly(h)) }

// get answers an operator who has any of the permissions.
func (a *App) get(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.open(a.permitted(h, anyOf))
}

// post takes a form from an operator who has any of the permissions, if it was sent from a page of ours and can be
// read. Where the form comes from is looked at first: another site learns nothing about who is signed in.
func (a *App) post(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.open(a.formOnly(a.permitted(h, anyOf)))
}

// permitted lets an operator through who has any of the permissions.
func (a *App) permitted(h handler, anyOf []policy.Permission) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		o := visitOf(r).operator
		if !o.Known() {
			return errSignIn
		}
		if !slices.ContainsFunc(anyOf, func(p policy.Permission) bool { return a.Policy.May(o, p) }) {
			return &policy.Denied{Permission: anyOf[0]}
		}
		return h(w, r)
	}
}

// formOnly lets a form through that comes from a page of ours and can be read.
func (a *App) formOnly(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := a.crossOrigin.Check(r); err != nil {
			return errCrossOrigin
		}
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		visitOf(r).form = form
		return h(w, r)
	}
}

// identify notes in the visit who makes the request.
func (a *App) identify(r *http.Request) error {
	remembered, err := a.Sessions.Operator(r)
	if err != nil {
		return &sessionTrouble{cause: err}
	}
	visitOf(r).operator = a.Identity.Operator(r, remembered)
	return nil
}

// wrongMethod says which methods an address does take.
func (a *App) wrongMethod(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		asked := method
		if method == http.MethodHead {
			asked = http.MethodGet
		}
		if chi.RouteContext(r.Context()).Routes.Match(chi.NewRouteContext(), asked, r.URL.Path) {
			allowed = append(allowed, method)
		}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return errMethod
}
