package identity

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// proxySessions reads and writes sessions; *session.Store implements it.
type proxySessions interface {
	Operator(r *http.Request) (operator.Operator, error)
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// Proxy identifies operators by the assertions of a proxy in front of the console. Create it with NewProxyHeader or
// NewProxyJWT. It is safe for concurrent use.
//
// The assertion is verified on every request and alone identifies the operator. The session only holds flash messages
// and the form token, and appears in the list of sessions; it never replaces an assertion.
type Proxy struct {
	// verify returns the operator in the request's assertion, or the zero Operator without one.
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

// Identify returns the operator in the request's assertion, with the groups in it.
//
// An operator other than the session's starts a new session and ends the old one, so that no operator uses another
// operator's session. Without an assertion it returns the zero Operator and ends a session of a proxy. So routes that
// the proxy forwards without sign-in, such as health checks, must not call Identify.
//
// If the error is a *Refused, the session is unchanged, because a forged request must not sign an operator out. See the
// package documentation for other errors.
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
			return operator.Operator{}, fmt.Errorf("starting a session behind a proxy: %w", err)
		}
	}
	return asserted, nil
}

// sameOperator compares issuer and subject separately: joined to one string, different pairs could be equal.
func sameOperator(a, b operator.Operator) bool {
	return a.Issuer == b.Issuer && a.Subject == b.Subject && a.Method == b.Method
}
