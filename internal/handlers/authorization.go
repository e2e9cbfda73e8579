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

// maxFormBytes is the size of the largest form that is read.
const maxFormBytes = 64 << 10

// What stops a request before its handler sees it.
var (
	errNotSignedIn      = errors.New("nobody is signed in")
	errCrossOrigin      = errors.New("the form was sent from another site")
	errPageNotFound     = errors.New("no such page")
	errMethodNotAllowed = errors.New("the page does not take this method")
	errFormToken        = errors.New("the form was not drawn for this session")
	errNoAssertion      = errors.New("the request came without saying who is asking")
)

// sessionError is the error of a session that could not be read or written.
type sessionError struct{ cause error }

func (e *sessionError) Error() string { return "sessions: " + e.cause.Error() }
func (e *sessionError) Unwrap() error { return e.cause }

// public answers everybody.
func (a *App) public(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := a.identify(w, r); err != nil {
			a.handleError(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			a.handleError(w, r, err)
		}
	}
}

// publicPost takes a form from everybody, if it was sent from a page of this session's and can be read.
func (a *App) publicPost(h handler) http.HandlerFunc { return a.public(a.requireForm(h)) }

// get answers an operator who has any of the permissions.
func (a *App) get(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requirePermission(h, anyOf))
}

// getFromVendor is get for a page that asks the vendor.
func (a *App) getFromVendor(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requirePermission(a.concurrencyLimited(h), anyOf))
}

// export is get for what is costly: everything there is, in one answer.
func (a *App) export(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requirePermission(a.rateLimited(h, a.rateLimits.exports), anyOf))
}

// post takes a form from an operator who has any of the permissions, if it was sent from a page of this session's and
// can be read. Where the form comes from is looked at first: another site learns nothing about who is signed in. Most
// forms ask the vendor, so that all of them wait for their turn.
func (a *App) post(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requireForm(a.requirePermission(a.concurrencyLimited(h), anyOf)))
}

// signedIn answers whoever is signed in, with a role or without.
func (a *App) signedIn(h handler) http.HandlerFunc { return a.public(requireSignIn(h)) }

// signedInPost is post for whoever is signed in, with a role or without.
func (a *App) signedInPost(h handler) http.HandlerFunc {
	return a.public(a.requireForm(requireSignIn(h)))
}

func requireSignIn(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !stateOf(r).operator.Authenticated() {
			return errNotSignedIn
		}
		return h(w, r)
	}
}

// requirePermission lets an operator through who has any of the permissions.
func (a *App) requirePermission(h handler, anyOf []policy.Permission) handler {
	return requireSignIn(func(w http.ResponseWriter, r *http.Request) error {
		o := stateOf(r).operator
		if !slices.ContainsFunc(anyOf, func(p policy.Permission) bool { return a.Policy.May(o, p) }) {
			return &policy.Denied{Permission: anyOf[0]}
		}
		if a.CatchUp != nil && r.Method == http.MethodGet {
			a.CatchUp(r.Context())
		}
		stateOf(r).signInTooOld = a.Policy.IsAdminOnly(anyOf[0]) && policy.RequireRecentSignIn(o, true, a.Now()) != nil
		return h(w, r)
	})
}

// requireForm lets a form through that comes from a page of this session's and can be read. A form of ours that was
// sent by another site fails the first check in a browser of today; one that got past it does not know the token.
func (a *App) requireForm(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := a.crossOrigin.Check(r); err != nil {
			return errCrossOrigin
		}
		if err := a.rateLimits.writes.consume(w, r); err != nil {
			return err
		}
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		if !a.Sessions.CheckFormToken(r, form.text(formTokenField)) {
			return errFormToken
		}
		stateOf(r).form = form
		return h(w, r)
	}
}

// formTokenField is the hidden field by which a form proves that it was drawn for this session.
const formTokenField = "token"

// identify notes in the visit who makes the request.
func (a *App) identify(w http.ResponseWriter, r *http.Request) error {
	proxied, previousHash := a.Demo == nil && a.Provider == nil, ""
	if proxied {
		previousHash = a.Sessions.Hash(r)
	}
	o, err := a.Identity.Identify(w, r)
	_, refused := errors.AsType[*identity.Refused](err)
	switch {
	case err == nil:
		stateOf(r).operator = o
		if proxied && o.Authenticated() && a.Sessions.Hash(r) != previousHash {
			return a.proxySessionStarted(w, r, o) // behind a proxy a session begins with whatever request comes first
		}
		return nil
	case refused || errors.Is(err, identity.ErrUnavailable):
		return err
	default:
		return &sessionError{cause: err}
	}
}

// proxySessionStarted notes a session that began behind a proxy. A browser that sends no cookie begins one with each
// request, be it for a picture on a page of another site: what is too much of that is not written down, and so ended
// again.
func (a *App) proxySessionStarted(w http.ResponseWriter, r *http.Request, o operator.Operator) error {
	if err := a.rateLimits.sessions.consume(w, r); err != nil {
		stateOf(r).operator = operator.Operator{}
		return errors.Join(err, a.Sessions.SignOut(w, r))
	}
	return a.writeSignInNotice(w, r, o)
}

// methodNotAllowed says which methods an address does take.
func (a *App) methodNotAllowed(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		matched := method
		if method == http.MethodHead {
			matched = http.MethodGet
		}
		if chi.RouteContext(r.Context()).Routes.Match(chi.NewRouteContext(), matched, r.URL.Path) {
			allowed = append(allowed, method)
		}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return errMethodNotAllowed
}
