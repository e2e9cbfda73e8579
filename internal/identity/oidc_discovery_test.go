package identity_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

const discoveryPath = "/.well-known/openid-configuration"

func TestOIDCProviderDownAtStart(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	p.SetDown(true)
	if page := s.get("/sign-in"); !errors.Is(s.lastError(), identity.ErrUnavailable) {
		t.Fatalf("got %s, %v", page, s.lastError())
	}
	// Repeated sign-ins cause few requests. The client itself may retry a broken connection once.
	hits := p.Hits(discoveryPath)
	for range 5 {
		s.get("/sign-in")
	}
	if now := p.Hits(discoveryPath); now != hits {
		t.Errorf("%d more requests within the delay", now-hits)
	}
	p.SetDown(false)
	if s.get("/sign-in"); !errors.Is(s.lastError(), identity.ErrUnavailable) {
		t.Errorf("within the delay: %v", s.lastError())
	}
	s.clock.forward(3 * time.Second)
	if page, _ := s.signInAs("?back=/keys"); page != "back to /keys" {
		t.Errorf("available again: %s, %v", page, s.lastError())
	}
}

func TestOIDCDiscoveryIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { s.beginSignIn("") })
	}
	all.Wait()
	if n := p.Hits(discoveryPath); n != 1 {
		t.Errorf("20 sign-ins caused %d requests", n)
	}
	// Cached metadata is used during a new fetch, and when the provider is unavailable.
	s.clock.forward(time.Hour)
	for range 10_000 {
		if s.beginSignIn(""); p.Hits(discoveryPath) == 2 {
			break
		}
	}
	if n := p.Hits(discoveryPath); n != 2 {
		t.Errorf("after an hour: %d requests", n)
	}
	s.clock.forward(time.Hour)
	p.SetDown(true)
	for range 100 {
		if s.beginSignIn(""); s.lastError() != nil {
			t.Fatalf("an hour later, with the provider down: %v", s.lastError())
		}
	}
}

func TestOIDCRefusesInvalidDiscovery(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(idptest.Claims)
		why    string
	}{
		"another issuer": {
			func(d idptest.Claims) { d["issuer"] = "https://other.example" },
			"did not match the issuer",
		},
		"an additional slash": {
			func(d idptest.Claims) { d["issuer"] = d["issuer"].(string) + "/" },
			"did not match the issuer",
		},
		"token endpoint with plain http": {
			func(d idptest.Claims) { d["token_endpoint"] = "http://idp.example/token" },
			"token_endpoint",
		},
		"keys with plain http": {func(d idptest.Claims) { d["jwks_uri"] = "http://idp.example/keys" }, "jwks_uri"},
		"authorization endpoint with plain http": {
			func(d idptest.Claims) { d["authorization_endpoint"] = "http://idp.example/authorize" },
			"authorization_endpoint",
		},
		"authorization endpoint with a script": {
			func(d idptest.Claims) { d["authorization_endpoint"] = "javascript:alert(1)" },
			"authorization_endpoint",
		},
		"no keys": {func(d idptest.Claims) { delete(d, "jwks_uri") }, "jwks_uri"},
		"only symmetric algorithms": {
			func(d idptest.Claims) { d["id_token_signing_alg_values_supported"] = []string{"HS256", "none"} },
			"no public-key algorithm",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.Discovery = c.change
			s.get("/sign-in")
			if err := s.lastError(); !errors.Is(err, identity.ErrUnavailable) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want %q", err, c.why)
			}
		})
	}
	t.Run("sign-out with plain http", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		f.Discovery = func(d idptest.Claims) { d["end_session_endpoint"] = "http://idp.example/end" }
		s.get("/sign-in")
		if address := s.get("/sign-out"); address != "" || s.lastError() != nil {
			t.Errorf("got %s, %v", address, s.lastError())
		}
	})
}

