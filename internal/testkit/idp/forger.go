package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Claims are the claims of a token.
type Claims = map[string]any

// Forger is a provider that says whatever a test wants. It asks nobody anything: whoever is sent to it comes back at
// once with a code. Its fields are to be set before requests come.
type Forger struct {
	URL          string // the issuer
	ClientID     string
	ClientSecret string
	Now          func() time.Time

	// Discovery changes what the provider says of itself.
	Discovery func(Claims)
	// CallbackQuery changes the query that the browser comes back with.
	CallbackQuery func(url.Values)
	// IDToken makes the ID token from claims that are all right; "" leaves it out. nil signs them.
	IDToken func(Claims) string
	// Token answers the token endpoint itself: it gets the form and answers a status and a body; 0 leaves it to the
	// forger.
	Token func(url.Values) (int, Claims)
	// UserInfo answers userinfo: a status and a body.
	UserInfo func() (int, Claims)
	// KeysDown makes the key set unreachable.
	KeysDown bool

	key    *rsa.PrivateKey
	server *httptest.Server

	mu              sync.Mutex
	lastAuthRequest url.Values // what the browser came with last
	hits            map[string]int
	clientAuth      []string // how the client named itself, in order: "header" or "form"
}

// NewForger starts a forger, which ends with the test.
func NewForger(t testing.TB) *Forger {
	t.Helper()
	f := &Forger{ClientID: "voxwarden", ClientSecret: rand.Text(), Now: time.Now, key: signKey(), hits: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.discover)
	mux.HandleFunc("GET /keys", f.keys)
	mux.HandleFunc("GET /authorize", f.authorize)
	mux.HandleFunc("POST /token", f.token)
	mux.HandleFunc("GET /userinfo", f.userInfo)
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.hits[r.URL.Path]++
		f.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.server.Close)
	f.URL = f.server.URL
	return f
}

// Hits answers how often a path was asked for.
func (f *Forger) Hits(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits[path]
}

// LastAuthRequest answers the parameters that the browser was last sent with.
func (f *Forger) LastAuthRequest() url.Values {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lastAuthRequest
}

// ClientAuth answers how the client named itself at the token endpoint, call by call: "header" or "form".
func (f *Forger) ClientAuth() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.clientAuth...)
}
