package config_test

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// signInEnvirons returns the required settings of each sign-in method, by the name of the method or preset.
func signInEnvirons() map[string][]string {
	return map[string][]string{
		"oidc": {
			"VOXWARDEN_AUTH=oidc",
			"VOXWARDEN_OIDC_ISSUER=https://id.example.com",
			"VOXWARDEN_OIDC_CLIENT_ID=console",
			"VOXWARDEN_OIDC_CLIENT_SECRET=hunter2-client",
		},
		"proxy-header": {
			"VOXWARDEN_AUTH=proxy-header",
			"VOXWARDEN_PROXY_HEADER_USER=remote-user",
			"VOXWARDEN_PROXY_HEADER_GROUPS=Remote-Groups",
			"VOXWARDEN_TRUSTED_PROXIES=10.0.3.7",
		},
		"custom": {
			"VOXWARDEN_AUTH=proxy-jwt", "VOXWARDEN_PROXY_JWT_PRESET=custom",
			"VOXWARDEN_PROXY_JWT_HEADER=x-assertion", "VOXWARDEN_PROXY_JWT_ISSUER=gateway",
			"VOXWARDEN_PROXY_JWT_AUDIENCE=console",
			"VOXWARDEN_PROXY_JWT_KEYS_URL=https://gateway.example.com/jwks?v=1", "VOXWARDEN_PROXY_JWT_ALGORITHMS=ES256,EdDSA",
		},
		"cloudflare-access": {
			"VOXWARDEN_AUTH=proxy-jwt",
			"VOXWARDEN_PROXY_JWT_PRESET=cloudflare-access",
			"VOXWARDEN_PROXY_JWT_ISSUER=https://team.cloudflareaccess.com",
			"VOXWARDEN_PROXY_JWT_AUDIENCE=tag1,tag2",
		},
		"google-iap": {
			"VOXWARDEN_AUTH=proxy-jwt",
			"VOXWARDEN_PROXY_JWT_PRESET=google-iap",
			"VOXWARDEN_PROXY_JWT_AUDIENCE=/projects/1/global/backendServices/2",
		},
		"aws-alb": {
			"VOXWARDEN_AUTH=proxy-jwt",
			"VOXWARDEN_PROXY_JWT_PRESET=aws-alb",
			"VOXWARDEN_PROXY_JWT_ISSUER=https://id.example.com/",
			"VOXWARDEN_PROXY_JWT_CLIENT=client",
			"VOXWARDEN_PROXY_JWT_SIGNER=" + balancer,
			"VOXWARDEN_PROXY_JWT_REGION=eu-central-1",
		},
		"pomerium": {
			"VOXWARDEN_AUTH=proxy-jwt",
			"VOXWARDEN_PROXY_JWT_PRESET=pomerium",
			"VOXWARDEN_PROXY_JWT_ISSUER=voxwarden.example.com",
			"VOXWARDEN_PROXY_JWT_AUDIENCE=voxwarden.example.com",
		},
	}
}

const balancer = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/x/50dc6c495c0c9188"

// TestSignInMethods checks that each method reads its settings and no others.
func TestSignInMethods(t *testing.T) {
	t.Parallel()
	scopes := []string{"openid", "profile", "email"}
	for method, want := range map[string]config.Config{
		"oidc": {
			Auth: "oidc",
			OIDC: config.OIDC{
				Issuer:         "https://id.example.com",
				ClientID:       "console",
				Scopes:         scopes,
				GroupsClaim:    "groups",
				Reauthenticate: true,
			},
		},
		"proxy-header": {
			Auth:           "proxy-header",
			ProxyHeader:    config.ProxyHeader{User: "Remote-User", Groups: "Remote-Groups", Separator: ","},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.3.7/32")},
		},
		"cloudflare-access": {
			Auth: "proxy-jwt",
			ProxyJWT: config.ProxyJWT{
				Preset:      "cloudflare-access",
				Issuer:      "https://team.cloudflareaccess.com",
				Audiences:   []string{"tag1", "tag2"},
				GroupsClaim: "groups",
			},
		},
		"google-iap": {
			Auth: "proxy-jwt",
			ProxyJWT: config.ProxyJWT{
				Preset:      "google-iap",
				Audiences:   []string{"/projects/1/global/backendServices/2"},
				GroupsClaim: "groups",
			},
		},
		"aws-alb": {
			Auth: "proxy-jwt",
			ProxyJWT: config.ProxyJWT{
				Preset:      "aws-alb",
				Issuer:      "https://id.example.com/",
				Signer:      balancer,
				Client:      "client",
				Region:      "eu-central-1",
				GroupsClaim: "groups",
			},
		},
		"pomerium": {
			Auth: "proxy-jwt",
			ProxyJWT: config.ProxyJWT{
				Preset:      "pomerium",
				Issuer:      "voxwarden.example.com",
				Audiences:   []string{"voxwarden.example.com"},
				GroupsClaim: "groups",
			},
		},
		"custom": {Auth: "proxy-jwt", ProxyJWT: config.ProxyJWT{
			Preset:      "custom",
			Header:      "X-Assertion",
			Issuer:      "gateway",
			Audiences:   []string{"console"},
			KeysURL:     "https://gateway.example.com/jwks?v=1",
			Algorithms:  []string{"ES256", "EdDSA"},
			GroupsClaim: "groups",
		}},
	} {
		c, err := config.Parse(slices.Concat(accountEnviron(t), signInEnvirons()[method]))
		if err != nil {
			t.Errorf("%s: %v", method, err)
			continue
		}
		if secret := c.OIDC.ClientSecret.Reveal(); (secret == "hunter2-client") != (method == "oidc") {
			t.Errorf("%s: the client secret is %q", method, secret)
		}
		c.OIDC.ClientSecret = config.Secret{}
		got := config.Config{
			Auth:           c.Auth,
			OIDC:           c.OIDC,
			ProxyJWT:       c.ProxyJWT,
			ProxyHeader:    c.ProxyHeader,
			TrustedProxies: c.TrustedProxies,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v", method, got)
		}
	}
}

