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

// Forger is a provider with the responses of a test. It has no login form: it redirects browsers back with a code at
// once. Set its fields before the first request.
type Forger struct {
	URL          string // the issuer
	ClientID     string
	ClientSecret string
	Now          func() time.Time

	// Discovery changes the discovery document.
	Discovery func(Claims)
	// CallbackQuery changes the query of the callback.
	CallbackQuery func(url.Values)
	// IDToken returns the ID token for valid claims; "" means no ID token. nil signs the claims.
	IDToken func(Claims) string
	// Token returns the status and body of the token endpoint for a form; status 0 means the default response.
	Token func(url.Values) (int, Claims)
	// UserInfo returns the status and body of userinfo.
	UserInfo func() (int, Claims)
	// SignedUserInfo makes userinfo a signed JWT, which the console does not read.
	SignedUserInfo bool
	// KeySet changes the key set: any JSON in place of the list with the only key.
	KeySet func(valid Claims) any
	// KeysDown makes the key set unavailable.
	KeysDown bool

	key    *rsa.PrivateKey
	server *httptest.Server

	mu              sync.Mutex
	lastAuthRequest url.Values // query of the last authorization request
	hits            map[string]int
	clientAuth      []string // client authentication of all token requests: "header" or "form"
}

// NewForger starts a forger until the end of the test. configure runs before it starts. A field that is set later
// must not be used while the forger serves another process: the race detector would report it.
func NewForger(t testing.TB, configure ...func(*Forger)) *Forger {
	t.Helper()
	f := &Forger{
		ClientID:     "voxwarden",
		ClientSecret: rand.Text(),
		Now:          time.Now,
		key:          signKey(),
		hits:         map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.discover)
	mux.HandleFunc("GET /keys", f.keys)
	mux.HandleFunc("GET /authorize", f.authorize)
	mux.HandleFunc("POST /token", f.token)
	mux.HandleFunc("GET /userinfo", f.userInfo)
	f.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.hits[r.URL.Path]++
		f.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	f.URL = "http://" + f.server.Listener.Addr().String()
	for _, set := range configure {
		set(f)
	}
	f.server.Start()
	t.Cleanup(f.server.Close)
	return f
}

// Hits returns the number of requests for a path.
func (f *Forger) Hits(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits[path]
}

// LastAuthRequest returns the parameters of the last authorization request.
func (f *Forger) LastAuthRequest() url.Values {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lastAuthRequest
}

// ClientAuth returns the client authentication of all requests to the token endpoint, in order: "header" or "form".
func (f *Forger) ClientAuth() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.clientAuth...)
}
