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

// TestGroupRemovedDuringSession removes an operator from a group at the provider during a session. After 15 minutes the
// console asks the provider once, also with many requests at the same time, and applies the change. When the operator
// is disabled at the provider, the session ends.
func TestGroupRemovedDuringSession(t *testing.T) {
	t.Parallel()
	var clockOffset atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(clockOffset.Load())) }
	provider := idptest.New(t, idptest.Options{})
	provider.AddUser(idptest.User{
		Username: "jana",
		Password: "Correct-Horse-1",
		Name:     "Jana",
		Groups:   []string{"phone-ops"},
	})
	groups := map[policy.DashboardRole][]string{
		policy.Viewer: {"staff"},
		policy.Editor: {"phone-ops"},
		policy.Admin:  {"phone-admins"},
	}
	signIn := func(base *url.URL, sessions *session.Store) apptest.SignInMethod {
		oidc, err := identity.NewOIDC(identity.OIDCOptions{
			Issuer:         provider.URL,
			ClientID:       provider.ClientID,
			ClientSecret:   config.NewSecret(provider.ClientSecret),
			Scopes:         []string{"openid", "profile", "email", "offline_access"},
			Reauthenticate: true,
			BaseURL:        base,
			Sessions:       sessions,
			Now:            clock,
		})
		if err != nil {
			t.Fatal(err)
		}
		return apptest.SignInMethod{Identity: oidc, Provider: oidc}
	}
	site := apptest.NewSite(t, apptest.Options{
		Policy: policy.New(policy.Mapping{Groups: groups}, []string{"Owner", "Admin"}),
		SignIn: signIn,
	})
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
		t.Errorf("before the groups are asked again: status %d", got)
	}
	clockOffset.Store(int64(15 * time.Minute))
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			if got := status("/subusers/new"); got != http.StatusForbidden {
				t.Errorf("15 minutes later: status %d", got)
			}
		})
	}
	group.Wait()
	if got := status("/subusers"); got != http.StatusOK {
		t.Errorf("a page that the remaining group may view: status %d", got)
	}
	if hits := provider.Hits("refresh_token"); hits != 1 {
		t.Errorf("the provider was asked %d times, want once", hits)
	}
	provider.Disable("jana")
	clockOffset.Store(int64(30 * time.Minute))
	if got := status("/subusers"); got != http.StatusSeeOther {
		t.Errorf("after the operator was disabled: status %d", got)
	}
	if remaining, err := site.Sessions.Sessions(t.Context(), ""); err != nil || len(remaining) != 0 {
		t.Errorf("%d sessions are left, %v", len(remaining), err)
	}
}
