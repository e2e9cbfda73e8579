package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// TestOIDCRefusesForgedTokens changes one part of a valid ID token at a time.
func TestOIDCRefusesForgedTokens(t *testing.T) {
	t.Parallel()
	otherKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, value any) func(*idptest.Forger, idptest.Claims) string {
		return func(f *idptest.Forger, c idptest.Claims) string {
			c[name] = value
			if value == nil {
				delete(c, name)
			}
			return f.Sign(c)
		}
	}
	at := func(name string, ago time.Duration) func(*idptest.Forger, idptest.Claims) string {
		return func(f *idptest.Forger, c idptest.Claims) string {
			c[name] = f.Now().Add(-ago).Unix()
			return f.Sign(c)
		}
	}
	for name, c := range map[string]struct {
		forge func(*idptest.Forger, idptest.Claims) string
		query string
		why   string
	}{
		"alg none": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "key-1", c)
		}, "", "algorithm is not accepted"},
		"HS256 with the public key": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodHS256, f.PublicPEM(), "key-1", c)
		}, "", "algorithm is not accepted"},
		"HS256 with the client secret": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodHS256, []byte(f.ClientSecret), "", c)
		}, "", "algorithm is not accepted"},
		"another key": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodRS256, otherKey, "key-1", c)
		}, "", "signature is wrong"},
		"unknown kid": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodRS256, otherKey, "key-2", c)
		}, "", "signature is wrong"},
		"an algorithm that the provider does not list": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodRS512, otherKey, "key-1", c)
		}, "", "algorithm is not accepted"},
		"no token":       {func(*idptest.Forger, idptest.Claims) string { return "" }, "", "no ID token"},
		"not a token":    {func(*idptest.Forger, idptest.Claims) string { return "a.b" }, "", "malformed"},
		"other issuer":   {with("iss", "https://other.example"), "", "another issuer"},
		"other audience": {with("aud", "other"), "", "another audience"},
		"no audience":    {with("aud", nil), "", "another audience"},
		"several audiences, another azp": {func(f *idptest.Forger, c idptest.Claims) string {
			c["aud"], c["azp"] = []string{f.ClientID, "other"}, "other"
			return f.Sign(c)
		}, "", "another authorized party"},
		"several audiences, none ours":    {with("aud", []string{"other", "https://id.example/"}), "", "another audience"},
		"empty azp":                       {with("azp", ""), "", "another authorized party"},
		"another azp":                     {with("azp", "other"), "", "another authorized party"},
		"azp not a string":                {with("azp", 7), "", "another authorized party"},
		"expired":                         {at("exp", time.Second), "", "expired"},
		"no expiry":                       {with("exp", nil), "", "expired"},
		"not valid yet":                   {at("nbf", -10*time.Minute), "", "not valid yet"},
		"issued in the future":            {at("iat", -2*time.Minute), "", "issued in the future"},
		"no iat":                          {with("iat", nil), "", "has no time of issue"},
		"wrong nonce":                     {with("nonce", "x"), "", "the nonce of another sign-in"},
		"no nonce":                        {with("nonce", nil), "", "no nonce"},
		"no subject":                      {with("sub", nil), "", "has no subject"},
		"subject too long":                {with("sub", strings.Repeat("a", 256)), "", "too long or has control characters"},
		"subject with a line break":       {with("sub", "anna\nboris"), "", "too long or has control characters"},
		"at_hash of another access token": {with("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "", "belongs to another access token"},
		"again, no auth_time":             {with("auth_time", nil), "?again=1", "does not send auth_time"},
		"again, auth_time not a number":   {with("auth_time", "now"), "?again=1", "does not send auth_time"},
		"again, old auth_time":            {at("auth_time", 2*time.Minute), "?again=1", "did not require a new sign-in"},
		"auth_time in the future":         {at("auth_time", -2*time.Minute), "", "auth_time is in the future"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(valid idptest.Claims) string { return c.forge(f, valid) }
			s.get("/sign-in" + c.query)
			s.wantRefused(c.why)
			if s.sessions.count() != 0 || s.currentOperator().Authenticated() {
				t.Error("an operator is signed in")
			}
			if len(s.cookies()) != 0 {
				t.Error("the cookie of the sign-in was not deleted")
			}
			s.wantNoSecretsLogged(f.LastAuthRequest().Get("state"), f.LastAuthRequest().Get("nonce"))
			if refused, ok := errors.AsType[*identity.Refused](s.lastError()); ok &&
				strings.Contains(string(refused.Reason), f.LastAuthRequest().Get("state")) {
				t.Errorf("the reason contains the state: %s", refused.Reason)
			}
		})
	}
}

// TestOIDCAcceptsBoundaryTokens checks tokens that are just within the limits.
func TestOIDCAcceptsBoundaryTokens(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*idptest.Forger, idptest.Claims){
		"several audiences, azp is ours": func(f *idptest.Forger, c idptest.Claims) {
			c["aud"], c["azp"] = []string{"other", f.ClientID}, f.ClientID
		},
		"several audiences, no azp": func(f *idptest.Forger, c idptest.Claims) {
			c["aud"] = []string{f.ClientID, "https://id.example.com/"}
		},
		"several audiences, azp null": func(f *idptest.Forger, c idptest.Claims) {
			c["aud"], c["azp"] = []string{"https://id.example.com/", f.ClientID}, nil
		},
		"_claim_names without _claim_sources": func(_ *idptest.Forger, c idptest.Claims) {
			c["_claim_names"] = idptest.Claims{"groups": "src1"}
		},
		"_claim_names without the named source": func(_ *idptest.Forger, c idptest.Claims) {
			c["_claim_names"], c["_claim_sources"] = idptest.Claims{"groups": "src1"}, idptest.Claims{"src2": idptest.Claims{}}
		},
		"_claim_names in an unknown form": func(_ *idptest.Forger, c idptest.Claims) {
			c["_claim_names"], c["_claim_sources"] = []string{"groups"}, "src1"
		},
		"a clock 50 s ahead": func(f *idptest.Forger, c idptest.Claims) {
			c["iat"] = f.Now().Add(50 * time.Second).Unix()
		},
		"again, clock 50 s behind": func(f *idptest.Forger, c idptest.Claims) {
			c["auth_time"] = f.Now().Add(-50 * time.Second).Unix()
		},
		"the longest subject": func(_ *idptest.Forger, c idptest.Claims) { c["sub"] = strings.Repeat("a", 255) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(valid idptest.Claims) string {
				change(f, valid)
				return f.Sign(valid)
			}
			if page := s.get("/sign-in?again=1"); page != "back to " {
				t.Errorf("got %s", page)
			}
		})
	}
}
