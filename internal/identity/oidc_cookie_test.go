package identity_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCCookieRules checks the cookie of a sign-in for different addresses of the console.
func TestOIDCCookieRules(t *testing.T) {
	t.Parallel()
	f := idptest.NewForger(t)
	for base, want := range map[string]struct {
		prefix, path string
		secure       bool
	}{
		"https://vox.example":      {"__Host-voxwarden_sign_in_", "/", true},
		"https://vox.example/":     {"__Host-voxwarden_sign_in_", "/", true},
		"https://vox.example/vox/": {"__Secure-voxwarden_sign_in_", "/vox", true},
		"http://127.0.0.1:8080":    {"voxwarden_sign_in_", "/", false},
	} {
		address, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		p, err := identity.NewOIDC(
			identity.OIDCOptions{Issuer: f.URL, ClientID: f.ClientID, BaseURL: address, Sessions: &memorySessions{}},
		)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		to, err := p.Begin(w, httptest.NewRequest("GET", "/sign-in", nil), "/keys?q=secret-path", false)
		if err != nil {
			t.Fatal(err)
		}
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: %d cookies", base, len(cookies))
		}
		c := cookies[0]
		if !strings.HasPrefix(c.Name, want.prefix) || c.Path != want.path || c.Secure != want.secure || !c.HttpOnly ||
			c.SameSite != http.SameSiteLaxMode || c.Domain != "" || c.MaxAge != 600 {
			t.Errorf("%s: got %s", base, c)
		}
		sent, _ := url.Parse(to)
		for _, secret := range []string{sent.Query().Get("state"), sent.Query().Get("nonce"), "secret-path"} {
			if strings.Contains(c.Name+c.Value, secret) {
				t.Errorf("%s: the cookie shows %s", base, secret)
			}
		}
		if got := sent.Query().Get("redirect_uri"); got != strings.TrimSuffix(base, "/")+"/sign-in/callback" {
			t.Errorf("%s: redirect URI %s", base, got)
		}
	}
}

// TestOIDCCookieKeys finishes a sign-in on another replica, and on one with a newer key. Cookies with other keys are
// refused.
func TestOIDCCookieKeys(t *testing.T) {
	t.Parallel()
	f := idptest.NewForger(t)
	base, _ := url.Parse("https://vox.example")
	replica := func(keys ...string) *identity.OIDC {
		o := identity.OIDCOptions{
			Issuer:   f.URL,
			ClientID: f.ClientID,
			BaseURL:  base,
			Sessions: &memorySessions{rows: map[string]row{}},
		}
		for _, key := range keys {
			o.Keys = append(o.Keys, config.NewSecret(key))
		}
		p, err := identity.NewOIDC(o)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, c := range map[string]struct {
		finish *identity.OIDC
		rename bool
		want   bool
	}{
		"another replica": {replica("old key"), false, true},
		"a newer key":     {replica("new key", "old key"), false, true},
		"another key":     {replica("new key"), false, false},
		"no key":          {replica(), false, false},
		"another's name":  {replica("old key"), true, false},
	} {
		w := httptest.NewRecorder()
		first, err := replica("old key").Begin(w, httptest.NewRequest("GET", "/sign-in", nil), "", false)
		if err != nil {
			t.Fatal(err)
		}
		cookie := w.Result().Cookies()[0]
		if c.rename {
			// The attacker's cookie, with the name of the cookie in the victim's browser.
			w := httptest.NewRecorder()
			if _, err := replica("old key").Begin(w, httptest.NewRequest("GET", "/sign-in", nil), "", false); err != nil {
				t.Fatal(err)
			}
			cookie.Value = w.Result().Cookies()[0].Value
		}
		stay := idptest.NewBrowser(t)
		stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		answer, err := stay.Get(first)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		state := f.LastAuthRequest().Get("state")
		r := httptest.NewRequest("GET", "/sign-in/callback?code=x&state="+state, nil)
		r.AddCookie(cookie)
		if _, _, err := c.finish.Finish(httptest.NewRecorder(), r); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
