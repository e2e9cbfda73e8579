package identity_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

// clock is the system clock with an offset that a test sets.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// row is a session in memory.
type row struct {
	operator operator.Operator
	tokens   session.Tokens
}

// memorySessions stores sessions in memory. Like the real store, it reads the session of a request only once.
type memorySessions struct {
	mu      sync.Mutex
	rows    map[string]row
	renewed int
	failure error  // returned by every write
	ended   int    // by requests
	refused int    // because the provider refused to renew them
	onRenew func() // called once, before a renewal is written
	onHash  func() // called once, before the hash of a session is read
}

const (
	memoryCookie = "sid"
	hashPrefix   = "hash of "
)

func (m *memorySessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(m, name)
}

func (m *memorySessions) New(r *http.Request, name string) (*sessions.Session, error) {
	made := sessions.NewSession(m, name)
	cookie, err := r.Cookie(memoryCookie)
	if err != nil {
		return made, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if found, ok := m.rows[cookie.Value]; ok {
		made.ID, made.Values["row"] = cookie.Value, found
	}
	return made, nil
}

func (m *memorySessions) Save(*http.Request, http.ResponseWriter, *sessions.Session) error {
	return nil
}

func (m *memorySessions) read(r *http.Request) (string, row) {
	s, _ := m.Get(r, memoryCookie)
	found, _ := s.Values["row"].(row)
	return s.ID, found
}

func (m *memorySessions) Operator(r *http.Request) (operator.Operator, error) {
	_, found := m.read(r)
	return found.operator, nil
}

func (m *memorySessions) Tokens(r *http.Request) (session.Tokens, error) {
	_, found := m.read(r)
	return found.tokens, nil
}

func (m *memorySessions) runHook(hook *func()) {
	m.mu.Lock()
	call := *hook
	*hook = nil
	m.mu.Unlock()
	if call != nil {
		call()
	}
}

func (m *memorySessions) Hash(r *http.Request) string {
	m.runHook(&m.onHash)
	id, _ := m.read(r)
	if id == "" {
		return ""
	}
	return hashPrefix + id
}

func (m *memorySessions) SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error {
	old, _ := m.read(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure != nil {
		return m.failure
	}
	delete(m.rows, old)
	id := rand.Text()
	m.rows[id] = row{o, p}
	http.SetCookie(w, &http.Cookie{Name: memoryCookie, Value: id, Path: "/", HttpOnly: true})
	return nil
}

func (m *memorySessions) Renew(_ context.Context, hash string, o operator.Operator, p session.Tokens) error {
	m.runHook(&m.onRenew)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure != nil {
		return m.failure
	}
	id := strings.TrimPrefix(hash, hashPrefix)
	if _, ok := m.rows[id]; ok {
		m.rows[id] = row{o, p}
		m.renewed++
	}
	return nil
}

func (m *memorySessions) Load(_ context.Context, hash string) (operator.Operator, session.Tokens, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.rows[strings.TrimPrefix(hash, hashPrefix)]
	return found.operator, found.tokens, nil
}

func (m *memorySessions) Newest(_ context.Context, id string) (hash string, o operator.Operator, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, found := range m.rows {
		if found.operator.ID() == id && (hash == "" || found.operator.GroupsAt.After(o.GroupsAt)) {
			hash, o = hashPrefix+key, found.operator
		}
	}
	return hash, o, nil
}

func (m *memorySessions) EndRefused(_ context.Context, hash string, _ operator.Operator) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, strings.TrimPrefix(hash, hashPrefix))
	m.refused++
	return m.failure
}

func (m *memorySessions) refusedCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused
}

func (m *memorySessions) Reload(r *http.Request) error {
	s, _ := m.Get(r, memoryCookie)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(s.Values, "row")
	if found, ok := m.rows[s.ID]; ok {
		s.Values["row"] = found
	}
	return nil
}

func (m *memorySessions) SignOut(_ http.ResponseWriter, r *http.Request) error {
	id, _ := m.read(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, id)
	m.ended++
	return nil
}

// updateAll changes all sessions, like another replica.
func (m *memorySessions) updateAll(change func(*row)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, found := range m.rows {
		change(&found)
		m.rows[id] = found
	}
}

// onlySession returns the only session.
func (m *memorySessions) onlySession(t *testing.T) row {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rows) != 1 {
		t.Fatalf("%d sessions, want 1", len(m.rows))
	}
	for _, found := range m.rows {
		return found
	}
	return row{}
}

func (m *memorySessions) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rows)
}

// safeBuffer is a log for concurrent requests.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// site is a console that only signs operators in, with a browser.
type site struct {
	t        *testing.T
	clock    *clock
	sessions *memorySessions
	oidc     *identity.OIDC
	server   *httptest.Server
	browser  *http.Client
	log      *safeBuffer

	mu   sync.Mutex
	last error // of the last Begin, Finish or Identify
}

