package proxy

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// receivedRequest is a request as the console received it.
type receivedRequest struct {
	Operator     operator.Operator
	Refused      string
	ForwardedFor []string
	Peer         string
}

// startStubConsole starts a server that reports which operator it identifies. It trusts the headers of auth_request
// only from 127.0.0.1, from which nginx connects.
func startStubConsole(t *testing.T) *httptest.Server {
	t.Helper()
	proxy, err := identity.NewProxyHeader(identity.ProxyHeaderOptions{
		User:           "X-Auth-Request-User",
		Email:          "X-Auth-Request-Email",
		Groups:         "X-Auth-Request-Groups",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Sessions:       &sessions{operators: map[string]operator.Operator{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := proxy.Identify(w, r)
		received := receivedRequest{Operator: caller, ForwardedFor: r.Header["X-Forwarded-For"], Peer: r.RemoteAddr}
		status := http.StatusOK
		if refused, ok := errors.AsType[*identity.Refused](err); ok {
			status, received.Refused = http.StatusForbidden, string(refused.Reason)
		} else if err != nil {
			status = http.StatusInternalServerError
		} else if !caller.Authenticated() {
			status = http.StatusUnauthorized
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(received)
	}))
	t.Cleanup(server.Close)
	return server
}

// sessions keeps sessions in memory. The cookie's value is the subject of the operator.
type sessions struct {
	mu        sync.Mutex
	operators map[string]operator.Operator
}

func (s *sessions) Operator(r *http.Request) (operator.Operator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, err := r.Cookie("session"); err == nil {
		return s.operators[c.Value], nil
	}
	return operator.Operator{}, nil
}

func (s *sessions) SignIn(w http.ResponseWriter, _ *http.Request, o operator.Operator, _ session.Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.operators[o.Subject] = o
	http.SetCookie(w, &http.Cookie{Name: "session", Value: o.Subject})
	return nil
}

func (s *sessions) SignOut(w http.ResponseWriter, _ *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: "session", MaxAge: -1})
	return nil
}
