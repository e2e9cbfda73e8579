package identity

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// noSessions fails the test if an operator is signed in, and panics if a session is used.
type noSessions struct {
	OIDCSessions
	t *testing.T
}

func (noSessions) Operator(*http.Request) (operator.Operator, error) { return operator.Operator{}, nil }
func (noSessions) Tokens(*http.Request) (session.Tokens, error)      { return session.Tokens{}, nil }
func (noSessions) Hash(*http.Request) string                         { return "" }
func (noSessions) SignOut(http.ResponseWriter, *http.Request) error  { return nil }

func (n noSessions) SignIn(http.ResponseWriter, *http.Request, operator.Operator, session.Tokens) error {
	n.t.Error("an operator is signed in")
	return nil
}

// startedSignIn returns a console with an unreachable provider, and a request for the callback from a browser with a
// sign-in in progress.
func startedSignIn(t *testing.T, query string, begun attempt) (*OIDC, *http.Request) {
	t.Helper()
	p, err := NewOIDC(OIDCOptions{
		Issuer:   "http://127.0.0.1:1",
		ClientID: "voxwarden",
		BaseURL:  &url.URL{Scheme: "https", Host: "vox.example"},
		Sessions: noSessions{t: t},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/sign-in/callback", nil)
	r.URL.RawQuery = query
	w := httptest.NewRecorder()
	if err := p.attempts.save(w, r, begun); err != nil {
		t.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	return p, r
}

// FuzzOIDCCallback sends random queries to the callback. No operator may be signed in. Only the state of the sign-in
// may cause a request to the provider, and then the cookie must be deleted.
func FuzzOIDCCallback(f *testing.F) {
	for _, query := range []string{
		"", "state=", "state=STATE", "state=STATE&code=x", "state=STATE&error=access_denied",
		"state=STATE&state=STATE", "state=x&code=y",
		"state=%zz", "state=STATE;code=x", "code=x&iss=https://other.example&state=STATE",
		"state[]=STATE", "%73tate=STATE&code=%00",
		"state=STATE\x00&code=x", "State=STATE&code=x",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p, r := startedSignIn(t, query, attempt{
			state:     "STATE",
			nonce:     "n",
			verifier:  "v",
			startedAt: time.Now(),
			returnTo:  "/keys",
		})
		w := httptest.NewRecorder()
		o, back, err := p.Finish(w, r)
		_, refused := errors.AsType[*Refused](err)
		right := r.URL.Query().Get("state") == "STATE"
		if o.Authenticated() || back != "" || !refused && !(errors.Is(err, ErrUnavailable) && right) {
			t.Errorf("got %+v, %q, %v", o, back, err)
		}
		if gone := strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0"); errors.Is(err, ErrUnavailable) != gone {
			t.Errorf("cookie deleted: %t, after %v", gone, err)
		}
	})
}

// TestProviderClientRequiresHTTPS checks the client alone: normally the check of the discovery document comes first.
func TestProviderClientRequiresHTTPS(t *testing.T) {
	t.Parallel()
	response, err := newProviderClient(nil, nil).Get("http://idp.invalid/")
	if err == nil {
		_ = response.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "without https") {
		t.Errorf("got %v", err)
	}
}

// TestAttemptsStateIsCompared checks the comparison of the state alone: normally the cookie's name and encryption come
// first.
func TestAttemptsStateIsCompared(t *testing.T) {
	t.Parallel()
	p, r := startedSignIn(t, "", attempt{state: "one", startedAt: time.Now()})
	value, err := p.attempts.seal(p.attempts.name("two"), attempt{state: "one", startedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: p.attempts.name("two"), Value: value})
	if _, err := p.attempts.consume(httptest.NewRecorder(), r, "one"); err != nil {
		t.Errorf("same state: %v", err)
	}
	_, err = p.attempts.consume(httptest.NewRecorder(), r, "two")
	if refused, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(string(refused.Reason), "the state differs") {
		t.Errorf("got %v", err)
	}
}

func TestAttemptsExpire(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age  time.Duration
		want string
	}{
		"in time":         {9 * time.Minute, ""},
		"too late":        {10 * time.Minute, "has expired"},
		"from the future": {-2 * time.Minute, "has expired"},
	} {
		p, r := startedSignIn(t, "", attempt{
			state:          "s",
			startedAt:      time.Now().Add(-c.age),
			reauthenticate: true,
			returnTo:       "/a\n/b",
		})
		one, err := p.attempts.consume(httptest.NewRecorder(), r, "s")
		switch refused, ok := errors.AsType[*Refused](err); {
		case c.want == "" && (err != nil || one.returnTo != "/a\n/b" || !one.reauthenticate):
			t.Errorf("%s: got %+v, %v", name, one, err)
		case c.want != "" && (!ok || !strings.Contains(string(refused.Reason), c.want)):
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestParseAttemptErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a\nb\nc\n1\ntrue", "a\nb\nc\nx\ntrue\n/"} {
		if one, err := parseAttempt(text); err == nil {
			t.Errorf("%q: got %+v", text, one)
		}
	}
}
