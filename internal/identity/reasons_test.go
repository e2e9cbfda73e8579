package identity_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/identity"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// hostile is a text of an attacker. It looks like an OAuth error code, so that no check of its form removes it.
const hostile = "hostile_text"

// wantFixedReason requires a refusal of which the reason does not contain the attacker's text. The text of the error,
// which is only logged, is one short line.
func wantFixedReason(t *testing.T, err error) {
	t.Helper()
	refused, ok := errors.AsType[*identity.Refused](err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	if strings.Contains(strings.ToLower(string(refused.Reason)), "hostile") {
		t.Errorf("the reason quotes the attacker: %q", refused.Reason)
	}
	if strings.ContainsAny(err.Error(), "\n\r\x1b\u202e\u2028") || len(err.Error()) > 500 {
		t.Errorf("the error is not one short line: %q", err.Error())
	}
}

func TestOIDCReasonsDoNotQuoteTokens(t *testing.T) {
	t.Parallel()
	evil := hostile + "\n\x1b[2J\u202e\u2028" + strings.Repeat("x", 1000)
	claim := func(name string, value any) func(*idptest.Forger) {
		return func(f *idptest.Forger) {
			f.IDToken = func(c idptest.Claims) string {
				c[name] = value
				return f.Sign(c)
			}
		}
	}
	rawToken := func(text string) func(*idptest.Forger) {
		return func(f *idptest.Forger) { f.IDToken = func(idptest.Claims) string { return text } }
	}
	callback := func(name, value string) func(*idptest.Forger) {
		return func(f *idptest.Forger) { f.CallbackQuery = func(v url.Values) { v.Set(name, value) } }
	}
	tokenEndpoint := func(status int, body idptest.Claims) func(*idptest.Forger) {
		return func(f *idptest.Forger) { f.Token = func(url.Values) (int, idptest.Claims) { return status, body } }
	}
	userInfo := func(status int, body idptest.Claims) func(*idptest.Forger) {
		return func(f *idptest.Forger) {
			f.IDToken = func(c idptest.Claims) string {
				delete(c, "groups")
				return f.Sign(c)
			}
			f.UserInfo = func() (int, idptest.Claims) { return status, body }
		}
	}
	for name, forge := range map[string]func(*idptest.Forger){
		"issuer":             claim("iss", evil),
		"audience":           claim("aud", evil),
		"audiences":          claim("aud", []string{evil, hostile}),
		"audience a number":  claim("aud", map[string]string{hostile: evil}),
		"authorized party":   claim("azp", evil),
		"subject":            claim("sub", evil),
		"nonce":              claim("nonce", evil),
		"at_hash":            claim("at_hash", evil),
		"expiry a string":    claim("exp", evil),
		"not before":         claim("nbf", 4e9),
		"not before, a text": claim("nbf", evil),
		"issued at":          claim("iat", evil),
		"no token":           rawToken(evil),
		"three parts":        rawToken(hostile + "." + hostile + "." + hostile),
		"key id": func(f *idptest.Forger) {
			f.IDToken = func(c idptest.Claims) string {
				return f.SignWith(jwt.SigningMethodHS256, []byte(hostile), evil, c)
			}
		},
		"error":                   callback("error", hostile),
		"error with a line break": callback("error", evil),
		"issuer parameter":        callback("iss", evil),
		"error with a description": func(f *idptest.Forger) {
			f.CallbackQuery = func(v url.Values) {
				v.Set("error", "access_denied")
				v.Set("error_description", evil)
				v.Set("error_uri", evil)
			}
		},
		"error without a state": func(f *idptest.Forger) {
			f.CallbackQuery = func(v url.Values) {
				v.Del("state")
				v.Set("error", hostile)
				v.Set("error_description", evil)
			}
		},
		"state":                      callback("state", evil),
		"token endpoint":             tokenEndpoint(http.StatusBadRequest, idptest.Claims{"error": hostile}),
		"token endpoint, line break": tokenEndpoint(http.StatusBadRequest, idptest.Claims{"error": evil}),
		"token endpoint, description": tokenEndpoint(
			http.StatusBadRequest,
			idptest.Claims{"error": "invalid_request", "error_description": evil, "error_uri": evil},
		),
		"userinfo":             userInfo(http.StatusOK, idptest.Claims{"sub": evil}),
		"userinfo without sub": userInfo(http.StatusOK, idptest.Claims{hostile: evil}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := withForger(t, func(o *identity.OIDCOptions) { o.Configured = []string{"ops"} })
			forge(f)
			s.get("/sign-in")
			wantFixedReason(t, s.lastError())
		})
	}
}

func TestProxyReasonsDoNotQuoteRequests(t *testing.T) {
	t.Parallel()
	evil := hostile + "\n\x1b[2J\u202e\u2028" + strings.Repeat("x", 1000)
	t.Run("assertions", func(t *testing.T) {
		t.Parallel()
		s := customSite(t)
		for name, claims := range map[string]jwt.MapClaims{
			"issuer":   {"iss": evil},
			"audience": {"aud": evil},
			"expiry":   {"exp": evil},
			"nbf":      {"nbf": evil},
			"subject":  {"sub": evil},
			"address":  {"email": []string{evil}},
			"groups":   {"groups": map[string]string{hostile: evil}},
			"group":    {"groups": []string{evil}},
		} {
			t.Run(name, func(t *testing.T) { wantFixedReason(t, s.sendClaims(claims).err) })
		}
		for name, header := range map[string]map[string]any{
			"key id":        {"kid": evil},
			"extension":     {"crit": []string{evil}, hostile: evil},
			"header issuer": {"iss": evil},
		} {
			t.Run(name, func(t *testing.T) {
				wantFixedReason(t, s.send(s.signer.sign(t, s.claims(), header)).err)
			})
		}
		for _, text := range []string{hostile, hostile + "." + hostile + "." + hostile, strings.Repeat(hostile, 2000)} {
			wantFixedReason(t, s.send(text).err)
		}
		wantFixedReason(t, visit(s.proxy, raw("X_Assertion", evil)).err)
	})
	t.Run("headers", func(t *testing.T) {
		t.Parallel()
		p := headerProxy(t)
		for _, name := range []string{
			"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username",
		} {
			user := raw("X-Forwarded-User", "anna")
			if name != "X-Forwarded-Preferred-Username" { // any name is accepted
				wantFixedReason(t, visit(p, user, raw(name, evil)).err)
			}
			wantFixedReason(t, visit(p, user, raw(name, hostile, hostile)).err)
			wantFixedReason(t, visit(p, user, raw(strings.ReplaceAll(name, "-", "_"), hostile)).err)
			wantFixedReason(t, visit(p, user, raw(name, hostile), from("192.0.2.1:9")).err)
		}
	})
}

// A reason is a constant: the type Reason refuses a text, and no code converts one.
func TestReasonsAreConstants(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "Reason" {
					t.Errorf("%s: a text becomes a reason", positions.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
