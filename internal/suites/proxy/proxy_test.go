package proxy

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// site holds the addresses of nginx and of the stub console behind it.
type site struct{ nginx, console string }

func newSite(t *testing.T, settings string) site {
	t.Helper()
	console := startStubConsole(t, authRequestHeaders).Listener.Addr().String()
	return site{console: console, nginx: startNginx(t, console, startSSO(t).Listener.Addr().String(), settings)}
}

// proxyResponse is a response, with the request as the console received it.
type proxyResponse struct {
	receivedRequest
	Status   int
	Location string
}

// get sends a GET request from a source address of this machine, with the headers exactly as written. It follows no
// redirect.
func get(t *testing.T, source, address, path string, header http.Header) proxyResponse {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://console.example.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	result := proxyResponse{Status: response.StatusCode, Location: response.Header.Get("Location")}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") { // nginx's own pages are HTML
		if err := json.NewDecoder(response.Body).Decode(&result.receivedRequest); err != nil {
			t.Fatal(err)
		}
	}
	return result
}

// signedInAs returns the cookie of a user of the sign-in server, and extra headers.
func signedInAs(user string, extra http.Header) http.Header {
	h := http.Header{"Cookie": {ssoCookie + "=" + user}}
	for name, values := range extra {
		h[name] = append(h[name], values...)
	}
	return h
}

func expectOperator(t *testing.T, a proxyResponse, subject string, groups ...string) {
	t.Helper()
	if a.Status != http.StatusOK || a.Operator.Subject != subject || !slices.Equal(a.Operator.Groups, groups) {
		t.Errorf("got %d, %+v, want %s of %q", a.Status, a.receivedRequest, subject, groups)
	}
}

// TestThroughNginx sends requests through nginx. The console must get the identity from the sign-in server, and none of
// the visitor's headers.
func TestThroughNginx(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	through := func(h http.Header) proxyResponse { t.Helper(); return get(t, "127.0.0.1", s.nginx, "/subusers?q=a", h) }

	a := through(signedInAs("anna", nil))
	expectOperator(t, a, "anna", "ops", "night shift")
	if a.Operator.Email != "anna@example.com" || !a.Operator.EmailVerified || a.Operator.Issuer != "proxy" {
		t.Errorf("got %+v", a.Operator)
	}
	expectOperator(t, through(signedInAs("bert", nil)), "bert")

	t.Run("forged headers", func(t *testing.T) {
		forged := http.Header{
			"X-Auth-Request-User":   {"boss"},
			"X-Auth-Request-Groups": {"admins"},
			"X-Auth-Request-Email":  {"boss@example.com"},
		}
		expectOperator(t, through(signedInAs("anna", forged)), "anna", "ops", "night shift")
		a := through(signedInAs("bert", forged))
		expectOperator(t, a, "bert")
		if a.Operator.Email != "" {
			t.Errorf("the visitor's e-mail address arrived: %+v", a.Operator)
		}
		repeated := http.Header{
			"X-Auth-Request-User":   {"boss", "boss"},
			"x-auth-request-groups": {"admins"},
			"X-AUTH-REQUEST-GROUPS": {"admins"},
		}
		expectOperator(t, through(signedInAs("bert", repeated)), "bert")
		if a := through(signedInAs("ghost", forged)); a.Status != http.StatusUnauthorized || a.Operator.Authenticated() {
			t.Errorf("a session without a user: got %d, %+v", a.Status, a.receivedRequest)
		}
		// A Connection header, which lists headers to drop, must not drop those that nginx adds.
		drop := http.Header{"Connection": {"X-Auth-Request-User, X-Auth-Request-Groups"}}
		expectOperator(t, through(signedInAs("anna", drop)), "anna", "ops", "night shift")
	})
	t.Run("underscores", func(t *testing.T) {
		underscores := http.Header{
			"X_Auth_Request_User":   {"boss"},
			"X_Auth_Request_Groups": {"admins"},
			"X-Auth-Request_Groups": {"admins"},
		}
		expectOperator(t, through(signedInAs("bert", underscores)), "bert")
	})
	t.Run("not signed in", func(t *testing.T) {
		for name, header := range map[string]http.Header{
			"no cookie":      {},
			"unknown cookie": signedInAs("boss", nil),
			"headers alone":  {"X-Auth-Request-User": {"boss"}},
		} {
			a := through(header)
			if a.Status != http.StatusFound ||
				a.Location != "http://sso.example.com/start?rd=http://console.example.com/subusers?q=a" ||
				a.Peer != "" {
				t.Errorf("%s: got %d to %q, %+v", name, a.Status, a.Location, a.receivedRequest)
			}
			if a := get(t, "127.0.0.1", s.nginx, "/api", header); a.Status != http.StatusUnauthorized || a.Peer != "" {
				t.Errorf("%s: got %d, %+v", name, a.Status, a.receivedRequest)
			}
		}
	})
	t.Run("the check itself", func(t *testing.T) {
		if a := get(t, "127.0.0.1", s.nginx, "/-/check", signedInAs("anna", nil)); a.Status != http.StatusNotFound {
			t.Errorf("got %d", a.Status)
		}
	})
	t.Run("the visitor's address", func(t *testing.T) {
		a := get(t, "127.0.0.3", s.nginx, "/", signedInAs("anna", http.Header{"X-Forwarded-For": {"10.9.9.9"}}))
		expectOperator(t, a, "anna", "ops", "night shift")
		if !slices.Equal(a.ForwardedFor, []string{"10.9.9.9, 127.0.0.3"}) || !strings.HasPrefix(a.Peer, "127.0.0.1:") {
			t.Errorf("got %q from %s", a.ForwardedFor, a.Peer)
		}
	})
}

