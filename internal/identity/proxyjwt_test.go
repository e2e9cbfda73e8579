package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
)

const (
	customKeys   = "https://idp.example/keys"
	customHeader = "X-Assertion"
)

// assertionSite is a Proxy with a signer and a server with its keys.
type assertionSite struct {
	t      testing.TB
	clock  *proxyClock
	net    *proxyKeyServer
	signer proxySigner
	proxy  *identity.Proxy
}

// customSite returns a Proxy with the preset custom, which signs with ES256.
func customSite(t testing.TB, change ...func(*identity.ProxyJWTOptions)) *assertionSite {
	t.Helper()
	s := &assertionSite{t: t, clock: newProxyClock(), net: newProxyKeyServer(), signer: ecSigner(t, "one")}
	s.net.serve(customKeys, keySetOf(t, s.signer))
	o := identity.ProxyJWTOptions{
		ProxyJWT: config.ProxyJWT{
			Preset:      "custom",
			Header:      customHeader,
			Issuer:      "https://idp.example",
			Audiences:   []string{"console", "console.example.com"},
			KeysURL:     customKeys,
			Algorithms:  []string{"ES256"},
			GroupsClaim: "groups",
		},
		Transport: s.net,
		Sessions:  newProxySessions(),
		Now:       s.clock.now,
		Logger:    quietLogger(),
	}
	for _, c := range change {
		c(&o)
	}
	s.proxy = jwtProxy(t, o)
	return s
}

