package identity_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

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

// TestOIDCUnfinishedSignIns distinguishes the responses after which an operator can do something. The description is
// only in the text of the error, in printed characters and cut.
func TestOIDCUnfinishedSignIns(t *testing.T) {
	t.Parallel()
	providerError := func(code string) func(url.Values) {
		return func(v url.Values) {
			v.Del("code")
			v.Set("error", code)
			v.Set("error_description", "AADSTS50105:\n\x1b[31m<b>not assigned</b>"+strings.Repeat("x", 1000))
		}
	}
	withoutState := func(change func(url.Values)) func(url.Values) {
		return func(v url.Values) {
			change(v)
			v.Del("state")
		}
	}
	otherState := func(change func(url.Values)) func(url.Values) {
		return func(v url.Values) {
			change(v)
			v.Set("state", "x")
		}
	}
	for name, c := range map[string]struct {
		change func(url.Values)
		reason string
		cause  identity.Cause
		old    bool
	}{
		"denied": {providerError("access_denied"), "the error access_denied", identity.NotAdmitted, false},
		"denied, without state": {
			withoutState(providerError("access_denied")),
			"without a state, the error access_denied",
			identity.NotAdmitted,
			false,
		},
		"denied, of another sign-in": {
			otherState(providerError("access_denied")), "the error access_denied", identity.NotAdmitted, true,
		},
		"consent":     {providerError("consent_required"), "consent_required", identity.NotCompleted, false},
		"login":       {providerError("login_required"), "login_required", identity.NotCompleted, false},
		"interaction": {providerError("interaction_required"), "interaction_required", identity.NotCompleted, false},
		"choice": {
			providerError("account_selection_required"), "account_selection_required", identity.NotCompleted, false,
		},
		"broken": {providerError("server_error"), "server_error", identity.ProviderFailed, false},
		"busy": {
			providerError("temporarily_unavailable"), "temporarily_unavailable", identity.ProviderFailed, false,
		},
		"misconfigured": {providerError("invalid_scope"), "invalid_scope", identity.ProviderFailed, false},
		"misconfigured, without state": {
			withoutState(providerError("invalid_request")),
			"without a state, the error invalid_request",
			identity.ProviderFailed,
			false,
		},
		"unknown": {providerError("own_error"), "an unknown error", identity.ProviderFailed, false},
		"unknown, without state": {
			withoutState(providerError("own_error")), "an unknown error without a state", identity.ProviderFailed, false,
		},
		"no state":         {withoutState(func(url.Values) {}), "has no state", identity.NoProviderError, true},
		"of another state": {otherState(func(url.Values) {}), "no sign-in in progress", identity.NoProviderError, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.Discovery = func(d idptest.Claims) { d["authorization_response_iss_parameter_supported"] = true }
			f.CallbackQuery = c.change
			s.get("/sign-in?back=/keys")
			s.wantRefused(c.reason)
			got, ok := errors.AsType[*identity.Unfinished](s.lastError())
			if !ok || got.Cause != c.cause || got.Old != c.old {
				t.Errorf("got %+v", got)
			}
			known := !c.old && !strings.Contains(name, "without state")
			if (got.ReturnTo == "/keys") != known {
				t.Errorf("the path to return to is %q", got.ReturnTo)
			}
			text := s.lastError().Error()
			if c.cause != identity.NoProviderError && !strings.Contains(text, "AADSTS50105:[31m<b>not assigned</b>xxx") ||
				len(text) > 500 || strings.ContainsAny(text, "\n\x1b") {
				t.Errorf("the text for the log is %q", text)
			}
		})
	}
}

// TestOIDCCallbackOnceMore sends a used response again, as Back in the browser and a restored tab do, and one that is
// too late.
func TestOIDCCallbackOnceMore(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	var used url.Values
	f.CallbackQuery = func(v url.Values) { used = v }
	s.get("/sign-in?back=/keys")
	s.get("/sign-in/callback?" + used.Encode())
	s.wantRefused("no sign-in in progress")
	if got, ok := errors.AsType[*identity.Unfinished](s.lastError()); !ok || !got.Old || got.ReturnTo != "" {
		t.Errorf("got %+v", got)
	}
	if s.sessions.count() != 1 || !s.currentOperator().Authenticated() {
		t.Error("the session was changed")
	}
	for query, again := range map[string]bool{"?back=/keys": false, "?back=/keys&again=1": true} {
		address := s.beginSignIn(query)
		s.clock.forward(11 * time.Minute)
		s.get("/sign-in/callback?" + url.Values{"state": {address.Query().Get("state")}, "code": {"c"}}.Encode())
		s.wantRefused("has expired")
		got, ok := errors.AsType[*identity.Unfinished](s.lastError())
		if !ok || got.Old == again || got.Reauthenticate != again || got.ReturnTo != "/keys" {
			t.Errorf("too late, %s: got %+v", query, got)
		}
	}
}

// TestOIDCCodeUsedTwice sends a response twice at once, as after a reload: the provider refuses the second code.
func TestOIDCCodeUsedTwice(t *testing.T) {
	t.Parallel()
	s, f := withForger(t)
	f.Token = func(url.Values) (int, idptest.Claims) {
		return http.StatusBadRequest, idptest.Claims{"error": "invalid_grant"}
	}
	s.get("/sign-in?back=/keys")
	if got, ok := errors.AsType[*identity.Unfinished](s.lastError()); !ok || !got.Old || got.ReturnTo != "/keys" {
		t.Errorf("got %+v, %v", got, s.lastError())
	}
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
