package app_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// TestCallbackWaitsForPerson sends the callback address of a sign-in with HEAD and as a prefetch, with all cookies of
// the browser, before the browser itself opens it. Only the browser uses up the code, and signs in.
func TestCallbackWaitsForPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database string) {
		provider := idptest.New(t, idptest.Options{})
		provider.AddUser(idptest.User{Username: "jana", Password: "Correct-Horse-1", Groups: []string{"phone-ops"}})
		site := apptest.NewSite(t, apptest.Options{
			Database: database,
			Policy: policy.New(
				policy.Mapping{Groups: map[policy.DashboardRole][]string{policy.Editor: {"phone-ops"}}},
				[]string{"Owner"},
			),
			SignIn: func(base *url.URL, sessions *session.Store) apptest.SignInMethod {
				oidc, err := identity.NewOIDC(identity.OIDCOptions{
					Issuer:         provider.URL,
					ClientID:       provider.ClientID,
					ClientSecret:   config.NewSecret(provider.ClientSecret),
					Reauthenticate: true,
					BaseURL:        base,
					Sessions:       sessions,
				})
				if err != nil {
					t.Fatal(err)
				}
				return apptest.SignInMethod{Identity: oidc, Provider: oidc}
			},
		})
		provider.SetRedirect(site.URL + "/sign-in/callback")
		browser := idptest.NewBrowser(t)
		var callback *url.URL
		browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if r.URL.Path == "/sign-in/callback" && callback == nil {
				callback = r.URL
				return http.ErrUseLastResponse
			}
			return nil
		}
		answer, _ := idptest.SignIn(t, browser, site.URL+"/subusers", "jana", "Correct-Horse-1")
		_ = answer.Body.Close()
		if callback == nil {
			t.Fatalf("the provider did not redirect to the callback: %s", answer.Request.URL)
		}
		send := func(method, purpose string) *http.Response {
			r, err := http.NewRequestWithContext(t.Context(), method, callback.String(), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Sec-Purpose", purpose)
			answer, err := browser.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			return answer
		}
		rows := func() (sessions, events int) {
			err := errors.Join(
				site.DB.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&sessions),
				site.DB.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM events`).Scan(&events),
			)
			if err != nil {
				t.Fatal(err)
			}
			return sessions, events
		}
		_, before := rows()
		for _, early := range []*http.Response{
			send(http.MethodHead, ""),
			send(http.MethodGet, "prefetch"),
			send(http.MethodGet, "prefetch;prerender"),
			send(http.MethodOptions, ""),
		} {
			if early.StatusCode < 400 || len(early.Cookies()) > 0 {
				t.Errorf("%s: status %d, cookies %v", early.Request.Method, early.StatusCode, early.Cookies())
			}
		}
		if sessions, events := rows(); sessions != 0 || events != before || provider.Hits("authorization_code") != 0 {
			t.Errorf("%d sessions, %d new events, %d codes used",
				sessions, events-before, provider.Hits("authorization_code"))
		}
		if opened := send(http.MethodGet, ""); opened.StatusCode != http.StatusOK || opened.Request.URL.Path != "/subusers" {
			t.Errorf("signing in: status %d at %s", opened.StatusCode, opened.Request.URL)
		}
		if sessions, _ := rows(); sessions != 1 {
			t.Errorf("%d sessions", sessions)
		}
	})
}
