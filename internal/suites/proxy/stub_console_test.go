package proxy

import (
	"encoding/json"
	"errors"
	"io"
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

// authRequestHeaders are the headers of oauth2-proxy with --set-xauthrequest.
var authRequestHeaders = identity.ProxyHeaderOptions{
	User:   "X-Auth-Request-User",
	Email:  "X-Auth-Request-Email",
	Groups: "X-Auth-Request-Groups",
}

// startStubConsole starts a server that reports which operator it identifies. It trusts the headers only from
// 127.0.0.1, from which the proxy connects.
func startStubConsole(t *testing.T, headers identity.ProxyHeaderOptions) *httptest.Server {
	t.Helper()
	headers.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	headers.Sessions = &sessions{operators: map[string]operator.Operator{}}
	proxy, err := identity.NewProxyHeader(headers)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that trailers are read
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
