package handlers

import (
	"errors"
	"net/http"
	"slices"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// handler writes a response, or returns an error without having written anything.
type handler func(w http.ResponseWriter, r *http.Request) error

// maxFormBytes limits the body of a form without a file.
const maxFormBytes = 64 << 10

// Errors of requests that do not reach their handler.
var (
	errNotSignedIn      = errors.New("not signed in")
	errCrossOrigin      = errors.New("cross-origin form")
	errPageNotFound     = errors.New("page not found")
	errMethodNotAllowed = errors.New("method not allowed")
	errFormToken        = errors.New("form token of another session")
	errNoAssertion      = errors.New("request without identity from the proxy")
)

// sessionError is the error of a session that could not be read or written.
type sessionError struct{ cause error }

func (e *sessionError) Error() string { return "using the session store: " + e.cause.Error() }
func (e *sessionError) Unwrap() error { return e.cause }

// public serves every visitor.
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

// publicPost accepts a readable form of this session from every visitor.
func (a *App) publicPost(h handler) http.HandlerFunc { return a.public(a.requireForm(h)) }

// get serves operators with any of the permissions.
func (a *App) get(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requirePermission(h, anyOf))
}

// getFromVendor is get for a page that calls the vendor.
func (a *App) getFromVendor(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requirePermission(a.concurrencyLimited(h, a.concurrencyLimits.vendor), anyOf))
}

// scan is get for a page that reads many rows.
func (a *App) scan(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requirePermission(a.concurrencyLimited(h, a.concurrencyLimits.scans), anyOf))
}

// export is get for a response with everything at once, which is costly.
func (a *App) export(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	limited := a.rateLimited(a.concurrencyLimited(h, a.concurrencyLimits.exports), a.rateLimits.exports)
	return a.public(a.requirePermission(limited, anyOf))
}

// post accepts a readable form of this session from operators with any of the permissions. The origin of the form is
// checked first, so that another site cannot find out who is signed in. Most forms call the vendor, so all of them
// count against the concurrency limit.
func (a *App) post(h handler, anyOf ...policy.Permission) http.HandlerFunc {
	return a.public(a.requireForm(a.requirePermission(a.concurrencyLimited(h, a.concurrencyLimits.vendor), anyOf)))
}

// signedIn serves every signed-in operator, with or without a dashboard role.
func (a *App) signedIn(h handler) http.HandlerFunc { return a.public(requireSignIn(h)) }

// signedInPost accepts a form from every signed-in operator, with or without a dashboard role.
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

// requirePermission calls the handler for operators with any of the permissions.
func (a *App) requirePermission(h handler, anyOf []policy.Permission) handler {
	return requireSignIn(func(w http.ResponseWriter, r *http.Request) error {
		o := stateOf(r).operator
		if !slices.ContainsFunc(anyOf, func(p policy.Permission) bool { return a.Policy.May(o, p) }) {
			return &policy.Denied{Permission: anyOf[0]}
		}
		if a.CatchUp != nil && r.Method == http.MethodGet {
			a.CatchUp(r.Context(), a.Sessions.NewestEvent(r))
		}
		stateOf(r).signInTooOld = a.Policy.IsAdminOnly(anyOf[0]) && policy.RequireRecentSignIn(o, true, a.Now()) != nil
		return h(w, r)
	})
}

// requireForm reads the form, and calls the handler if a page of this session sent it. Browsers report the origin of a
// form, which fails the first check for another site. A form from elsewhere that passes does not know the token.
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

// formTokenField is the hidden field with the form token of the session.
const formTokenField = "token"

// identify sets the operator of the request.
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
			return a.sessionStarted(w, r, o) // behind a proxy any request can start a session
		}
		return nil
	case refused || errors.Is(err, identity.ErrUnavailable):
		return err
	default:
		return &sessionError{cause: err}
	}
}
