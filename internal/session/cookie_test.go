package session_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/session"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// base parses a base URL.
func base(t *testing.T, text string) func(*session.Options) {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *session.Options) { o.BaseURL = u }
}

func TestCookie(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for _, tc := range []struct {
			base, name, path string
			secure           bool
		}{
			{"https://console.example", "__Host-voxwarden", "/", true},
			{"https://console.example/", "__Host-voxwarden", "/", true},
			{"https://console.example/voxwarden", "__Secure-voxwarden", "/voxwarden", true},
			{"https://console.example/tools/voxwarden/", "__Secure-voxwarden", "/tools/voxwarden", true},
			{"https://console.example/a%20b", "__Secure-voxwarden", "/a%20b", true},
			{"http://127.0.0.1:8080", "voxwarden", "/", false},
			{"http://127.0.0.1:8080/voxwarden", "voxwarden", "/voxwarden", false},
		} {
			t.Run(tc.base, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, fresh, base(t, tc.base))
				c := s.signIn()
				if c.Name != tc.name || c.Secure != tc.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
					c.Path != tc.path ||
					c.Domain != "" ||
					c.MaxAge != 36000 {
					t.Errorf("got %s", c.Raw)
				}
				if len(c.Value) != 43 {
					t.Errorf("the id has %d characters", len(c.Value))
				}
				if s.currentSubject(c) != "anna" {
					t.Error("the cookie does not identify the session")
				}
			})
		}
	})
}

func TestNewRequiresBaseURL(t *testing.T) {
	t.Parallel()
	if _, err := session.New(session.Options{}); err == nil {
		t.Error("New accepts options without a base URL")
	}
}

func TestInvalidCookies(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		cookie := s.signIn()
		for name, value := range map[string]string{
			"empty":         "",
			"short":         "abc",
			"long":          strings.Repeat("x", 5000),
			"unknown":       strings.Repeat("x", len(cookie.Value)),
			"quotes":        `' OR 1=1 --`,
			"cut":           cookie.Value[1:],
			"another case":  strings.ToUpper(cookie.Value),
			"the hash":      s.store.Hash(request(cookie)),
			"the hash, cut": s.store.Hash(request(cookie))[:len(cookie.Value)],
		} {
			if got := s.currentSubject(&http.Cookie{Name: cookie.Name, Value: value}); got != "" {
				t.Errorf("%s: got %q", name, got)
			}
		}
		for _, name := range []string{"voxwarden", "__Secure-voxwarden", "__host-voxwarden"} {
			if got := s.currentSubject(&http.Cookie{Name: name, Value: cookie.Value}); got != "" {
				t.Errorf("the cookie of another kind of site is taken: %s, %q", name, got)
			}
		}
	})
}

func TestSignInAddressAndBrowser(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		for name, tc := range map[string]struct{ agent, want string }{
			"plain":     {"Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; Linux x86_64)"},
			"none":      {"", ""},
			"long":      {strings.Repeat("x", 5000), strings.Repeat("x", 200)},
			"half":      {strings.Repeat("x", 199) + "é", strings.Repeat("x", 199)},
			"not text":  {"a\xff\xfeb", "ab"},
			"controls":  {"a\x00\x1b[31m\tb", "a[31mb"},
			"backwards": {"a\u202eb\u200bc", "abc"},
			"markup":    {"<script>", "<script>"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, fresh)
				r := request()
				r.Header["User-Agent"] = []string{tc.agent}
				r.RemoteAddr = "[2001:db8::1]:4711"
				s.signInAs(anna, r)
				all, err := s.store.Sessions(t.Context(), "")
				if err != nil || len(all) != 1 {
					t.Fatalf("got %+v, %v", all, err)
				}
				if all[0].Browser != tc.want || !utf8.ValidString(all[0].Browser) {
					t.Errorf("got %q", all[0].Browser)
				}
				if all[0].Address != "2001:db8::1" {
					t.Errorf("got the address %q", all[0].Address)
				}
			})
		}
		t.Run("behind a proxy", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, fresh, func(o *session.Options) {
				o.Address = func(r *http.Request) string { return r.Header.Get("X-Client") + strings.Repeat("9", 100) }
			})
			r := request()
			r.Header.Set("X-Client", "192.0.2.7")
			s.signInAs(anna, r)
			if all, err := s.store.Sessions(t.Context(), ""); err != nil || !strings.HasPrefix(all[0].Address, "192.0.2.7") ||
				len(all[0].Address) != 64 {
				t.Errorf("got %+v, %v", all, err)
			}
		})
	})
}
