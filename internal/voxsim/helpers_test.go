package voxsim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// testKey returns the key pair of all tests; generating one is slow.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return private
})

func newSim(t *testing.T, o Options) *Sim {
	t.Helper()
	o.OwnerKey = testKey()
	o.NewKey = func() (*rsa.PrivateKey, error) { return testKey(), nil }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// caller calls a simulator in memory with one key.
type caller struct {
	t     *testing.T
	sim   *Sim
	creds keyInfo
}

func ownerCaller(t *testing.T, s *Sim) caller {
	t.Helper()
	var creds keyInfo
	if err := json.Unmarshal(s.Credentials(), &creds); err != nil {
		t.Fatal(err)
	}
	return caller{t: t, sim: s, creds: creds}
}

// callerWithRoles returns a caller with a new key that has these roles.
func callerWithRoles(t *testing.T, s *Sim, roles string) caller {
	t.Helper()
	var made struct{ Result keyInfo }
	ownerCaller(t, s).ok("CreateKey", "role_name", roles).decode(&made)
	return caller{t: t, sim: s, creds: made.Result}
}

func (c caller) token(now time.Time) string {
	return c.sign(jwt.MapClaims{"iss": c.creds.AccountID, "iat": now.Unix(), "exp": now.Unix() + 60})
}

func (c caller) sign(claims jwt.Claims) string {
	c.t.Helper()
	block, _ := pem.Decode([]byte(c.creds.PrivateKey))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		c.t.Fatal(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = c.creds.KeyID
	text, err := token.SignedString(private)
	if err != nil {
		c.t.Fatal(err)
	}
	return text
}

// request returns a URL-encoded POST with names and values in turn.
func (c caller) request(method string, pairs ...string) *http.Request {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", "/platform_api/"+method, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+c.token(c.sim.now().Add(c.sim.Variants().ClockOffset)))
	return r
}

// body is a JSON response with status 200.
type body struct {
	t    *testing.T
	text string
}

func serve(t *testing.T, s *Sim, r *http.Request) body {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: status %d, type %q, want 200 application/json", r.URL.Path, w.Code, w.Header().Get("Content-Type"))
	}
	return body{t: t, text: w.Body.String()}
}

func (c caller) call(method string, pairs ...string) body {
	c.t.Helper()
	return serve(c.t, c.sim, c.request(method, pairs...))
}

// ok sends a call that must succeed.
func (c caller) ok(method string, pairs ...string) body {
	c.t.Helper()
	b := c.call(method, pairs...)
	if b.code() != 0 {
		c.t.Fatalf("%s %q: %s", method, pairs, b.text)
	}
	return b
}

// refused sends a call that must be refused with this code and must not change anything.
func (c caller) refused(code int, method string, pairs ...string) {
	c.t.Helper()
	before := len(c.sim.Ledger())
	if b := c.call(method, pairs...); b.code() != code {
		c.t.Errorf("%s %q: %s, want code %d", method, pairs, b.text, code)
	}
	if after := len(c.sim.Ledger()); after != before {
		c.t.Errorf("%s %q: refused, but the ledger has a new entry", method, pairs)
	}
}

// code returns the error code, or 0.
func (b body) code() int {
	var envelope struct {
		Error  *Refusal
		Errors []Refusal
	}
	b.decode(&envelope)
	switch {
	case envelope.Error != nil:
		return envelope.Error.Code
	case len(envelope.Errors) > 0:
		return envelope.Errors[0].Code
	}
	return 0
}

func (b body) decode(v any) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.text), v); err != nil {
		b.t.Fatalf("%v in %s", err, b.text)
	}
}

// result returns the result as untyped JSON.
func (b body) result() any {
	b.t.Helper()
	var envelope map[string]any
	b.decode(&envelope)
	return envelope["result"]
}

// rows returns a result that is a list of objects.
func (b body) rows() []map[string]any {
	b.t.Helper()
	var envelope struct{ Result []map[string]any }
	b.decode(&envelope)
	if envelope.Result == nil {
		b.t.Fatalf("result is not a list: %s", b.text)
	}
	return envelope.Result
}

// column returns one field of every row.
func (b body) column(name string) []any {
	b.t.Helper()
	values := []any{}
	for _, row := range b.rows() {
		values = append(values, row[name])
	}
	return values
}

// lastEntry returns the newest entry of the ledger.
func (c caller) lastEntry() LedgerEntry {
	c.t.Helper()
	ledger := c.sim.Ledger()
	if len(ledger) == 0 {
		c.t.Fatal("the ledger is empty")
	}
	return ledger[len(ledger)-1]
}

// subuserNamed and keyNamed return the current state of a subuser or key.

func subuserNamed(t *testing.T, s *Sim, login string) SubuserState {
	t.Helper()
	u, found := s.State().Subuser(login)
	if !found {
		t.Fatalf("there is no subuser %q", login)
	}
	return u
}

func keyNamed(t *testing.T, s *Sim, name string) KeyState {
	t.Helper()
	keys := s.State().Keys
	at := slices.IndexFunc(keys, func(k KeyState) bool { return k.Name == name })
	if at < 0 {
		t.Fatalf("there is no key %q", name)
	}
	return keys[at]
}
