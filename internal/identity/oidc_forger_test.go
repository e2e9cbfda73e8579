package identity_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// withForger returns a console and a provider with the responses of a test.
func withForger(t *testing.T, change ...func(*identity.OIDCOptions)) (*site, *idptest.Forger) {
	t.Helper()
	c := new(clock)
	f := idptest.NewForger(t)
	f.Now = c.now
	o := identity.OIDCOptions{
		Issuer:         f.URL,
		ClientID:       f.ClientID,
		ClientSecret:   config.NewSecret(f.ClientSecret),
		Reauthenticate: true,
	}
	for _, each := range change {
		each(&o)
	}
	return newSite(t, c, o, ""), f
}

func TestOIDCAcceptsValidResponse(t *testing.T) {
	t.Parallel()
	s, _ := withForger(t)
	for _, query := range []string{"", "?again=1"} {
		if page := s.get("/sign-in" + query); page != "back to " || s.currentOperator().Subject != "anna" {
			t.Errorf("%s: got %s, %v", query, page, s.lastError())
		}
	}
}

// TestOIDCWithoutReauthentication signs in with a provider without max_age and auth_time.
func TestOIDCWithoutReauthentication(t *testing.T) {
	t.Parallel()
	s, f := withForger(t, func(o *identity.OIDCOptions) { o.Reauthenticate = false })
	f.IDToken = func(valid idptest.Claims) string {
		valid["auth_time"] = f.Now().Add(-time.Hour).Unix()
		valid["iat"] = f.Now().Add(-10 * time.Second).Unix()
		return f.Sign(valid)
	}
	s.get("/sign-in?again=1")
	if o := s.currentOperator(); s.clock.now().Sub(o.ProvenAt) > time.Minute || o.ProvenAt.IsZero() {
		t.Errorf("proven at %v, %v", o.ProvenAt, s.lastError())
	}
	if asked := f.LastAuthRequest(); asked.Has("max_age") || asked.Get("prompt") != "select_account" {
		t.Errorf("authorization request %v", asked)
	}
}

// TestOIDCSignOutWithALongToken omits a hint that is too long for an address.
func TestOIDCSignOutWithALongToken(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	f.Discovery = func(d idptest.Claims) { d["end_session_endpoint"] = f.URL + "/end?realm=acme" }
	f.IDToken = func(valid idptest.Claims) string {
		valid["picture"] = strings.Repeat("a", 8<<10)
		return f.Sign(valid)
	}
	s.get("/sign-in")
	address, err := url.Parse(s.get("/sign-out"))
	if q := address.Query(); err != nil || q.Has("id_token_hint") || q.Get("client_id") != f.ClientID ||
		q.Get("realm") != "acme" {
		t.Errorf("got %s, %v", address, err)
	}
}

// TestOIDCNamesAreOneLine removes control characters from names.
func TestOIDCNamesAreOneLine(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	f.IDToken = func(valid idptest.Claims) string {
		valid["name"], valid["email"] = "Anna\n\x00"+strings.Repeat("é", 200), "anna@example.com\nadmin"
		return f.Sign(valid)
	}
	f.UserInfo = func() (int, idptest.Claims) { return http.StatusOK, idptest.Claims{"sub": "anna"} }
	s.get("/sign-in")
	if o := s.currentOperator(); o.Name != "Anna"+strings.Repeat("é", 126) || o.Email != "" || o.EmailVerified {
		t.Errorf("got %q, %q, %v", o.Name, o.Email, s.lastError())
	}
}

func TestOIDCWithoutAuthTime(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	f.IDToken = func(valid idptest.Claims) string {
		delete(valid, "auth_time")
		return f.Sign(valid)
	}
	s.get("/sign-in")
	if o := s.currentOperator(); !o.Authenticated() || !o.ProvenAt.IsZero() {
		t.Errorf("got %+v", o)
	}
}

// TestOIDCClientAuthentication takes the authentication method from the discovery document.
func TestOIDCClientAuthentication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		methods []string
		public  bool
		want    string
	}{
		"not in discovery": {nil, false, "header"},
		"both":             {[]string{"client_secret_post", "client_secret_basic"}, false, "header"},
		"the form only":    {[]string{"client_secret_post"}, false, "form"},
		"a public client":  {[]string{"client_secret_basic", "none"}, true, "form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t, func(o *identity.OIDCOptions) {
				if c.public {
					o.ClientSecret = config.Secret{}
				}
			})
			f.Discovery = func(d idptest.Claims) {
				if c.methods != nil {
					d["token_endpoint_auth_methods_supported"] = c.methods
				}
			}
			s.get("/sign-in")
			if got := f.ClientAuth(); len(got) != 1 || got[0] != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestOIDCSessionWriteFails(t *testing.T) {
	t.Parallel()
	s, _ := withForger(t)
	broken := errors.New("the database is full")
	s.sessions.failure = broken
	s.get("/sign-in")
	if _, refused := errors.AsType[*identity.Refused](s.lastError()); !errors.Is(s.lastError(), broken) ||
		errors.Is(s.lastError(), identity.ErrUnavailable) ||
		refused {
		t.Errorf("got %v", s.lastError())
	}
}
