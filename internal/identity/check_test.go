package identity_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// A provider without a revocation endpoint may check the code before the client: then a refused code proves nothing.
func TestCheckProviderWithoutRevocation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		code   string
		wrong  bool
	}{
		{http.StatusBadRequest, "invalid_grant", false},
		{http.StatusBadRequest, "invalid_request", false},
		{http.StatusUnauthorized, "", true},
		{http.StatusBadRequest, "invalid_client", true},
		{http.StatusBadRequest, "unauthorized_client", true},
	} {
		forger := idp.NewForger(t)
		forger.Token = func(url.Values) (int, idp.Claims) { return tc.status, idp.Claims{"error": tc.code} }
		found := identity.CheckProvider(t.Context(), checkOptions(t, forger))
		if found.Provider != nil || found.Callback != nil || found.ClientKnown || (found.Client != nil) != tc.wrong {
			t.Errorf("%d %q: got %+v", tc.status, tc.code, found)
		}
	}
}

// What a provider reports in the callback of a sign-in is named, also without an operator.
func TestCheckProviderNamesRefusals(t *testing.T) {
	t.Parallel()
	forger := idp.NewForger(t)
	forger.CallbackQuery = func(query url.Values) { query.Set("error", "invalid_scope") }
	found := identity.CheckProvider(t.Context(), checkOptions(t, forger))
	if found.Callback == nil || !strings.Contains(found.Callback.Error(), `"invalid_scope"`) {
		t.Errorf("got %v", found.Callback)
	}
}

// checkOptions returns the options for a forger.
func checkOptions(t *testing.T, forger *idp.Forger) identity.OIDCOptions {
	t.Helper()
	base, err := url.Parse("https://voxwarden.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return identity.OIDCOptions{
		Issuer:       forger.URL,
		ClientID:     forger.ClientID,
		ClientSecret: config.NewSecret(forger.ClientSecret),
		Scopes:       []string{"openid"},
		BaseURL:      base,
	}
}

// The keys of load balancers are fetched one by one, so that nothing can be said about them before a sign-in.
func TestCheckKeysOfLoadBalancers(t *testing.T) {
	t.Parallel()
	known, err := identity.CheckKeys(t.Context(), identity.ProxyJWTOptions{ProxyJWT: config.ProxyJWT{
		Preset: "aws-alb",
		Region: "eu-central-1",
		Signer: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/console/0123456789abcdef",
		Client: "console",
		Issuer: "https://id.example.com",
	}})
	if known || err != nil {
		t.Errorf("got %t, %v", known, err)
	}
}
