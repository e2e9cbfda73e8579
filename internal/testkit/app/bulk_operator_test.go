package app_test

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// interruptedWriter calls a function while the sixth change of roles is sent.
type interruptedWriter struct {
	operations.Writer
	calls   atomic.Int64
	atSixth func()
}

func (w *interruptedWriter) SetSubUserRoles(ctx context.Context, account, id int64, roleIDs []int64) error {
	if w.calls.Add(1) == 6 {
		w.atSixth()
	}
	return w.Writer.SetSubUserRoles(ctx, account, id, roleIDs)
}

// fourteenAgents is a company of 14 subusers without roles.
func fourteenAgents() voxsim.Company {
	company := voxsim.SmallCompany()
	company.Subusers = nil
	company.Keys = company.Keys[:1]
	company.Keys[0].Subuser = ""
	for i := range 14 {
		login := "agent_" + string(rune('a'+i))
		company.Subusers = append(company.Subusers, voxsim.Subuser{ID: int64(1000 + i), Login: login})
	}
	return company
}

// startFourteen starts a change of the roles of all agents from the only session of an operator.
func startFourteen(t *testing.T, site *apptest.Site, id string) (bulk.Change, operator.Operator) {
	t.Helper()
	hash, o, err := site.Sessions.Newest(t.Context(), id)
	if err != nil || hash == "" {
		t.Fatalf("%s has no session: %v", id, err)
	}
	request := operations.Request{Operator: o, Account: site.Account, SessionID: hash}
	var (
		targets = bulk.Targets{Kind: access.Subuser}
		support []int64
	)
	for i := range int64(14) {
		targets.Refs = append(targets.Refs, access.SubuserRef(1000+i))
	}
	for _, role := range site.Directory.Catalogue(t.Context(), site.Account).Roles {
		if role.Name == "Support" {
			support = []int64{role.ID}
		}
	}
	change, err := site.Bulk.PlanRoles(t.Context(), request, targets, support, nil)
	if err != nil {
		t.Fatal(err)
	}
	started, err := site.Bulk.Start(t.Context(), request, change.ID, bulk.StartForm{})
	if err != nil {
		t.Fatal(err)
	}
	return started.Change, o
}

// wantStopped waits for the end of a bulk change. The item in progress is finished, and nothing else was sent.
func wantStopped(t *testing.T, site *apptest.Site, id, reason string) {
	t.Helper()
	for {
		change, err := site.Bulk.Show(t.Context(), apptest.Operator("admin", policy.Admin), id)
		if err != nil {
			t.Fatal(err)
		}
		if change.Ended() {
			if change.StopReason != reason || change.Counts.Applied != 6 || change.Counts.Waiting != 8 {
				t.Errorf("%s: %q, %+v", change.State, change.StopReason, change.Counts)
			}
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	if sent := len(site.Sim.Ledger()); sent != 6 {
		t.Errorf("%d changes at the vendor", sent)
	}
}

// TestBulkChangeStopsWhenAdminEndsSessions ends the sessions of an operator on the page of sessions, while the sixth of
// 14 items is sent.
func TestBulkChangeStopsWhenAdminEndsSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database string) {
		writer := &interruptedWriter{}
		groups := map[policy.DashboardRole][]string{
			policy.Editor: {"demo-editor"}, policy.Admin: {"demo-admin", "admin"},
		}
		site := apptest.NewSite(t, apptest.Options{
			Database: database,
			Company:  fourteenAgents(),
			Policy:   policy.New(policy.Mapping{Groups: groups}, []string{"Owner"}),
			Writer:   func(w operations.Writer) operations.Writer { writer.Writer = w; return writer },
		})
		site.Visit(t, policy.Editor)
		admin := site.Visit(t, policy.Admin)
		form := admin.Get("/sessions").FormValues(t, "/sessions")
		form.Del("session")
		form.Set("subject", "demo|editor")
		writer.atSixth = func() { admin.Post("/sessions", form) }
		change, _ := startFourteen(t, site, "demo|editor")
		wantStopped(t, site, change.ID,
			"Ada Admin ended the sessions of Edda Editor. Retry drafts the remaining items again.")
		if report, err := site.AuditLog.Verify(t.Context(), nil); err != nil || !report.Intact() {
			t.Errorf("%v, %+v", err, report.Findings)
		}
	})
}

// TestBulkChangeStopsWhenProviderRefuses disables an operator at the provider while the sixth of 14 items is sent. Two
// minutes later by the console's clock, the next item asks for the groups again.
func TestBulkChangeStopsWhenProviderRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database string) {
		var clockOffset atomic.Int64
		provider := idptest.New(t, idptest.Options{})
		provider.AddUser(idptest.User{
			Username: "jana", Password: "Correct-Horse-1", Name: "Jana", Groups: []string{"phone-ops"},
		})
		writer := &interruptedWriter{atSixth: func() {
			provider.Disable("jana")
			clockOffset.Store(int64(2 * time.Minute))
		}}
		groups := map[policy.DashboardRole][]string{policy.Editor: {"phone-ops"}, policy.Admin: {"admin"}}
		site := apptest.NewSite(t, apptest.Options{
			Database: database,
			Company:  fourteenAgents(),
			Policy:   policy.New(policy.Mapping{Groups: groups}, []string{"Owner"}),
			Writer:   func(w operations.Writer) operations.Writer { writer.Writer = w; return writer },
			SignIn: func(base *url.URL, sessions *session.Store) apptest.SignInMethod {
				oidc, err := identity.NewOIDC(identity.OIDCOptions{
					Issuer:         provider.URL,
					ClientID:       provider.ClientID,
					ClientSecret:   config.NewSecret(provider.ClientSecret),
					Scopes:         []string{"openid", "profile", "email", "offline_access"},
					Reauthenticate: true,
					BaseURL:        base,
					Sessions:       sessions,
					Now:            func() time.Time { return time.Now().Add(time.Duration(clockOffset.Load())) },
				})
				if err != nil {
					t.Fatal(err)
				}
				return apptest.SignInMethod{Identity: oidc, Provider: oidc}
			},
		})
		provider.SetRedirect(site.URL + "/sign-in/callback")
		browser := idptest.NewBrowser(t)
		answer, _ := idptest.SignIn(t, browser, site.URL+"/subusers", "jana", "Correct-Horse-1")
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("signing in: %d", answer.StatusCode)
		}
		change, o := startFourteen(t, site, provider.URL+"|jana")
		wantStopped(t, site, change.ID,
			"Your company's sign-in refused to renew the sign-in of Jana. Retry drafts the remaining items again.")
		ends, _, err := site.AuditLog.SessionEnds(t.Context(), o.ID(), 0)
		if err != nil || len(ends) != 1 || ends[0].Kind != audit.RenewalRefusedEvent {
			t.Errorf("%+v, %v", ends, err)
		}
		if hash, _, err := site.Sessions.Newest(t.Context(), o.ID()); err != nil || hash != "" {
			t.Errorf("the session is left: %v", err)
		}
	})
}
