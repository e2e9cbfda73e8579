// Package idp contains two OpenID providers for tests, which listen on 127.0.0.1. Provider is the OP server of
// zitadel/oidc with a login form. Forger returns the responses of a test.
package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Options configure a Provider. The zero value is a usual provider.
type Options struct {
	RedirectURIs        []string         // of the console; can also be set with SetRedirect
	SignOutURIs         []string         // allowed redirects after sign-out
	GroupsClaim         string           // "" means groups
	NoIDGroups          bool             // the groups are in userinfo only
	NoInfoGroups        bool             // the groups are in the ID token only
	NoRefresh           bool             // no refresh tokens are issued
	NoEndSession        bool             // the provider has no sign-out
	AccessTokenLifetime time.Duration    // of an access token; 0 means 5 minutes
	Now                 func() time.Time // for logins and the expiry of access tokens; nil means time.Now
}

// User is a user of the provider.
type User struct {
	Subject, Username, Password string
	Name, Email                 string
	EmailVerified               bool
	Groups                      []string
}

// Provider is a real OpenID provider. ID tokens expire after an hour of the system clock, so a console's fake clock
// must be less than an hour ahead.
type Provider struct {
	URL          string // the issuer
	ClientID     string
	ClientSecret string

	options Options
	server  *httptest.Server
	key     *rsa.PrivateKey

	mu       sync.Mutex
	down     bool
	users    map[string]*User // by subject
	disabled map[string]bool
	logins   map[string]login // by cookie
	requests map[string]*request
	codes    map[string]string // ids of requests by code
	access   map[string]tokenGrant
	refresh  map[string]tokenGrant
	hits     map[string]int
	redirect []string
	signOut  []string
}

// New starts a provider until the end of the test.
func New(t testing.TB, o Options) *Provider {
	t.Helper()
	if o.GroupsClaim == "" {
		o.GroupsClaim = "groups"
	}
	if o.AccessTokenLifetime == 0 {
		o.AccessTokenLifetime = 5 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Provider{
		ClientID:     "voxwarden",
		ClientSecret: rand.Text(),
		options:      o,
		key:          signKey(),
		users:        map[string]*User{},
		disabled:     map[string]bool{},
		logins:       map[string]login{},
		requests:     map[string]*request{},
		codes:        map[string]string{},
		access:       map[string]tokenGrant{},
		refresh:      map[string]tokenGrant{},
		hits:         map[string]int{},
		redirect:     o.RedirectURIs,
		signOut:      o.SignOutURIs,
	}
	p.server = httptest.NewUnstartedServer(nil)
	p.URL = "http://" + p.server.Listener.Addr().String()
	handler, err := p.handler()
	if err != nil {
		t.Fatal(err)
	}
	p.server.Config.Handler = p.countHits(handler)
	p.server.Start()
	t.Cleanup(p.server.Close)
	return p
}

// handler returns the OP server with the login form, which the library does not provide.
func (p *Provider) handler() (http.Handler, error) {
	config := &op.Config{
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		GrantTypeRefreshToken:    true,
		DefaultLogoutRedirectURI: "/signed-out",
	}
	_, _ = rand.Read(config.CryptoKey[:])
	server, err := op.NewProvider(config, storage{p}, op.StaticIssuer(p.URL), op.WithAllowInsecure())
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", p.showLogin)
	mux.HandleFunc("POST /login", p.logIn)
	mux.HandleFunc("GET /signed-out", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("Signed out."))
	})
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		p.discover(w, r, server)
	})
	mux.Handle("/", server)
	return mux, nil
}

// countHits counts requests by path, and drops connections while the provider is down.
func (p *Provider) countHits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.hits[r.URL.Path]++
		if r.URL.Path == "/oauth/token" && r.PostFormValue("grant_type") != "" {
			p.hits[r.PostFormValue("grant_type")]++
		}
		down := p.down
		p.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// Hits returns the number of requests for a path, or for a grant type such as refresh_token at the token endpoint. It
// also counts requests while the provider is down.
func (p *Provider) Hits(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// SetDown sets whether the provider drops all connections.
func (p *Provider) SetDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// SetRedirect sets the allowed redirects after sign-in and sign-out.
func (p *Provider) SetRedirect(signIn string, signOut ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.redirect, p.signOut = []string{signIn}, signOut
}

// AddUser adds a user. The default subject is the username.
func (p *Provider) AddUser(u User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.Subject == "" {
		u.Subject = u.Username
	}
	p.users[u.Subject] = &u
}

// SetGroups replaces the groups of a user.
func (p *Provider) SetGroups(subject string, groups ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users[subject].Groups = groups
}

// Disable disables a user: login fails, and the tokens are invalid.
func (p *Provider) Disable(subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disabled[subject] = true
}

// authenticate returns the user with this password, or nil. The caller holds the lock.
func (p *Provider) authenticate(username, password string) *User {
	for _, u := range p.users {
		if strings.EqualFold(u.Username, username) && u.Password == password && !p.disabled[u.Subject] {
			return u
		}
	}
	return nil
}
