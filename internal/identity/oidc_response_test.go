package identity_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCRefusesForgedResponses changes the query of the callback.
func TestOIDCRefusesForgedResponses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change    func(*idptest.Forger, url.Values)
		discovery func(idptest.Claims)
		why       string
	}{
		"an error": {
			func(_ *idptest.Forger, v url.Values) { v.Del("code"); v.Set("error", "access_denied") },
			nil,
			"returned the error access_denied",
		},
		"an error beside a code": {
			func(_ *idptest.Forger, v url.Values) { v.Set("error", "server_error") },
			nil,
			"returned the error server_error",
		},
		"an error with a line break": {
			func(_ *idptest.Forger, v url.Values) { v.Set("error", "x\nlevel=ERROR") },
			nil,
			"returned an unknown error",
		},
		"no code":  {func(_ *idptest.Forger, v url.Values) { v.Del("code") }, nil, "has no code"},
		"no state": {func(_ *idptest.Forger, v url.Values) { v.Del("state") }, nil, "has no state"},
		"another state": {
			func(_ *idptest.Forger, v url.Values) { v.Set("state", "x") },
			nil,
			"no sign-in in progress with this state",
		},
		"the state twice": {func(_ *idptest.Forger, v url.Values) { v.Add("state", "x") }, nil, "a parameter twice"},
		"the code twice":  {func(_ *idptest.Forger, v url.Values) { v.Add("code", "x") }, nil, "a parameter twice"},
		"a code that is too long": {
			func(_ *idptest.Forger, v url.Values) { v.Set("code", strings.Repeat("a", 8<<10+1)) },
			nil,
			"too long",
		},
		"another provider": {
			func(_ *idptest.Forger, v url.Values) { v.Set("iss", "https://other.example") },
			nil,
			"from another provider",
		},
		"a missing iss parameter": {
			func(*idptest.Forger, url.Values) {},
			func(d idptest.Claims) { d["authorization_response_iss_parameter_supported"] = true },
			"has no iss parameter",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.Discovery = c.discovery
			f.CallbackQuery = func(v url.Values) { c.change(f, v) }
			s.get("/sign-in")
			s.wantRefused(c.why)
			if s.sessions.count() != 0 || f.Hits("/token") != 0 {
				t.Errorf("%d sessions, %d calls of the token endpoint", s.sessions.count(), f.Hits("/token"))
			}
		})
	}
	t.Run("iss of our provider", func(t *testing.T) {
		t.Parallel()
		s, f := withForger(t)
		f.Discovery = func(d idptest.Claims) { d["authorization_response_iss_parameter_supported"] = true }
		f.CallbackQuery = func(v url.Values) { v.Set("iss", f.URL) }
		if page := s.get("/sign-in"); page != "back to " {
			t.Errorf("got %s", page)
		}
	})
}

func TestOIDCTokenEndpointErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   idptest.Claims
		why    string // "" means ErrUnavailable
	}{
		"invalid_grant": {
			http.StatusBadRequest,
			idptest.Claims{"error": "invalid_grant", "error_description": "code SECRET was used"},
			"refused the code",
		},
		"invalid_client": {http.StatusUnauthorized, idptest.Claims{"error": "invalid_client"}, "client id and secret"},
		"another": {
			http.StatusBadRequest,
			idptest.Claims{"error": "invalid_scope"},
			"returned the error invalid_scope",
		},
		"none":     {http.StatusBadRequest, idptest.Claims{"code": "SECRET"}, "returned an unknown error"},
		"busy":     {http.StatusTooManyRequests, idptest.Claims{"error": "slow_down"}, ""},
		"broken":   {http.StatusBadGateway, idptest.Claims{"code": "SECRET"}, ""},
		"no token": {http.StatusOK, idptest.Claims{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.Token = func(url.Values) (int, idptest.Claims) { return c.status, c.body }
			s.get("/sign-in")
			if c.why != "" {
				s.wantRefused(c.why)
			} else if !errors.Is(s.lastError(), identity.ErrUnavailable) {
				t.Errorf("got %v, want ErrUnavailable", s.lastError())
			}
			if strings.Contains(s.lastError().Error(), "SECRET") {
				t.Errorf("the provider's message is in the error: %v", s.lastError())
			}
			if f.Hits("/token") != 1 {
				t.Errorf("the code was sent %d times", f.Hits("/token"))
			}
		})
	}
}