func jwtProxy(t testing.TB, o identity.ProxyJWTOptions) *identity.Proxy {
	t.Helper()
	p, err := identity.NewProxyJWT(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// claims returns claims of anna that are valid for five minutes, with changes; nil removes a claim.
func (s *assertionSite) claims(changes ...jwt.MapClaims) jwt.MapClaims {
	now := s.clock.now().Unix()
	claims := jwt.MapClaims{
		"iss":            "https://idp.example",
		"aud":            "console",
		"sub":            "anna-1",
		"name":           "Anna Nováková",
		"email":          "anna@example.com",
		"email_verified": true,
		"groups":         []string{"ops", "night"},
		"iat":            now,
		"nbf":            now,
		"exp":            now + 300,
	}
	for _, change := range changes {
		maps.Copy(claims, change)
	}
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func (s *assertionSite) send(token string) proxyVisit {
	return visit(s.proxy, with(customHeader, token))
}

func (s *assertionSite) sendClaims(changes ...jwt.MapClaims) proxyVisit {
	return s.send(s.signer.sign(s.t, s.claims(changes...), nil))
}

func TestProxyJWTOperator(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	v := s.sendClaims()
	wantOperator(t, v, "https://idp.example|anna-1", "ops", "night")
	if v.operator.Name != "Anna Nováková" || v.operator.Email != "anna@example.com" || !v.operator.EmailVerified ||
		v.operator.Method != operator.ProxyJWT ||
		!v.operator.ProvenAt.Equal(proxyNoon) ||
		!v.operator.GroupsAt.Equal(proxyNoon) {
		t.Errorf("got %+v", v.operator)
	}
	wantOperator(
		t,
		s.sendClaims(jwt.MapClaims{"aud": []string{"other", "console.example.com"}}),
		"https://idp.example|anna-1",
		"ops",
		"night",
	)
	for _, unverified := range []any{nil, false, "false", "yes", 1, []any{true}} {
		if v := s.sendClaims(jwt.MapClaims{"email_verified": unverified}); v.err != nil || v.operator.EmailVerified {
			t.Errorf("email_verified %v: got %+v, %v", unverified, v.operator, v.err)
		}
	}
	if v := s.sendClaims(jwt.MapClaims{"email_verified": "true"}); !v.operator.EmailVerified {
		t.Error("a verified address does not count as verified")
	}
	if v := s.sendClaims(jwt.MapClaims{"email": nil}); v.err != nil || v.operator.EmailVerified {
		t.Errorf("no address: got %+v, %v", v.operator, v.err)
	}
	wantNoOperator(t, visit(s.proxy))
	wantNoOperator(t, visit(s.proxy, raw(customHeader, "  ")))
	wantNoOperator(t, visit(s.proxy, with("Authorization", "Bearer "+s.signer.sign(t, s.claims(), nil))))
}

// Subjects and addresses that differ in a space are different.
func TestProxyJWTNamesAreExact(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	for _, subject := range []string{" anna-1", "anna-1 ", "anna-1\u00a0", "\u2003anna-1"} {
		v := s.sendClaims(jwt.MapClaims{"sub": subject, "email": subject + "@example.com", "email_verified": true})
		if v.err != nil || v.operator.Subject != subject || v.operator.Email != subject+"@example.com" {
			t.Errorf("%q: got %+v, %v", subject, v.operator, v.err)
		}
	}
}

func TestProxyJWTGroups(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	deep := customSite(t, func(o *identity.ProxyJWTOptions) { o.GroupsClaim = "custom.access.groups" })
	none := customSite(t, func(o *identity.ProxyJWTOptions) { o.GroupsClaim = "" })
	dotted := customSite(t, func(o *identity.ProxyJWTOptions) { o.GroupsClaim = "https://example.com/groups" })
	for _, tc := range []struct {
		name   string
		site   *assertionSite
		claims jwt.MapClaims
		groups []string
	}{
		{"one string", s, jwt.MapClaims{"groups": "ops, night"}, []string{"ops, night"}},
		{
			"with spaces",
			s,
			jwt.MapClaims{"groups": []string{" ops ", "ops\u00a0", "", "  "}},
			[]string{" ops ", "ops\u00a0"},
		},
		{"missing", s, jwt.MapClaims{"groups": nil}, nil},
		{"empty list", s, jwt.MapClaims{"groups": []string{}}, nil},
		{
			"path",
			deep,
			jwt.MapClaims{"custom": map[string]any{"access": map[string]any{"groups": []string{"ops"}}}},
			[]string{"ops"},
		},
		{"path to nothing", deep, jwt.MapClaims{"custom": map[string]any{"access": 7}}, nil},
		{
			"whole name first",
			deep,
			jwt.MapClaims{"custom.access.groups": "whole", "custom": map[string]any{"access": map[string]any{"groups": "path"}}},
			[]string{"whole"},
		},
		{"none wanted", none, nil, nil},
		{"address as a name", dotted, jwt.MapClaims{"https://example.com/groups": []string{"ops"}}, []string{"ops"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantOperator(t, tc.site.sendClaims(tc.claims), "https://idp.example|anna-1", tc.groups...)
		})
	}
	for name, value := range map[string]any{
		"number":             7,
		"true":               true,
		"object":             map[string]any{"ops": true},
		"list of numbers":    []any{1},
		"mixed":              []any{"ops", nil},
		"nested":             []any{[]any{"ops"}},
		"control character":  []string{"ops\nadmins"},
		"long":               strings.Repeat("g", 257),
		"an object of flags": map[string]any{"ops": true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, s.sendClaims(jwt.MapClaims{"groups": value}), "group")
		})
	}
}

// An operator in 1,501 groups has the configured one, which is the last.
func TestProxyJWTManyGroups(t *testing.T) {
	t.Parallel()
	s := customSite(t, func(o *identity.ProxyJWTOptions) { o.Configured = []string{"vox-admins"} })
	v := s.sendClaims(jwt.MapClaims{"groups": manyGroups("vox-admins")})
	if v.err != nil || len(v.operator.Groups) < 100 || v.operator.Groups[0] != "vox-admins" ||
		len(v.operator.Groups)+v.operator.GroupsOmitted != 1501 {
		t.Errorf("%d groups, %d left out, %v", len(v.operator.Groups), v.operator.GroupsOmitted, v.err)
	}
}

// A name is only shown: what cannot be read does not keep the operator out.
func TestProxyJWTNames(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	for _, c := range []struct {
		name any
		want string
	}{
		{" Anna ", "Anna"},
		{"Anna\u001b[2J\n", "Anna[2J"},
		{strings.Repeat("á", 129), strings.Repeat("á", 128)},
		{nil, ""},
		{7, ""},
		{[]string{"Anna"}, ""},
		{map[string]any{"given": "Anna"}, ""},
	} {
		if v := s.sendClaims(jwt.MapClaims{"name": c.name}); v.err != nil || v.operator.Name != c.want {
			t.Errorf("%v: got %q, %v", c.name, v.operator.Name, v.err)
		}
	}
}

// What a claim does not say is known: /me shows it.
func TestProxyJWTGroupsStatus(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	none := customSite(t, func(o *identity.ProxyJWTOptions) { o.GroupsClaim = "" })
	for name, c := range map[string]struct {
		site   *assertionSite
		claims jwt.MapClaims
		status operator.GroupsStatus
		claim  string
	}{
		"sent":    {s, nil, operator.GroupsSent, "groups"},
		"none":    {s, jwt.MapClaims{"groups": []string{}}, operator.GroupsSent, "groups"},
		"missing": {s, jwt.MapClaims{"groups": nil}, operator.GroupsMissing, "groups"},
		"left out": {
			s, jwt.MapClaims{"groups": nil, "_claim_names": map[string]any{"groups": "src1"}}, operator.GroupsTooMany, "groups",
		},
		"no claim is configured": {none, nil, operator.GroupsMissing, ""},
	} {
		v := c.site.sendClaims(c.claims)
		if o := v.operator; v.err != nil || o.GroupsStatus != c.status || o.GroupsClaim != c.claim {
			t.Errorf("%s: got %q of %q, %v", name, o.GroupsStatus, o.GroupsClaim, v.err)
		}
	}
}

func TestProxyJWTForgedClaims(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	for name, tc := range map[string]struct {
		change jwt.MapClaims
		words  string
	}{
		"other audience":          {jwt.MapClaims{"aud": "wiki"}, "another audience"},
		"audience's prefix":       {jwt.MapClaims{"aud": "consol"}, "another audience"},
		"audience's case":         {jwt.MapClaims{"aud": "Console"}, "another audience"},
		"audiences as one string": {jwt.MapClaims{"aud": "wiki console"}, "another audience"},
		"no audience":             {jwt.MapClaims{"aud": nil}, "lacks"},
		"empty audience":          {jwt.MapClaims{"aud": ""}, "audience"},
		"empty audiences":         {jwt.MapClaims{"aud": []string{}}, "lacks"},
		"audience a number":       {jwt.MapClaims{"aud": 7}, "lacks"},
		"other issuer":            {jwt.MapClaims{"iss": "https://evil.example"}, "another issuer"},
		"issuer with a slash":     {jwt.MapClaims{"iss": "https://idp.example/"}, "another issuer"},
		"no issuer":               {jwt.MapClaims{"iss": nil}, "lacks"},
		"no expiry":               {jwt.MapClaims{"exp": nil}, "lacks"},
		"expiry zero":             {jwt.MapClaims{"exp": 0}, "lacks"},
		"expiry a string":         {jwt.MapClaims{"exp": "4000000000"}, "cannot be verified"},
		"no subject":              {jwt.MapClaims{"sub": nil}, "no subject"},
		"blank subject":           {jwt.MapClaims{"sub": " "}, "no subject"},
		"subject a number":        {jwt.MapClaims{"sub": 7}, "not a string"},
		"subject a list":          {jwt.MapClaims{"sub": []string{"boss"}}, "not a string"},
		"address a list":          {jwt.MapClaims{"email": []string{"boss@example.com"}}, "not a string"},
		"long subject":            {jwt.MapClaims{"sub": strings.Repeat("a", 257)}, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, s.sendClaims(tc.change), tc.words, "boss", "evil", "wiki")
		})
	}
}

// Clocks may differ by at most 30 seconds.
func TestProxyJWTClock(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	now := proxyNoon.Unix()
	for name, tc := range map[string]struct {
		change jwt.MapClaims
		words  string // "" means accepted
	}{
		"expired 29 s ago":     {jwt.MapClaims{"exp": now - 29}, ""},
		"expired 30 s ago":     {jwt.MapClaims{"exp": now - 30}, "expired"},
		"expired an hour ago":  {jwt.MapClaims{"exp": now - 3600}, "expired"},
		"valid in 30 s":        {jwt.MapClaims{"nbf": now + 30}, ""},
		"valid in 31 s":        {jwt.MapClaims{"nbf": now + 31}, "not valid yet"},
		"issued in 30 s":       {jwt.MapClaims{"iat": now + 30}, ""},
		"issued in 31 s":       {jwt.MapClaims{"iat": now + 31}, "in the future"},
		"without nbf and iat":  {jwt.MapClaims{"nbf": nil, "iat": nil}, ""},
		"nbf a string":         {jwt.MapClaims{"nbf": "soon"}, "cannot be verified"},
		"expiry in the year 9": {jwt.MapClaims{"exp": -6e10}, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := s.sendClaims(tc.change)
			if tc.words == "" {
				wantOperator(t, v, "https://idp.example|anna-1", "ops", "night")
				return
			}
			wantRefused(t, v, tc.words)
		})
	}
	t.Run("replayed", func(t *testing.T) {
		t.Parallel()
		s := customSite(t)
		token := s.signer.sign(t, s.claims(), nil)
		wantOperator(t, s.send(token), "https://idp.example|anna-1", "ops", "night")
		s.clock.pass(329 * time.Second)
		wantOperator(t, s.send(token), "https://idp.example|anna-1", "ops", "night")
		s.clock.pass(time.Second)
		wantRefused(t, s.send(token), "expired")
	})
}

