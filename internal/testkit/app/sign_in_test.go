package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// forgerSite is a console with a forger, which is signed in at once, and a browser.
type forgerSite struct {
	t       *testing.T
	forger  *idptest.Forger
	url     string
	browser *http.Client
	offset  atomic.Int64 // of the clock of the sign-in, from that of the console
	used    *url.URL     // the last response of the provider
}

func newForgerSite(t *testing.T) *forgerSite {
	t.Helper()
	s := &forgerSite{t: t, forger: idptest.NewForger(t), browser: idptest.NewBrowser(t)}
	clock := func() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }
	s.forger.Now = clock
	groups := map[policy.DashboardRole][]string{policy.Admin: {"ops"}}
	s.url = apptest.NewSite(t, apptest.Options{
		Policy: policy.New(policy.Mapping{Groups: groups}, []string{"Owner", "Admin"}),
		SignIn: func(base *url.URL, sessions *session.Store) apptest.SignInMethod {
			oidc, err := identity.NewOIDC(identity.OIDCOptions{
				Issuer:         s.forger.URL,
				ClientID:       s.forger.ClientID,
				ClientSecret:   config.NewSecret(s.forger.ClientSecret),
				Configured:     []string{"ops"},
				Reauthenticate: true,
				BaseURL:        base,
				Sessions:       sessions,
				Now:            clock,
			})
			if err != nil {
				t.Fatal(err)
			}
			return apptest.SignInMethod{Identity: oidc, Provider: oidc}
		},
	}).URL
	s.browser.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		if next.URL.Path == "/sign-in/callback" {
			s.used = next.URL
		}
		return nil
	}
	return s
}

// get returns the status, the path after all redirects, and the text of a page.
func (s *forgerSite) get(address string) (status int, path string, page *goquery.Document) {
	s.t.Helper()
	response, err := s.browser.Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if page, err = goquery.NewDocumentFromReader(response.Body); err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, response.Request.URL.Path, page
}

// TestBackAfterSignIn sends the provider's response again, as Back and a restored tab do: with the session, as another
// person, and after signing out.
func TestBackAfterSignIn(t *testing.T) {
	t.Parallel()
	s := newForgerSite(t)
	if status, path, _ := s.get(s.url + "/subusers"); status != http.StatusOK || path != "/subusers" {
		t.Fatalf("signing in: %d at %s", status, path)
	}
	annas := s.used.String()
	if status, path, _ := s.get(annas); status != http.StatusOK || path != "/" {
		t.Errorf("with the session: %d at %s", status, path)
	}
	s.forger.IDToken = func(valid idptest.Claims) string {
		valid["sub"], valid["name"] = "boris", "Boris"
		return s.forger.Sign(valid)
	}
	s.get(s.url + "/sign-in")
	if _, _, page := s.get(annas); !strings.Contains(page.Text(), "Boris") || strings.Contains(page.Text(), "Anna") {
		t.Errorf("as another person: the page says %s", page.Find("body").Text())
	}
	s.browser.Jar = idptest.NewBrowser(t).Jar
	status, path, page := s.get(annas)
	link := page.Find(`main .actions a`)
	if status != http.StatusUnauthorized || path != "/sign-in/callback" || link.Length() != 1 {
		t.Fatalf("without a session: %d at %s: %s", status, path, page.Find("main").Text())
	}
	if status, path, _ := s.get(s.url + link.AttrOr("href", "")); status != http.StatusOK || path != "/" {
		t.Errorf("after one click: %d at %s", status, path)
	}
}

// TestGroupsMissingAtRenewal leaves the groups out of the renewed ID token. Reading goes on, and a change needs a new
// sign-in.
func TestGroupsMissingAtRenewal(t *testing.T) {
	t.Parallel()
	s := newForgerSite(t)
	s.forger.Token = func(form url.Values) (int, idptest.Claims) {
		claims := s.forger.ValidClaims()
		if form.Get("grant_type") == "refresh_token" {
			delete(claims, "nonce")
			delete(claims, "groups")
		}
		return http.StatusOK, idptest.Claims{
			"access_token": "a", "refresh_token": "r", "expires_in": 3600, "id_token": s.forger.Sign(claims),
		}
	}
	s.offset.Store(int64(-20 * time.Minute))
	s.get(s.url + "/subusers")
	s.offset.Store(0)
	status, path, page := s.get(s.url + "/subusers/new")
	if status != http.StatusOK || path != "/subusers/new" {
		t.Fatalf("reading: %d at %s", status, path)
	}
	create := func(page *goquery.Document) (int, string) {
		form := url.Values{"login": {"petra"}, "password": {"Correct-Horse-1"}, "reason": {"new colleague"}}
		for _, name := range []string{"token", "operation"} {
			form.Set(name, page.Find(`main input[name="`+name+`"]`).AttrOr("value", ""))
		}
		response, err := s.browser.PostForm(s.url+"/subusers/new", form)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, body := create(page); status != http.StatusUnauthorized ||
		!strings.Contains(body, "Sign in again to refresh your groups") {
		t.Errorf("a change: %d: %s", status, body)
	}
	s.get(s.url + "/sign-in?return=/subusers/new")
	_, _, page = s.get(s.url + "/subusers/new")
	if status, body := create(page); status != http.StatusOK {
		t.Errorf("after a new sign-in: %d: %s", status, body)
	}
}
