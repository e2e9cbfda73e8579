package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestGroupRemovedDuringSession: somebody signs in at a real provider and works; then they are taken out of their
// group. A quarter of an hour later the console knows, without their signing in again, however many requests come at
// once; and when they are locked out altogether, their session is over.
func TestGroupRemovedDuringSession(t *testing.T) {
	t.Parallel()
	var clockOffset atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(clockOffset.Load())) }
	provider := idptest.New(t, idptest.Options{})
	provider.AddUser(
		idptest.User{Username: "jana", Password: "Correct-Horse-1", Name: "Jana", Groups: []string{"phone-ops"}},
	)
	rules := policy.New(
		policy.Mapping{
			Groups: map[policy.DashboardRole][]string{
				policy.Viewer: {"staff"},
				policy.Editor: {"phone-ops"},
				policy.Admin:  {"phone-admins"},
			},
		},
		[]string{"Owner", "Admin"},
	)
	site := apptest.NewSite(
		t,
		apptest.Options{Policy: rules, SignIn: func(base *url.URL, sessions *session.Store) apptest.SignInMethod {
			oidc, err := identity.NewOIDC(identity.OIDCOptions{
				Issuer: provider.URL, ClientID: provider.ClientID, ClientSecret: config.NewSecret(provider.ClientSecret),
				Scopes: []string{
					"openid",
					"profile",
					"email",
					"offline_access",
				}, Reauthenticate: true, BaseURL: base, Sessions: sessions, Now: clock,
			})
			if err != nil {
				t.Fatal(err)
			}
			return apptest.SignInMethod{Identity: oidc, Provider: oidc}
		}},
	)
	provider.SetRedirect(site.URL + "/sign-in/callback")
	browser := idptest.NewBrowser(t)
	answer, formShown := idptest.SignIn(t, browser, site.URL+"/subusers/new", "jana", "Correct-Horse-1")
	_ = answer.Body.Close()
	if !formShown || answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/subusers/new" {
		t.Fatalf("signing in: %d at %s", answer.StatusCode, answer.Request.URL)
	}
	status := func(path string) int {
		answer, err := browser.Get(site.URL + path)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer answer.Body.Close()
		if strings.HasPrefix(answer.Request.URL.Path, "/login") {
			return http.StatusSeeOther
		}
		return answer.StatusCode
	}
	provider.SetGroups("jana", "staff")
	if got := status("/subusers/new"); got != http.StatusOK {
		t.Errorf("a moment later: %d", got)
	}
	clockOffset.Store(int64(15 * time.Minute))
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			if got := status("/subusers/new"); got != http.StatusForbidden {
				t.Errorf("a quarter of an hour later: %d", got)
			}
		})
	}
	group.Wait()
	if got := status("/subusers"); got != http.StatusOK {
		t.Errorf("what they may still see: %d", got)
	}
	if hits := provider.Hits("refresh_token"); hits != 1 {
		t.Errorf("the provider was asked %d times", hits)
	}
	provider.Disable("jana")
	clockOffset.Store(int64(30 * time.Minute))
	if got := status("/subusers"); got != http.StatusSeeOther {
		t.Errorf("locked out: %d", got)
	}
	if remaining, err := site.Sessions.Sessions(t.Context(), ""); err != nil || len(remaining) != 0 {
		t.Errorf("%d sessions are left, %v", len(remaining), err)
	}
}