// TestUnderscoresThroughNginx: with underscores_in_headers nginx passes on headers with underscores in their names. The
// console refuses a request with such a variant of an identity header.
func TestUnderscoresThroughNginx(t *testing.T) {
	t.Parallel()
	s := newSite(t, "underscores_in_headers on;")
	for _, name := range []string{"X_Auth_Request_User", "X_Auth_Request_Groups", "x-auth_request-email"} {
		a := get(t, "127.0.0.1", s.nginx, "/", signedInAs("bert", http.Header{name: {"boss"}}))
		if a.Status != http.StatusForbidden || a.Operator.Authenticated() ||
			!strings.Contains(a.Refused, "a name similar to") {
			t.Errorf("%s: got %d, %+v", name, a.Status, a.receivedRequest)
		}
	}
	expectOperator(t, get(t, "127.0.0.1", s.nginx, "/", signedInAs("bert", nil)), "bert")
}

// TestBypassNginx: the console trusts no header of a request that does not come from nginx.
func TestBypassNginx(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	forged := http.Header{
		"X-Auth-Request-User":   {"boss"},
		"X-Auth-Request-Groups": {"admins"},
		"X-Forwarded-For":       {"127.0.0.1"},
		"X-Real-Ip":             {"127.0.0.1"},
	}
	a := get(t, "127.0.0.2", s.console, "/", forged)
	if a.Status != http.StatusForbidden || a.Operator.Authenticated() ||
		!strings.Contains(a.Refused, "untrusted address") ||
		!strings.HasPrefix(a.Peer, "127.0.0.2:") {
		t.Errorf("got %d, %+v", a.Status, a.receivedRequest)
	}
	expectOperator(t, get(t, "127.0.0.2", s.nginx, "/", signedInAs("anna", nil)), "anna", "ops", "night shift")
	a = get(t, "127.0.0.2", s.console, "/", signedInAs("anna", nil))
	if a.Status != http.StatusUnauthorized || a.Operator.Authenticated() {
		t.Errorf("without headers: got %d, %+v", a.Status, a.receivedRequest)
	}
}
