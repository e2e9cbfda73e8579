package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
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
	errToken       = errors.New("the form was not drawn for this session")
	errNoAssertion = errors.New("the request came without saying who is asking")
)

// sessionTrouble is the error of a session that could not be read or written.
type sessionTrouble struct{ cause error }

func (e *sessionTrouble) Error() string { return "sessions: " + e.cause.Error() }
func (e *sessionTrouble) Unwrap() error { return e.cause }

// open answers everybody.
func (a *App) open(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := a.identify(w, r); err != nil {
			a.fail(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			a.fail(w, r, err)
		}
	}
}

// openPost takes a form from everybody, if it was sent from a page of this session's and can be read.
func (a *App) openPost(h handler) http.HandlerFunc { return a.open(a.formOnly(h)) }

// get answers an operator who has any of the permissions.
func (a *App) get(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.open(a.permitted(h, anyOf))
}

// ask is get for a page that asks the vendor.
func (a *App) ask(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.open(a.permitted(a.inTurn(h), anyOf))
}

// export is get for what is costly: everything there is, in one answer.
func (a *App) export(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.open(a.permitted(a.limited(h, a.limits.exports), anyOf))
}

// post takes a form from an operator who has any of the permissions, if it was sent from a page of this session's and
// can be read. Where the form comes from is looked at first: another site learns nothing about who is signed in. Most
// forms ask the vendor, so that all of them wait for their turn.
func (a *App) post(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.open(a.formOnly(a.permitted(a.inTurn(h), anyOf)))
}

// known answers whoever is signed in, with a role or without.
func (a *App) known(h handler) http.HandlerFunc { return a.open(signedIn(h)) }

// knownPost is post for whoever is signed in, with a role or without.
func (a *App) knownPost(h handler) http.HandlerFunc { return a.open(a.formOnly(signedIn(h))) }

func signedIn(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !visitOf(r).operator.Authenticated() {
			return errSignIn
		}
		return h(w, r)
	}
}

// permitted lets an operator through who has any of the permissions.
func (a *App) permitted(h handler, anyOf []policy.Permission) handler {
	return signedIn(func(w http.ResponseWriter, r *http.Request) error {
		o := visitOf(r).operator
		if !slices.ContainsFunc(anyOf, func(p policy.Permission) bool { return a.Policy.May(o, p) }) {
			return &policy.Denied{Permission: anyOf[0]}
		}
		if a.CatchUp != nil && r.Method == http.MethodGet {
			a.CatchUp(r.Context())
		}
		visitOf(r).stale = a.Policy.NeedsRecentSignIn(anyOf[0]) && policy.RequireRecentSignIn(o, true, a.Now()) != nil
		return h(w, r)
	})
}

// formOnly lets a form through that comes from a page of this session's and can be read. A form of ours that was sent
// by another site fails the first check in a browser of today; one that got past it does not know the token.
func (a *App) formOnly(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := a.crossOrigin.Check(r); err != nil {
			return errCrossOrigin
		}
		if err := a.limits.writes.spend(w, r); err != nil {
			return err
		}
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		if !a.Sessions.CheckToken(r, form.text(tokenField)) {
			return errToken
		}
		visitOf(r).form = form
		return h(w, r)
	}
}

// tokenField is the hidden field by which a form proves that it was drawn for this session.
const tokenField = "token"

// identify notes in the visit who makes the request.
func (a *App) identify(w http.ResponseWriter, r *http.Request) error {
	proxied, before := a.Demo == nil && a.Provider == nil, ""
	if proxied {
		before = a.Sessions.Hash(r)
	}
	o, err := a.Identity.Identify(w, r)
	_, refused := errors.AsType[*identity.Refused](err)
	switch {
	case err == nil:
		visitOf(r).operator = o
		if proxied && o.Authenticated() && a.Sessions.Hash(r) != before {
			return a.sessionBegun(w, r, o) // behind a proxy a session begins with whatever request comes first
		}
		return nil
	case refused || errors.Is(err, identity.ErrAway):
		return err
	default:
		return &sessionTrouble{cause: err}
	}
}

// sessionBegun notes a session that began behind a proxy. A browser that sends no cookie begins one with each
// request, be it for a picture on a page of another site: what is too much of that is not written down, and so ended
// again.
func (a *App) sessionBegun(w http.ResponseWriter, r *http.Request, o operator.Operator) error {
	if err := a.limits.sessions.spend(w, r); err != nil {
		visitOf(r).operator = operator.Operator{}
		return errors.Join(err, a.Sessions.SignOut(w, r))
	}
	return a.noteSignIn(w, r, o)
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