// newSite returns a console for the provider in the options, with defaults for the other options.
func newSite(t *testing.T, c *clock, o identity.OIDCOptions, path string) *site {
	t.Helper()
	s := &site{
		t:        t,
		clock:    c,
		sessions: &memorySessions{rows: map[string]row{}},
		browser:  idptest.NewBrowser(t),
		log:      new(safeBuffer),
	}
	mux := http.NewServeMux()
	mux.HandleFunc(path+"/sign-in", s.signIn)
	mux.HandleFunc(path+"/sign-in/callback", s.callback)
	mux.HandleFunc(path+"/me", s.me)
	mux.HandleFunc(path+"/sign-out", s.signOut)
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	base, err := url.Parse(s.server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	o.BaseURL, o.Sessions, o.Now = base, s.sessions, c.now
	o.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Keys = []config.Secret{config.NewSecret("a key of thirty-two letters or so")}
	if s.oidc, err = identity.NewOIDC(o); err != nil {
		t.Fatal(err)
	}
	return s
}

// withProvider returns a console and a real provider with the user Anna.
func withProvider(
	t *testing.T,
	options idptest.Options,
	change ...func(*identity.OIDCOptions),
) (*site, *idptest.Provider) {
	t.Helper()
	c := new(clock)
	options.Now = c.now
	p := idptest.New(t, options)
	p.AddUser(idptest.User{
		Subject: "u-1", Username: "anna", Password: "correct horse", Name: "Anna Nováková", Email: "anna@example.com",
		EmailVerified: true, Groups: []string{"ops", "vox-admins"},
	})
	o := identity.OIDCOptions{
		Issuer: p.URL, ClientID: p.ClientID, ClientSecret: config.NewSecret(p.ClientSecret), Reauthenticate: true,
		Scopes: []string{"profile", "email", "offline_access"}, GroupsClaim: options.GroupsClaim,
	}
	for _, f := range change {
		f(&o)
	}
	s := newSite(t, c, o, "")
	p.SetRedirect(s.server.URL+"/sign-in/callback", s.server.URL+"/sign-out")
	return s, p
}

func (s *site) setError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = err
}

// lastError returns the last error.
func (s *site) lastError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	address, err := s.oidc.Begin(w, r, r.FormValue("back"), r.FormValue("again") != "")
	s.setError(err)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

func (s *site) callback(w http.ResponseWriter, r *http.Request) {
	o, back, err := s.oidc.Finish(w, r)
	s.setError(err)
	if err != nil {
		if o.Authenticated() || back != "" {
			s.t.Errorf("a refused sign-in returned %v and %q", o, back)
		}
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	_, _ = io.WriteString(w, "back to "+back)
}

func (s *site) me(w http.ResponseWriter, r *http.Request) {
	o, err := s.oidc.Identify(w, r)
	s.setError(err)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(o)
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	address := s.oidc.SignOutURL(r)
	_ = s.sessions.SignOut(w, r)
	_, _ = io.WriteString(w, address)
}

// get returns the text of a page of the console.
func (s *site) get(path string) string {
	s.t.Helper()
	response, err := s.browser.Get(s.server.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return text(s.t, response)
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// currentOperator returns the operator who is signed in.
func (s *site) currentOperator() operator.Operator {
	s.t.Helper()
	var o operator.Operator
	if body := s.get("/me"); json.Unmarshal([]byte(body), &o) != nil {
		s.t.Fatalf("/me returned %s", body)
	}
	return o
}

// signInAs signs in as Anna, with the form if it is shown.
func (s *site) signInAs(query string) (page string, asked bool) {
	s.t.Helper()
	response, asked := idptest.SignIn(s.t, s.browser, s.server.URL+"/sign-in"+query, "anna", "correct horse")
	return text(s.t, response), asked
}

// beginSignIn begins a sign-in and returns the address of the redirect, without following it.
func (s *site) beginSignIn(query string) *url.URL {
	s.t.Helper()
	stay := *s.browser
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := stay.Get(s.server.URL + "/sign-in" + query)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = response.Body.Close()
	address, err := response.Location()
	if err != nil {
		s.t.Fatal(err)
	}
	return address
}

// wantRefused requires that the last error is a *Refused with this text in the reason.
func (s *site) wantRefused(reason string) {
	s.t.Helper()
	refused, ok := errors.AsType[*identity.Refused](s.lastError())
	if !ok || !strings.Contains(string(refused.Reason), reason) {
		s.t.Errorf("got the error %v, want a refusal with %q", s.lastError(), reason)
	}
}

// wantNoSecretsLogged requires that the log contains no secrets.
func (s *site) wantNoSecretsLogged(more ...string) {
	s.t.Helper()
	s.sessions.updateAll(func(r *row) {
		more = append(
			more,
			r.tokens.IDToken,
			r.tokens.AccessToken,
			r.tokens.RefreshToken,
		)
	})
	for _, secret := range more {
		if secret != "" && strings.Contains(s.log.String(), secret) {
			s.t.Errorf("the log contains a secret:\n%s", s.log)
		}
	}
}
