package identity_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// proxyNoon is the time at which the tests of the proxy methods begin.
var proxyNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// proxyClock is a fake clock.
type proxyClock struct {
	mu sync.Mutex
	at time.Time
}

func newProxyClock() *proxyClock { return &proxyClock{at: proxyNoon} }

func (c *proxyClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *proxyClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// proxySessions stores sessions in memory by cookie.
type proxySessions struct {
	mu        sync.Mutex
	operators map[string]operator.Operator
	began     int
	broken    error // returned by every call
	unsaved   error // returned by SignIn and SignOut
}

const proxyCookie = "session"

func newProxySessions() *proxySessions {
	return &proxySessions{operators: map[string]operator.Operator{}}
}

func (s *proxySessions) id(r *http.Request) string {
	if c, err := r.Cookie(proxyCookie); err == nil {
		return c.Value
	}
	return ""
}

func (s *proxySessions) Operator(r *http.Request) (operator.Operator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.operators[s.id(r)], s.broken
}

func (s *proxySessions) SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != (session.Tokens{}) {
		return errors.New("a proxy has no tokens to keep")
	}
	delete(s.operators, s.id(r))
	s.began++
	id := strconv.Itoa(s.began)
	s.operators[id] = o
	http.SetCookie(w, &http.Cookie{Name: proxyCookie, Value: id})
	return s.unsaved
}

func (s *proxySessions) SignOut(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.operators, s.id(r))
	http.SetCookie(w, &http.Cookie{Name: proxyCookie, MaxAge: -1})
	return s.unsaved
}

// proxyVisit is the result of a request.
type proxyVisit struct {
	operator operator.Operator
	err      error
	cookies  []*http.Cookie
}

// visit identifies the operator of a request. The default address of the client is trusted in most tests.
func visit(p *identity.Proxy, change ...func(*http.Request)) proxyVisit {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "10.0.3.7:41234"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	o, err := p.Identify(w, r)
	return proxyVisit{operator: o, err: err, cookies: w.Result().Cookies()}
}

// with adds a header with its canonical name.
func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

func withCookie(value string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: proxyCookie, Value: value}) }
}

// wantRefused requires a *Refused with these words in the reason, and without the secrets.
func wantRefused(t *testing.T, v proxyVisit, words string, secret ...string) {
	t.Helper()
	refused, ok := errors.AsType[*identity.Refused](v.err)
	if v.operator.Authenticated() || !ok {
		t.Fatalf("got %+v, %v; want a refusal", v.operator, v.err)
	}
	if !strings.Contains(string(refused.Reason), words) {
		t.Errorf("refused for %q, want %q", refused.Reason, words)
	}
	for _, s := range secret {
		if s != "" && strings.Contains(refused.Error(), s) {
			t.Errorf("the reason contains a secret: %q", refused.Reason)
		}
	}
}

func wantNoOperator(t *testing.T, v proxyVisit) {
	t.Helper()
	if v.operator.Authenticated() || v.err != nil {
		t.Fatalf("got %+v, %v; want no operator", v.operator, v.err)
	}
}

func wantUnavailable(t *testing.T, v proxyVisit) {
	t.Helper()
	if v.operator.Authenticated() || !errors.Is(v.err, identity.ErrUnavailable) {
		t.Fatalf("got %+v, %v; want ErrUnavailable", v.operator, v.err)
	}
}

func wantOperator(t *testing.T, v proxyVisit, id string, groups ...string) {
	t.Helper()
	if v.err != nil || v.operator.ID() != id {
		t.Fatalf("got %q, %v; want %q", v.operator.ID(), v.err, id)
	}
	if !slices.Equal(v.operator.Groups, groups) {
		t.Errorf("groups: got %q, want %q", v.operator.Groups, groups)
	}
}

// proxyKeyServer serves all addresses of key servers, and records the requests.
type proxyKeyServer struct {
	mu        sync.Mutex
	responses map[string]func() (int, []byte)
	requests  []string
	down      bool
}

func newProxyKeyServer() *proxyKeyServer {
	return &proxyKeyServer{responses: map[string]func() (int, []byte){}}
}

func (s *proxyKeyServer) serve(address string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.responses[address] = func() (int, []byte) { return http.StatusOK, body }
}

func (s *proxyKeyServer) setDown(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = away
}

func (s *proxyKeyServer) fetches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func (s *proxyKeyServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.String())
	if s.down {
		return nil, errors.New("no route to host")
	}
	status, body := http.StatusNotFound, []byte("no such key")
	if answer, ok := s.responses[r.URL.String()]; ok {
		status, body = answer()
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

func quietLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }
