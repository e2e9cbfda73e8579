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

// TestOIDCRefusesForgedTokens is one wrong thing at a time in an otherwise good ID token.
func TestOIDCRefusesForgedTokens(t *testing.T) {
	t.Parallel()
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
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
		}, "", `signature algorithm "none"`},
		"HS256 with the public key": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodHS256, f.PublicPEM(), "key-1", c)
		}, "", `signature algorithm "HS256"`},
		"HS256 with the client's secret": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodHS256, []byte(f.ClientSecret), "", c)
		}, "", `signature algorithm "HS256"`},
		"another's key": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodRS256, stranger, "key-1", c)
		}, "", "failed to verify signature"},
		"unknown kid": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodRS256, stranger, "key-2", c)
		}, "", "failed to verify signature"},
		"an algorithm that the provider does not name": {func(f *idptest.Forger, c idptest.Claims) string {
			return f.SignWith(jwt.SigningMethodRS512, stranger, "key-1", c)
		}, "", `signature algorithm "RS512"`},
		"no token":                  {func(*idptest.Forger, idptest.Claims) string { return "" }, "", "no ID token"},
		"not a token":               {func(*idptest.Forger, idptest.Claims) string { return "a.b" }, "", "malformed"},
		"other issuer":              {with("iss", "https://other.example"), "", "issued by a different provider"},
		"other audience":            {with("aud", "other"), "", "expected audience"},
		"no audience":               {with("aud", nil), "", "expected audience"},
		"several audiences, no azp": {with("aud", []string{"voxwarden", "other"}), "", "for several audiences"},
		"asked for by another":      {with("azp", "other"), "", "asked for by another client"},
		"azp that is no text":       {with("azp", 7), "", "asked for by another client"},
		"expired":                   {at("exp", time.Second), "", "expired"},
		"no expiry":                 {with("exp", nil), "", "expired"},
		"not valid yet":             {at("nbf", -10*time.Minute), "", "nbf"},
		"from the future":           {at("iat", -2*time.Minute), "", "made in the future"},
		"without a time":            {with("iat", nil), "", "does not say when it was made"},
		"wrong nonce":               {with("nonce", "x"), "", "its nonce is not ours"},
		"no nonce":                  {with("nonce", nil), "", "no nonce"},
		"no subject":                {with("sub", nil), "", "names nobody"},
		"subject too long":          {with("sub", strings.Repeat("a", 256)), "", "subject is no subject"},
		"subject with a line break": {with("sub", "anna\nboris"), "", "subject is no subject"},
		"another access token's":    {with("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "", "belongs to another access token"},
		"again, not told when":      {with("auth_time", nil), "?again=1", "does not say when the person proved themselves"},
		"again, told as a text":     {with("auth_time", "now"), "?again=1", "does not say when the person proved themselves"},
		"again, proven before":      {at("auth_time", 2*time.Minute), "?again=1", "did not ask the person again"},
		"proven in the future":      {at("auth_time", -2*time.Minute), "", "proved themselves in the future"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(good idptest.Claims) string { return c.forge(f, good) }
			s.get("/sign-in" + c.query)
			s.wantRefused(c.why)
			if s.sessions.count() != 0 || s.currentOperator().Authenticated() {
				t.Error("somebody is signed in")
			}
			if len(s.cookies()) != 0 {
				t.Error("the sign-in's cookie is still there")
			}
			s.wantNoSecretsLogged(f.LastAuthRequest().Get("state"), f.LastAuthRequest().Get("nonce"))
			if refused, ok := errors.AsType[*identity.Refused](s.lastError()); ok &&
				strings.Contains(refused.Reason, f.LastAuthRequest().Get("state")) {
				t.Errorf("the reason holds the state: %s", refused.Reason)
			}
		})
	}
}

// TestOIDCAcceptsBoundaryTokens is what must still be believed.
func TestOIDCAcceptsBoundaryTokens(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*idptest.Forger, idptest.Claims){
		"several audiences, ours asked": func(f *idptest.Forger, c idptest.Claims) {
			c["aud"], c["azp"] = []string{"other", f.ClientID}, f.ClientID
		},
		"a clock 50 s ahead": func(
			f *idptest.Forger,
			c idptest.Claims,
		) {
			c["iat"] = f.Now().Add(50 * time.Second).Unix()
		},
		"asked anew, clock 50 s behind": func(
			f *idptest.Forger,
			c idptest.Claims,
		) {
			c["auth_time"] = f.Now().Add(-50 * time.Second).Unix()
		},
		"the longest subject": func(_ *idptest.Forger, c idptest.Claims) { c["sub"] = strings.Repeat("a", 255) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t)
			f.IDToken = func(good idptest.Claims) string {
				change(f, good)
				return f.Sign(good)
			}
			if page := s.get("/sign-in?again=1"); page != "back to " {
				t.Errorf("got %s", page)
			}
		})
	}
}
