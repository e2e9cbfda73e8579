package identity_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/identity"
)

// Each preset with an assertion as its vendor describes it.
func TestPresets(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options  identity.ProxyJWTOptions
		rsa      bool
		keys     string
		header   string
		claims   jwt.MapClaims
		who      string
		groups   []string
		verified bool
		refused  map[string]jwt.MapClaims // reason → what is changed
	}{
		"cloudflare": {
			options: identity.ProxyJWTOptions{
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
				"no person":     {"sub": "", "email": nil, "common_name": "robot.access"},
				"service token": {"email": nil, "common_name": "robot.access"},
				"another iss":   {"iss": "https://other.cloudflareaccess.com"},
				"another aud":   {"aud": []string{"other-tag"}},
			},
		},
		"google": {
			options: identity.ProxyJWTOptions{Preset: "google-iap", Audiences: []string{"/projects/1/global/backendServices/2"}},
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
		"google, Identity Platform": {
			options: identity.ProxyJWTOptions{Preset: "google-iap", Audiences: []string{"/projects/1/apps/2"}},
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
			options: identity.ProxyJWTOptions{
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
			options: identity.ProxyJWTOptions{
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
			tc.options.Transport = s.net
			tc.options.Sessions = newProxySessions()
			tc.options.Now = s.clock.now
			tc.options.Logger = quietLogger()
			p := jwtProxy(t, tc.options)
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
			wantRefused(t, send(other), "kind that is not accepted")
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
	custom := identity.ProxyJWTOptions{
		Preset:     "custom",
		Header:     "X-A",
		Issuer:     "i",
		Audiences:  []string{"a"},
		KeysURL:    "https://k.example/",
		Algorithms: []string{"ES256"},
	}
	cloudflare := identity.ProxyJWTOptions{
		Preset:    "cloudflare-access",
		Issuer:    "https://acme.cloudflareaccess.com",
		Audiences: []string{"a"},
	}
	google := identity.ProxyJWTOptions{Preset: "google-iap", Audiences: []string{"a"}}
	pomerium := identity.ProxyJWTOptions{Preset: "pomerium", Issuer: "i", Audiences: []string{"console.example.com"}}
	alb := identity.ProxyJWTOptions{Preset: "aws-alb", Issuer: "i", Signer: albARN, Client: "c", Region: "eu-central-1"}
	for name, fine := range map[string]identity.ProxyJWTOptions{
		"custom":     custom,
		"cloudflare": cloudflare,
		"google":     google,
		"pomerium":   pomerium,
		"alb":        alb,
	} {
		if _, err := identity.NewProxyJWT(fine); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, tc := range []struct {
		name  string
		from  identity.ProxyJWTOptions
		with  func(*identity.ProxyJWTOptions)
		words []string
	}{
		{"no preset", custom, func(o *identity.ProxyJWTOptions) { o.Preset = "" }, []string{"no preset", "pomerium"}},
		{"unknown preset", custom, func(o *identity.ProxyJWTOptions) { o.Preset = "okta" }, []string{"no preset"}},
		{
			"nothing",
			identity.ProxyJWTOptions{Preset: "custom"},
			nil,
			[]string{"header", "algorithms", "keys", "issuer", "audience"},
		},
		{"no header", custom, func(o *identity.ProxyJWTOptions) { o.Header = "" }, []string{"header"}},
		{"bad header", custom, func(o *identity.ProxyJWTOptions) { o.Header = "X A" }, []string{"header"}},
		{"no issuer", custom, func(o *identity.ProxyJWTOptions) { o.Issuer = "" }, []string{"issuer"}},
		{"no audience", custom, func(o *identity.ProxyJWTOptions) { o.Audiences = nil }, []string{"audience"}},
		{
			"empty audience",
			custom,
			func(o *identity.ProxyJWTOptions) { o.Audiences = []string{"a", ""} },
			[]string{"audience"},
		},
		{"no algorithms", custom, func(o *identity.ProxyJWTOptions) { o.Algorithms = nil }, []string{"algorithms"}},
		{"none", custom, func(o *identity.ProxyJWTOptions) { o.Algorithms = []string{"ES256", "none"} }, []string{`"none"`}},
		{"HS256", custom, func(o *identity.ProxyJWTOptions) { o.Algorithms = []string{"HS256"} }, []string{"HS256"}},
		{"lower case", custom, func(o *identity.ProxyJWTOptions) { o.Algorithms = []string{"rs256"} }, []string{"rs256"}},
		{"two places for keys", custom, func(o *identity.ProxyJWTOptions) { o.KeysFile = file }, []string{"keys"}},
		{"no keys", custom, func(o *identity.ProxyJWTOptions) { o.KeysURL = "" }, []string{"keys"}},
		{"plain http", custom, func(o *identity.ProxyJWTOptions) { o.KeysURL = "http://k.example/" }, []string{"https"}},
		{
			"like loopback",
			custom,
			func(o *identity.ProxyJWTOptions) { o.KeysURL = "http://127.0.0.1.example/" },
			[]string{"https"},
		},
		{"file address", custom, func(o *identity.ProxyJWTOptions) { o.KeysURL = "file:///etc/passwd" }, []string{"URL"}},
		{"no host", custom, func(o *identity.ProxyJWTOptions) { o.KeysURL = "https:///keys" }, []string{"URL"}},
		{
			"password in it",
			custom,
			func(o *identity.ProxyJWTOptions) { o.KeysURL = "https://a:b@k.example/" },
			[]string{"URL"},
		},
		{"file is gone", custom, func(o *identity.ProxyJWTOptions) {
			o.KeysURL = ""
			o.KeysFile = file + ".gone"
		}, []string{"cannot be read"}},
		{"file without keys", custom, func(o *identity.ProxyJWTOptions) {
			o.KeysURL = ""
			o.KeysFile = file
		}, []string{"cannot be used"}},
		{
			"custom signer",
			custom,
			func(o *identity.ProxyJWTOptions) { o.Signer = albARN },
			[]string{"signer", "aws-alb only"},
		},
		{"cloudflare without issuer", cloudflare, func(o *identity.ProxyJWTOptions) { o.Issuer = "" }, []string{"issuer"}},
		{
			"cloudflare by http",
			cloudflare,
			func(o *identity.ProxyJWTOptions) { o.Issuer = "http://acme.cloudflareaccess.com" },
			[]string{"https"},
		},
		{
			"cloudflare without audience",
			cloudflare,
			func(o *identity.ProxyJWTOptions) { o.Audiences = nil },
			[]string{"audience"},
		},
		{
			"cloudflare header",
			cloudflare,
			func(o *identity.ProxyJWTOptions) { o.Header = "X-A" },
			[]string{"header", "custom only"},
		},
		{
			"cloudflare algorithms",
			cloudflare,
			func(o *identity.ProxyJWTOptions) { o.Algorithms = []string{"HS256"} },
			[]string{"algorithms", "custom only"},
		},
		{
			"cloudflare file",
			cloudflare,
			func(o *identity.ProxyJWTOptions) { o.KeysFile = file },
			[]string{"file", "custom only"},
		},
		{"google without audience", google, func(o *identity.ProxyJWTOptions) { o.Audiences = nil }, []string{"audience"}},
		{
			"google of another issuer",
			google,
			func(o *identity.ProxyJWTOptions) { o.Issuer = "https://evil.example" },
			[]string{"always"},
		},
		{
			"pomerium without audience",
			pomerium,
			func(o *identity.ProxyJWTOptions) { o.Audiences = nil },
			[]string{"audience"},
		},
		{
			"pomerium with two",
			pomerium,
			func(o *identity.ProxyJWTOptions) { o.Audiences = []string{"a.example", "b.example"} },
			[]string{"key set"},
		},
		{
			"pomerium with a path",
			pomerium,
			func(o *identity.ProxyJWTOptions) { o.Audiences = []string{"a.example/x"} },
			[]string{"key set"},
		},
		{
			"pomerium by http",
			pomerium,
			func(o *identity.ProxyJWTOptions) { o.Audiences = []string{"http://a.example"} },
			[]string{"key set"},
		},
		{"alb without anything", identity.ProxyJWTOptions{Preset: "aws-alb"}, nil, []string{"issuer", "region", "client"}},
		{"alb without signer", alb, func(o *identity.ProxyJWTOptions) { o.Signer = "" }, []string{"signer"}},
		{"alb without client", alb, func(o *identity.ProxyJWTOptions) { o.Client = "" }, []string{"client"}},
		{
			"alb of a network kind",
			alb,
			func(o *identity.ProxyJWTOptions) { o.Signer = strings.Replace(albARN, "/app/", "/net/", 1) },
			[]string{"signer"},
		},
		{
			"alb of another region",
			alb,
			func(o *identity.ProxyJWTOptions) { o.Region = "eu-west-1" },
			[]string{"another region"},
		},
		{"alb region a host", alb, func(o *identity.ProxyJWTOptions) { o.Region = "evil.example/#" }, []string{"region"}},
		{"alb region and more", alb, func(o *identity.ProxyJWTOptions) { o.Region = "eu-central-1\n" }, []string{"region"}},
		{
			"alb audience",
			alb,
			func(o *identity.ProxyJWTOptions) { o.Audiences = []string{"a"} },
			[]string{"audience", "other presets"},
		},
		{
			"alb keys",
			alb,
			func(o *identity.ProxyJWTOptions) { o.KeysURL = "https://k.example" },
			[]string{"key set", "other presets"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := tc.from
			if tc.with != nil {
				tc.with(&o)
			}
			p, err := identity.NewProxyJWT(o)
			if err == nil || p != nil {
				t.Fatal("accepted")
			}
			for _, words := range tc.words {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("got %q, want a word of %q", err, words)
				}
			}
		})
	}
	for _, loopback := range []string{"http://127.0.0.1:9000/keys", "http://[::1]:9000/keys", "http://localhost/keys"} {
		o := custom
		o.KeysURL = loopback
		if _, err := identity.NewProxyJWT(o); err != nil {
			t.Errorf("%s: %v", loopback, err)
		}
	}
}
