// Package idp has OpenID providers for tests, both in the process and on 127.0.0.1: Provider is a real one, the OP
// server of zitadel/oidc with a login form; Forger is one that says whatever a test wants.
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

// Options are the habits of a Provider. The zero Options are those of a usual one.
type Options struct {
	RedirectURIs        []string         // where the console's sign-in ends; may be set later with SetRedirect
	SignOutURIs         []string         // where a sign-out may lead to
	GroupsClaim         string           // "" means groups
	NoIDGroups          bool             // the groups are in userinfo only
	NoInfoGroups        bool             // the groups are in the ID token only
	NoRefresh           bool             // no refresh tokens are given
	NoEndSession        bool             // nobody can sign out at the provider
	AccessTokenLifetime time.Duration    // of an access token; 0 means 5 minutes
	Now                 func() time.Time // for when people logged in and how long access lasts; nil means time.Now
}

// User is somebody whom the provider knows.
type User struct {
	Subject, Username, Password string
	Name, Email                 string
	EmailVerified               bool
	Groups                      []string
}

// Provider is a real OpenID provider. ID tokens live an hour by the clock of the machine, so a console's injected
// clock may run ahead of it by less than that.
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
	logins   map[string]login // by the cookie of the provider's own session
	requests map[string]*request
	codes    map[string]string // the request of each code
	access   map[string]tokenGrant
	refresh  map[string]tokenGrant
	hits     map[string]int
	redirect []string
	signOut  []string
}

// New starts a provider, which ends with the test.
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
		ClientID: "voxwarden", ClientSecret: rand.Text(), options: o, key: signKey(),
		users: map[string]*User{}, disabled: map[string]bool{}, logins: map[string]login{}, requests: map[string]*request{},
		codes: map[string]string{}, access: map[string]tokenGrant{}, refresh: map[string]tokenGrant{}, hits: map[string]int{},
		redirect: o.RedirectURIs, signOut: o.SignOutURIs,
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

// handler is the OP server, and beside it the login form, which the server leaves to its user.
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
	mux.HandleFunc(
		"GET /signed-out",
		func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Signed out.")) },
	)
	mux.HandleFunc(
		"GET /.well-known/openid-configuration",
		func(w http.ResponseWriter, r *http.Request) { p.discover(w, r, server) },
	)
	mux.Handle("/", server)
	return mux, nil
}

// countHits counts what comes, by path, and drops the connection while the provider is down.
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

// Hits answers how often a path was asked for, or a grant type (refresh_token) at the token endpoint, also while the
// provider was down.
func (p *Provider) Hits(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// SetDown makes the provider drop every connection, or answer again.
func (p *Provider) SetDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// SetRedirect says where sign-ins may end and, when there are more, where sign-outs may.
func (p *Provider) SetRedirect(signIn string, signOut ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.redirect, p.signOut = []string{signIn}, signOut
}

// AddUser makes the provider know somebody. Without a subject, the username is it.
func (p *Provider) AddUser(u User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.Subject == "" {
		u.Subject = u.Username
	}
	p.users[u.Subject] = &u
}

// SetGroups puts somebody into other groups.
func (p *Provider) SetGroups(subject string, groups ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users[subject].Groups = groups
}

// Disable locks somebody out: they cannot log in, their tokens are worth nothing.
func (p *Provider) Disable(subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disabled[subject] = true
}

// authenticate finds who may log in. The caller holds the lock.
func (p *Provider) authenticate(username, password string) *User {
	for _, u := range p.users {
		if strings.EqualFold(u.Username, username) && u.Password == password && !p.disabled[u.Subject] {
			return u
		}
	}
	return nil
}
