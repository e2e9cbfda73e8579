package identity

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// proxySessions is what a Proxy does with sessions.
type proxySessions interface {
	Operator(r *http.Request) (operator.Operator, error)
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// Proxy knows people by what a proxy in front of the console asserts of them. NewProxyHeader and NewProxyJWT make one.
// It is safe for concurrent use.
//
// The assertion is proven on every request, and alone says who is asking. The session beside it holds flashes and the
// form token, and lets a person be listed; it never stands in for an assertion.
type Proxy struct {
	// verify answers who a request's assertion names: nobody, without an error, when the request carries none.
	verify   func(r *http.Request) (operator.Operator, error)
	sessions proxySessions
	method   string
	now      func() time.Time
}

func newProxy(method string, sessions proxySessions, now func() time.Time) *Proxy {
	if now == nil {
		now = time.Now
	}
	return &Proxy{sessions: sessions, method: method, now: now}
}

// Identify answers who makes a request, with the groups that came with it.
//
// Somebody new begins a session, which ends the one that the request carried: so nobody goes on in another person's
// session. Without an assertion the answer is nobody, and a session that a proxy's assertion began ends; routes that
// the proxy lets everybody through to, such as health checks, must therefore not ask.
//
// The error is a *Refused when the assertion is wrong, in which case the session is left alone, since a forged request
// must not sign anybody out; it wraps ErrAway when the keys for proving it cannot be had; any other error means that
// the session could not be read or written.
func (p *Proxy) Identify(w http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	asserted, err := p.verify(r)
	if err != nil {
		return operator.Operator{}, err
	}
	current, err := p.sessions.Operator(r)
	if err != nil {
		return operator.Operator{}, fmt.Errorf("reading the session behind a proxy: %w", err)
	}
	if !asserted.Authenticated() {
		if current.Method == operator.ProxyJWT || current.Method == operator.ProxyHeader {
			if err := p.sessions.SignOut(w, r); err != nil {
				return operator.Operator{}, fmt.Errorf("ending a session without an assertion: %w", err)
			}
		}
		return operator.Operator{}, nil
	}
	asserted.Method, asserted.ProvenAt = p.method, p.now()
	asserted.GroupsAt = asserted.ProvenAt
	if !sameOperator(current, asserted) {
		if err := p.sessions.SignIn(w, r, asserted, session.Tokens{}); err != nil {
			return operator.Operator{}, fmt.Errorf("beginning a session behind a proxy: %w", err)
		}
	}
	return asserted, nil
}

// sameOperator compares the parts of the identity one by one: joined, an issuer that ends in another's name could pass
// for it.
func sameOperator(a, b operator.Operator) bool {
	return a.Issuer == b.Issuer && a.Subject == b.Subject && a.Method == b.Method
}