// Assertions must be signed with a key of the set and a configured algorithm.
func TestProxyJWTForgedSignatures(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	valid := s.signer.sign(t, s.claims(), nil)
	parts := strings.Split(valid, ".")
	boss, err := json.Marshal(s.claims(jwt.MapClaims{"sub": "boss"}))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, s.claims()).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	withPublic := func(key any) string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, s.claims())
		token.Header["kid"] = "one"
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	head := func(text string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + parts[1] + "." + parts[2]
	}
	namesake := ecSigner(t, "one")
	for name, tc := range map[string]struct{ token, words string }{
		"other claims": {
			parts[0] + "." + base64.RawURLEncoding.EncodeToString(boss) + "." + parts[2],
			"signature is wrong",
		},
		"other key of the name":  {namesake.sign(t, s.claims(), nil), "signature is wrong"},
		"unknown key":            {ecSigner(t, "two").sign(t, s.claims(), nil), "not in the key set"},
		"algorithm none":         {unsigned, "algorithm is not accepted"},
		"algorithm None":         {head(`{"alg":"None","kid":"one"}`), "cannot be verified"},
		"algorithm missing":      {head(`{"kid":"one"}`), "cannot be verified"},
		"algorithm a list":       {head(`{"alg":["ES256"],"kid":"one"}`), "cannot be verified"},
		"HS256 with the PEM":     {withPublic(pemOf(t, s.signer)), "algorithm is not accepted"},
		"HS256 with the key set": {withPublic(keySetOf(t, s.signer)), "algorithm is not accepted"},
		"RS256":                  {rsaSigner(t, "one").sign(t, s.claims(), nil), "algorithm is not accepted"},
		"no signature":           {parts[0] + "." + parts[1] + ".", "signature is wrong"},
		"signature cut":          {valid[:len(valid)-4], "the assertion"},
		"zero signature": {
			parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 64)),
			"signature is wrong",
		},
		"two parts":         {parts[0] + "." + parts[1], "malformed"},
		"four parts":        {valid + ".", "malformed"},
		"five parts":        {valid + ".a.b", "malformed"},
		"two in one":        {valid + "," + valid, "malformed"},
		"Bearer before":     {"Bearer " + valid, "malformed"},
		"padded":            {parts[0] + "." + parts[1] + "." + parts[2] + "==", "malformed"},
		"trailing bits":     {trailingBits(valid), "malformed"},
		"line break within": {valid[:len(valid)-9] + "\r" + valid[len(valid)-9:], "malformed"},
		"words":             {"anna", "malformed"},
		"dots":              {"..", "malformed"},
		"not JSON":          {head("boss"), "malformed"},
		"null head":         {head("null"), "cannot be verified"},
		"long":              {valid + strings.Repeat("A", 96<<10), "too long"},
		"no key name":       {s.signer.sign(t, s.claims(), map[string]any{"kid": ""}), "names no key"},
		"key name a number": {s.signer.sign(t, s.claims(), map[string]any{"kid": 1}), "names no key"},
		"key name an address": {
			s.signer.sign(t, s.claims(), map[string]any{"kid": "https://evil.example/keys"}),
			"not in the key set",
		},
		"key name a path": {
			s.signer.sign(t, s.claims(), map[string]any{"kid": "../../etc/passwd"}),
			"not in the key set",
		},
		"critical extension": {
			s.signer.sign(t, s.claims(), map[string]any{"crit": []string{"b64"}, "b64": false}),
			"extension",
		},
		"header of another issuer": {
			s.signer.sign(t, s.claims(), map[string]any{"iss": "https://evil.example"}),
			"another issuer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, s.send(tc.token), tc.words, "boss", "evil", parts[1], "passwd")
		})
	}
	t.Run("key from the header", func(t *testing.T) {
		t.Parallel()
		s := customSite(t)
		evil := ecSigner(t, "evil")
		s.net.serve("https://evil.example/keys", keySetOf(t, evil))
		var set struct{ Keys []json.RawMessage }
		if err := json.Unmarshal(keySetOf(t, evil), &set); err != nil {
			t.Fatal(err)
		}
		head := map[string]any{
			"jku": "https://evil.example/keys",
			"x5u": "https://evil.example/keys",
			"jwk": set.Keys[0],
		}
		wantRefused(t, s.send(evil.sign(t, s.claims(), head)), "not in the key set")
		for _, address := range s.net.requests {
			if address != customKeys {
				t.Errorf("the assertion caused a request to %s", address)
			}
		}
	})
}