// TestOIDCIgnoresUnusableUserInfo signs an operator in with the groups of the ID token. The access token is not sent to
// the address.
func TestOIDCIgnoresUnusableUserInfo(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{
		"plain http":     "http://idp.example/userinfo",
		"a path alone":   "/userinfo",
		"not a host":     "https://",
		"not a web page": "urn:example:userinfo",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.Discovery = func(d idptest.Claims) { d["userinfo_endpoint"] = address }
			f.IDToken = func(valid idptest.Claims) string {
				delete(valid, "name")
				return f.Sign(valid)
			}
			s.get("/sign-in")
			if o := s.currentOperator(); len(o.Groups) != 1 || f.Hits("/userinfo") != 0 {
				t.Errorf("got %+v, %v", o, s.lastError())
			}
			if !strings.Contains(s.log.String(), "userinfo_endpoint") {
				t.Errorf("the log says %s", s.log)
			}
		})
	}
}

// TestOIDCKeysUnavailable expects ErrUnavailable, not a refusal.
func TestOIDCKeysUnavailable(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	f.KeysDown = true
	s.get("/sign-in")
	if err := s.lastError(); !errors.Is(err, identity.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// TestOIDCFollowsNoRedirectElsewhere also checks the limit for the size of responses.
func TestOIDCFollowsNoRedirectElsewhere(t *testing.T) {
	t.Parallel()
	var lured atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { lured.Add(1) }))
	t.Cleanup(elsewhere.Close)
	var serve atomic.Pointer[http.HandlerFunc]
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*serve.Load())(w, r)
	}))
	t.Cleanup(provider.Close)
	c := new(clock)
	s := newSite(t, c, identity.OIDCOptions{Issuer: provider.URL, ClientID: "voxwarden"}, "")
	for name, handler := range map[string]http.HandlerFunc{
		"redirect to another host": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		},
		"endless redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		},
		"more than a megabyte": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(
				w,
				`{"issuer": %[1]q, "authorization_endpoint": %[1]q, "token_endpoint": %[1]q, "jwks_uri": %[1]q, "x": %[2]q}`,
				provider.URL,
				strings.Repeat("a", 1<<20),
			)
		},
		"an error page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("page ", 1000), http.StatusBadGateway)
		},
	} {
		serve.Store(&handler)
		s.clock.forward(time.Minute)
		s.get("/sign-in")
		if err := s.lastError(); !errors.Is(err, identity.ErrUnavailable) || len(err.Error()) > 500 {
			t.Errorf("%s: got %.600v", name, err)
		}
	}
	if n := lured.Load(); n != 0 {
		t.Errorf("%d requests to the other host", n)
	}
}

func TestNewOIDCChecksItsSettings(t *testing.T) {
	t.Parallel()
	base, _ := url.Parse("https://vox.example")
	valid := identity.OIDCOptions{
		Issuer:   "https://idp.example/realms/acme",
		ClientID: "voxwarden",
		BaseURL:  base,
		Sessions: &memorySessions{},
	}
	if _, err := identity.NewOIDC(valid); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*identity.OIDCOptions){
		"no issuer":              func(o *identity.OIDCOptions) { o.Issuer = "" },
		"issuer with plain http": func(o *identity.OIDCOptions) { o.Issuer = "http://idp.example" },
		"issuer with query":      func(o *identity.OIDCOptions) { o.Issuer = "https://idp.example?x=1" },
		"issuer with password":   func(o *identity.OIDCOptions) { o.Issuer = "https://a:b@idp.example" },
		"issuer without scheme":  func(o *identity.OIDCOptions) { o.Issuer = "idp.example" },
		"no client":              func(o *identity.OIDCOptions) { o.ClientID = "" },
		"no base URL":            func(o *identity.OIDCOptions) { o.BaseURL = nil },
		"no sessions":            func(o *identity.OIDCOptions) { o.Sessions = nil },
	} {
		o := valid
		change(&o)
		if _, err := identity.NewOIDC(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
