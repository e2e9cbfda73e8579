package identity_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
)

// TestPresets checks each preset with an assertion as in the documentation of the proxy.
func TestPresets(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options  config.ProxyJWT
		rsa      bool
		keys     string
		header   string
		claims   jwt.MapClaims
		who      string
		groups   []string
		verified bool
		refused  map[string]jwt.MapClaims // changed claims by reason
	}{
		"cloudflare": {
			options: config.ProxyJWT{
				Preset:      "cloudflare-access",
				Issuer:      "https://acme.cloudflareaccess.com",
				Audiences:   []string{"aud-tag"},
				GroupsClaim: "custom.groups",
			},
			rsa: true, keys: "https://acme.cloudflareaccess.com/cdn-cgi/access/certs", header: "Cf-Access-Jwt-Assertion",
			claims: jwt.MapClaims{
				"iss":            "https://acme.cloudflareaccess.com",
				"aud":            []string{"aud-tag"},
				"type":           "app",
				"sub":            "7335d417",
				"email_verified": nil,
				"groups":         nil,
				"custom":         map[string]any{"groups": []string{"ops"}},
			},
			who: "https://acme.cloudflareaccess.com|7335d417", groups: []string{"ops"}, verified: true,
			refused: map[string]jwt.MapClaims{
				"no subject":    {"sub": "", "email": nil, "common_name": "robot.access"},
				"service token": {"email": nil, "common_name": "robot.access"},
				"another iss":   {"iss": "https://other.cloudflareaccess.com"},
				"another aud":   {"aud": []string{"other-tag"}},
			},
		},
		"google": {
			options: config.ProxyJWT{Preset: "google-iap", Audiences: []string{"/projects/1/global/backendServices/2"}},
			keys:    "https://www.gstatic.com/iap/verify/public_key-jwk", header: "x-goog-iap-jwt-assertion",
			claims: jwt.MapClaims{
				"iss":            "https://cloud.google.com/iap",
				"aud":            "/projects/1/global/backendServices/2",
				"sub":            "accounts.google.com:123",
				"email_verified": nil,
				"groups":         nil,
				"hd":             "example.com",
			},
			who: "https://cloud.google.com/iap|accounts.google.com:123", verified: true,
			refused: map[string]jwt.MapClaims{
				"another aud": {"aud": "/projects/1/global/backendServices/3"},
				"another iss": {"iss": "https://accounts.google.com"},
			},
		},
		"google, Cloud Run": {
			options: config.ProxyJWT{
				Preset:    "google-iap",
				Audiences: []string{"/projects/1/locations/europe-west3/services/vox"},
			},
			keys: "https://www.gstatic.com/iap/verify/public_key-jwk", header: "x-goog-iap-jwt-assertion",
			claims: jwt.MapClaims{
				"iss":            "https://cloud.google.com/iap",
				"aud":            "/projects/1/locations/europe-west3/services/vox",
				"sub":            "accounts.google.com:123",
				"email_verified": nil,
				"groups":         nil,
			},
			who: "https://cloud.google.com/iap|accounts.google.com:123", verified: true,
		},
		// Envoy Gateway and oauth2-proxy forward the ID token of the provider.
		"ID token": {
			options: config.ProxyJWT{
				Preset:      "custom",
				Header:      "X-Id-Token",
				Issuer:      "https://id.example.com",
				Audiences:   []string{"voxwarden"},
				KeysURL:     "https://id.example.com/keys",
				Algorithms:  []string{"RS256"},
				GroupsClaim: "groups",
			},
			rsa: true, keys: "https://id.example.com/keys", header: "X-Id-Token",
			claims: jwt.MapClaims{
				"iss":            "https://id.example.com",
				"aud":            []string{"voxwarden"},
				"azp":            "voxwarden",
				"sub":            "248289761001",
				"email_verified": true,
				"groups":         []string{"ops", "night shift"},
				"nonce":          "n-0S6_WzA2Mj",
				"at_hash":        "77QmUPtjPfzWtF2AnpK9RQ",
			},
			who: "https://id.example.com|248289761001", groups: []string{"ops", "night shift"}, verified: true,
			refused: map[string]jwt.MapClaims{
				"another aud": {"aud": []string{"wiki"}, "azp": "wiki"},
				"another iss": {"iss": "https://id.example.net"},
			},
		},
		// jwt_claims_headers joins a list with commas, and a claim with one string is one group.
		"pomerium, groups joined by jwt_claims_headers": {
			options: config.ProxyJWT{
				Preset:    "pomerium",
				Issuer:    "console.example.com",
				Audiences: []string{"console.example.com"},
			},
			keys: "https://console.example.com/.well-known/pomerium/jwks.json", header: "X-Pomerium-Jwt-Assertion",
			claims: jwt.MapClaims{
				"iss":            "console.example.com",
				"aud":            "console.example.com",
				"sub":            "anna",
				"email_verified": true,
				"groups":         "00g1,Ops",
			},
			who: "console.example.com|anna", groups: []string{"00g1,Ops"}, verified: true,
		},
		"google, Identity Platform": {
			options: config.ProxyJWT{Preset: "google-iap", Audiences: []string{"/projects/1/apps/2"}},
			keys:    "https://www.gstatic.com/iap/verify/public_key-jwk", header: "x-goog-iap-jwt-assertion",
			claims: jwt.MapClaims{
				"iss":    "https://cloud.google.com/iap",
				"aud":    "/projects/1/apps/2",
				"sub":    "securetoken.google.com/p/t:1",
				"groups": nil,
			},
			who: "https://cloud.google.com/iap|securetoken.google.com/p/t:1", verified: false,
		},
		"pomerium": {
			options: config.ProxyJWT{
				Preset:    "pomerium",
				Issuer:    "console.example.com",
				Audiences: []string{"console.example.com"},
			},
			keys: "https://console.example.com/.well-known/pomerium/jwks.json", header: "X-Pomerium-Jwt-Assertion",
			claims: jwt.MapClaims{
				"iss":            "console.example.com",
				"aud":            "console.example.com",
				"sub":            "anna",
				"email_verified": nil,
				"groups":         []string{"00g1", "Ops"},
				"sid":            "x",
				"jti":            "y",
			},
			who: "console.example.com|anna", groups: []string{"00g1", "Ops"}, verified: false,
			refused: map[string]jwt.MapClaims{
				"another aud": {"aud": "wiki.example.com"},
				"another iss": {"iss": "wiki.example.com"},
			},
		},
		"pomerium, uri": {
			options: config.ProxyJWT{
				Preset:    "pomerium",
				Issuer:    "https://console.example.com/",
				Audiences: []string{"console.example.com:8443"},
			},
			keys: "https://console.example.com:8443/.well-known/pomerium/jwks.json", header: "X-Pomerium-Jwt-Assertion",
			claims: jwt.MapClaims{
				"iss":    "https://console.example.com/",
				"aud":    "console.example.com:8443",
				"sub":    "anna",
				"groups": "Ops",
			},
			who: "https://console.example.com/|anna", groups: []string{"Ops"}, verified: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &assertionSite{t: t, clock: newProxyClock(), net: newProxyKeyServer(), signer: ecSigner(t, "one")}
			other := rsaSigner(t, "one")
			if tc.rsa {
				s.signer, other = other, s.signer
			}
			s.net.serve(tc.keys, keySetOf(t, s.signer))
			p := jwtProxy(t, identity.ProxyJWTOptions{
				ProxyJWT:  tc.options,
				Transport: s.net,
				Sessions:  newProxySessions(),
				Now:       s.clock.now,
				Logger:    quietLogger(),
			})
			send := func(signer proxySigner, changes ...jwt.MapClaims) proxyVisit {
				return visit(p, with(tc.header, signer.sign(t, s.claims(append([]jwt.MapClaims{tc.claims}, changes...)...), nil)))
			}
			v := send(s.signer)
			wantOperator(t, v, tc.who, tc.groups...)
			if v.operator.EmailVerified != tc.verified || v.operator.Email != "anna@example.com" {
				t.Errorf("got %+v", v.operator)
			}
			for words, change := range tc.refused {
				wantRefused(t, send(s.signer, change), words)
			}
			wantRefused(t, send(other), "algorithm is not accepted")
			wantNoOperator(t, visit(p, with(customHeader, s.signer.sign(t, s.claims(tc.claims), nil))))
		})
	}
}

func TestProxyJWTSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	custom := config.ProxyJWT{
		Preset:     "custom",
		Header:     "X-A",
		Issuer:     "i",
		Audiences:  []string{"a"},
		KeysURL:    "https://k.example/",
		Algorithms: []string{"ES256"},
	}
	cloudflare := config.ProxyJWT{
		Preset:    "cloudflare-access",
		Issuer:    "https://acme.cloudflareaccess.com",
		Audiences: []string{"a"},
	}
	google := config.ProxyJWT{Preset: "google-iap", Audiences: []string{"/projects/1"}}
	pomerium := config.ProxyJWT{Preset: "pomerium", Issuer: "i", Audiences: []string{"console.example.com"}}
	alb := config.ProxyJWT{Preset: "aws-alb", Issuer: "i", Signer: albARN, Client: "c", Region: "eu-central-1"}
	for name, fine := range map[string]config.ProxyJWT{
		"custom":     custom,
		"cloudflare": cloudflare,
		"google":     google,
		"pomerium":   pomerium,
		"alb":        alb,
	} {
		if _, err := identity.NewProxyJWT(identity.ProxyJWTOptions{ProxyJWT: fine}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, tc := range []struct {
		name  string
		from  config.ProxyJWT
		with  func(*config.ProxyJWT)
		words []string
	}{
		{"no preset", custom, func(o *config.ProxyJWT) { o.Preset = "" }, []string{"PRESET is missing", "pomerium"}},
		{"unknown preset", custom, func(o *config.ProxyJWT) { o.Preset = "okta" }, []string{"PRESET must be"}},
		{
			"nothing",
			config.ProxyJWT{Preset: "custom"},
			nil,
			[]string{"header", "ALGORITHMS", "KEYS_URL", "issuer", "audience"},
		},
		{"no header", custom, func(o *config.ProxyJWT) { o.Header = "" }, []string{"header"}},
		{"bad header", custom, func(o *config.ProxyJWT) { o.Header = "X A" }, []string{"header"}},
		{"no issuer", custom, func(o *config.ProxyJWT) { o.Issuer = "" }, []string{"issuer"}},
		{"no audience", custom, func(o *config.ProxyJWT) { o.Audiences = nil }, []string{"audience"}},
		{
			"empty audience",
			custom,
			func(o *config.ProxyJWT) { o.Audiences = []string{"a", ""} },
			[]string{"audience"},
		},
		{"no algorithms", custom, func(o *config.ProxyJWT) { o.Algorithms = nil }, []string{"ALGORITHMS is missing"}},
		{"none", custom, func(o *config.ProxyJWT) { o.Algorithms = []string{"ES256", "none"} }, []string{`"none"`}},
		{"HS256", custom, func(o *config.ProxyJWT) { o.Algorithms = []string{"HS256"} }, []string{"HS256"}},
		{"lower case", custom, func(o *config.ProxyJWT) { o.Algorithms = []string{"rs256"} }, []string{"rs256"}},
		{"two places for keys", custom, func(o *config.ProxyJWT) { o.KeysFile = file }, []string{"KEYS_FILE are both set"}},
		{"no keys", custom, func(o *config.ProxyJWT) { o.KeysURL = "" }, []string{"KEYS_FILE are both missing"}},
		{"plain http", custom, func(o *config.ProxyJWT) { o.KeysURL = "http://k.example/" }, []string{"https"}},
		{
			"host similar to loopback",
			custom,
			func(o *config.ProxyJWT) { o.KeysURL = "http://127.0.0.1.example/" },
			[]string{"https"},
		},
		{"file address", custom, func(o *config.ProxyJWT) { o.KeysURL = "file:///etc/passwd" }, []string{"URL"}},
		{"no host", custom, func(o *config.ProxyJWT) { o.KeysURL = "https:///keys" }, []string{"URL"}},
		{
			"address with a password",
			custom,
			func(o *config.ProxyJWT) { o.KeysURL = "https://a:b@k.example/" },
			[]string{"URL"},
		},
		{"file is gone", custom, func(o *config.ProxyJWT) {
			o.KeysURL = ""
			o.KeysFile = file + ".gone"
		}, []string{"does not exist"}},
		{"file without keys", custom, func(o *config.ProxyJWT) {
			o.KeysURL = ""
			o.KeysFile = file
		}, []string{"not a key set"}},
		{
			"custom signer",
			custom,
			func(o *config.ProxyJWT) { o.Signer = albARN },
			[]string{"PROXY_JWT_SIGNER belongs to", "PRESET=aws-alb,"},
		},
		{"cloudflare without issuer", cloudflare, func(o *config.ProxyJWT) { o.Issuer = "" }, []string{"issuer"}},
		{
			"cloudflare by http",
			cloudflare,
			func(o *config.ProxyJWT) { o.Issuer = "http://acme.cloudflareaccess.com" },
			[]string{"https"},
		},
		{
			"cloudflare without audience",
			cloudflare,
			func(o *config.ProxyJWT) { o.Audiences = nil },
			[]string{"audience"},
		},
		{
			"cloudflare header",
			cloudflare,
			func(o *config.ProxyJWT) { o.Header = "X-A" },
			[]string{"PROXY_JWT_HEADER belongs to", "PRESET=custom,"},
		},
		{
			"cloudflare algorithms",
			cloudflare,
			func(o *config.ProxyJWT) { o.Algorithms = []string{"HS256"} },
			[]string{"PROXY_JWT_ALGORITHMS belongs to", "PRESET=custom,"},
		},
		{
			"cloudflare file",
			cloudflare,
			func(o *config.ProxyJWT) { o.KeysFile = file },
			[]string{"PROXY_JWT_KEYS_FILE belongs to", "PRESET=custom,"},
		},
		{"google without audience", google, func(o *config.ProxyJWT) { o.Audiences = nil }, []string{"audience"}},
		{
			"google of another issuer",
			google,
			func(o *config.ProxyJWT) { o.Issuer = "https://evil.example" },
			[]string{"PROXY_JWT_ISSUER belongs to", "PRESET=cloudflare-access"},
		},
		{
			"pomerium without audience",
			pomerium,
			func(o *config.ProxyJWT) { o.Audiences = nil },
			[]string{"audience"},
		},
		{
			"pomerium with two",
			pomerium,
			func(o *config.ProxyJWT) { o.Audiences = []string{"a.example", "b.example"} },
			[]string{"key set"},
		},
		{
			"pomerium with a path",
			pomerium,
			func(o *config.ProxyJWT) { o.Audiences = []string{"a.example/x"} },
			[]string{"key set"},
		},
		{
			"pomerium by http",
			pomerium,
			func(o *config.ProxyJWT) { o.Audiences = []string{"http://a.example"} },
			[]string{"key set"},
		},
		{"alb without anything", config.ProxyJWT{Preset: "aws-alb"}, nil, []string{"issuer", "region", "client"}},
		{"alb without signer", alb, func(o *config.ProxyJWT) { o.Signer = "" }, []string{"SIGNER is missing"}},
		{"alb without client", alb, func(o *config.ProxyJWT) { o.Client = "" }, []string{"client"}},
		{
			"alb of a network kind",
			alb,
			func(o *config.ProxyJWT) { o.Signer = strings.Replace(albARN, "/app/", "/net/", 1) },
			[]string{"SIGNER must be the ARN"},
		},
		{
			"alb of another region",
			alb,
			func(o *config.ProxyJWT) { o.Region = "eu-west-1" },
			[]string{"PROXY_JWT_REGION is not the region"},
		},
		{"alb region with a host", alb, func(o *config.ProxyJWT) { o.Region = "evil.example/#" }, []string{"region"}},
		{"alb region with a line break", alb, func(o *config.ProxyJWT) { o.Region = "eu-central-1\n" }, []string{"region"}},
		{
			"alb audience",
			alb,
			func(o *config.ProxyJWT) { o.Audiences = []string{"a"} },
			[]string{"PROXY_JWT_AUDIENCE belongs to", "PRESET=cloudflare-access"},
		},
		{
			"alb keys",
			alb,
			func(o *config.ProxyJWT) { o.KeysURL = "https://k.example" },
			[]string{"PROXY_JWT_KEYS_URL belongs to", "PRESET=custom,"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := tc.from
			if tc.with != nil {
				tc.with(&o)
			}
			p, err := identity.NewProxyJWT(identity.ProxyJWTOptions{ProxyJWT: o})
			if err == nil || p != nil {
				t.Fatal("accepted")
			}
			for _, words := range tc.words {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("got %q, want %q", err, words)
				}
			}
		})
	}
	for _, loopback := range []string{"http://127.0.0.1:9000/keys", "http://[::1]:9000/keys", "http://localhost/keys"} {
		o := custom
		o.KeysURL = loopback
		if _, err := identity.NewProxyJWT(identity.ProxyJWTOptions{ProxyJWT: o}); err != nil {
			t.Errorf("%s: %v", loopback, err)
		}
	}
}