// trailingBits changes the last character of a signature so that it decodes to the same bytes: the encoding of 64 bytes
// has four unused bits.
func trailingBits(token string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(letters, token[len(token)-1])
	return token[:len(token)-1] + string(letters[last|1])
}

func TestProxyJWTHeaderOnce(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	valid := s.signer.sign(t, s.claims(), nil)
	for name, tc := range map[string]struct {
		change []func(*http.Request)
		words  string
	}{
		"twice":       {[]func(*http.Request){with(customHeader, valid), with(customHeader, valid)}, "more than once"},
		"and empty":   {[]func(*http.Request){raw(customHeader, "", valid)}, "more than once"},
		"underscores": {[]func(*http.Request){with("X_Assertion", valid)}, "a name similar to"},
		"beside":      {[]func(*http.Request){with(customHeader, valid), with("X_Assertion", "x")}, "a name similar to"},
		"lower case":  {[]func(*http.Request){raw("x-assertion", valid)}, "a name similar to"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, visit(s.proxy, tc.change...), tc.words, valid)
		})
	}
	wantOperator(
		t,
		visit(s.proxy, with("x-assertion", " "+valid+" "), from("192.0.2.1:9")),
		"https://idp.example|anna-1",
		"ops",
		"night",
	)
}

// FuzzProxyAssertion checks that a changed assertion is refused.
func FuzzProxyAssertion(f *testing.F) {
	s := customSite(f)
	valid := s.signer.sign(f, s.claims(), nil)
	parts := strings.Split(valid, ".")
	f.Add(0, 0, valid)
	f.Add(10, 3, "A")
	f.Add(len(parts[0]), 1, "..")
	f.Add(0, len(parts[0]), base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"one"}`)))
	f.Fuzz(func(t *testing.T, at, length int, by string) {
		at = min(max(at, 0), len(valid))
		end := at + min(max(length, 0), len(valid)-at)
		for _, token := range []string{by, valid[:at] + by + valid[end:]} {
			if v := s.send(token); v.operator.Authenticated() && strings.TrimSpace(token) != valid {
				t.Errorf("accepted %+v with %q", v.operator, token)
			}
		}
	})
}