// TestSignInAccepts checks valid values of single settings.
func TestSignInAccepts(t *testing.T) {
	t.Parallel()
	keys := writeFile(t, `{"keys":[{"kty":"EC"}]}`, 0o444)
	for _, tc := range []struct {
		method, lines string
		ok            func(config.Config) bool
	}{
		{
			"oidc",
			"OIDC_ISSUER=https://tenant.auth.example/ ADMIN_PEOPLE=https://tenant.auth.example/|auth0|7",
			func(c config.Config) bool {
				return c.OIDC.Issuer == "https://tenant.auth.example/" &&
					c.Access.AdminPeople[0] == "https://tenant.auth.example/|auth0|7"
			},
		},
		{
			"oidc",
			"OIDC_ISSUER=http://127.0.0.1:9000/realm",
			func(c config.Config) bool { return c.OIDC.Issuer == "http://127.0.0.1:9000/realm" },
		},
		{
			"oidc",
			"OIDC_SCOPES=openid__groups",
			func(c config.Config) bool { return slices.Equal(c.OIDC.Scopes, []string{"openid", "groups"}) },
		},
		{"oidc", "OIDC_REAUTHENTICATE=off OIDC_GROUPS_CLAIM=https://example.com/groups", func(c config.Config) bool {
			return !c.OIDC.Reauthenticate && c.OIDC.GroupsClaim == "https://example.com/groups"
		}},
		{
			"oidc",
			"OIDC_CLIENT_SECRET OIDC_CLIENT_SECRET_FILE=" + writeFile(t, "from a file \n", 0o444),
			func(c config.Config) bool { return c.OIDC.ClientSecret.Reveal() == "from a file " },
		},
		{"oidc", "TRUSTED_PROXIES=10.0.0.0/8,2001::/16,::1,127.0.0.1", func(c config.Config) bool {
			return c.TrustedProxies[0] == netip.MustParsePrefix("10.0.0.0/8") &&
				c.TrustedProxies[2] == netip.MustParsePrefix("::1/128") && len(c.TrustedProxies) == 4
		}},
		{"oidc", "BASE_URL=https://tools.example.com:8443/apps/Vox_warden~1/", func(c config.Config) bool {
			return c.BaseURL.String() == "https://tools.example.com:8443/apps/Vox_warden~1"
		}},
		{
			"oidc",
			"BASE_URL=http://localhost:8080/voxwarden",
			func(c config.Config) bool { return c.BaseURL.Path == "/voxwarden" },
		},
		{
			"oidc",
			"BASE_URL=https://[2001:DB8::1]/",
			func(c config.Config) bool { return c.BaseURL.String() == "https://[2001:db8::1]" },
		},
		{"proxy-header", "PROXY_GROUPS_SEPARATOR=|", func(c config.Config) bool { return c.ProxyHeader.Separator == "|" }},
		{
			"proxy-header",
			"PROXY_HEADER_NAME=Remote-Name PROXY_HEADER_EMAIL=Remote-Email PROXY_SIGN_OUT_URL=/oauth2/sign_out",
			func(c config.Config) bool {
				return c.ProxyHeader.Name == "Remote-Name" && c.ProxyHeader.Email == "Remote-Email" &&
					c.ProxySignOutURL == "/oauth2/sign_out"
			},
		},
		{
			"proxy-header",
			"PROXY_HEADER_GROUPS ADMIN_GROUPS ADMIN_PEOPLE=proxy|anna,proxy|email:bo@example.com",
			func(c config.Config) bool {
				return c.ProxyHeader.Groups == "" && len(c.Access.AdminPeople) == 2
			},
		},
		{
			"custom",
			"PROXY_JWT_KEYS_URL PROXY_JWT_KEYS_FILE=" + keys,
			func(c config.Config) bool { return c.ProxyJWT.KeysFile == keys && c.ProxyJWT.KeysURL == "" },
		},
		{
			"google-iap",
			"ADMIN_PEOPLE=https://cloud.google.com/iap|accounts.google.com:1",
			func(c config.Config) bool { return len(c.Access.AdminPeople) == 1 },
		},
		{
			"pomerium",
			"PROXY_JWT_ISSUER=https://voxwarden.example.com/ PROXY_JWT_AUDIENCE=voxwarden.example.com:8443",
			func(c config.Config) bool { return c.ProxyJWT.Issuer == "https://voxwarden.example.com/" },
		},
		{
			"cloudflare-access",
			"PROXY_SIGN_OUT_URL=https://team.cloudflareaccess.com/cdn-cgi/access/logout",
			func(c config.Config) bool {
				return c.ProxySignOutURL == "https://team.cloudflareaccess.com/cdn-cgi/access/logout"
			},
		},
	} {
		environ := invalidEnvironment{lines: tc.lines}.environ(slices.Concat(accountEnviron(t), signInEnvirons()[tc.method]))
		if c, err := config.Parse(environ); err != nil || !tc.ok(c) {
			t.Errorf("%s with %s: got %+v, %v", tc.method, tc.lines, c, err)
		}
	}
}
