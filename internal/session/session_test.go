package session_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
)

var anna = operator.Operator{Issuer: "https://idp.example", Subject: "anna", Name: "Anna Nováková", Groups: []string{"ops"}, Method: "test"}

// site is a store with a clock of its own and a browser in front of it.
type site struct {
	t     *testing.T
	db    *store.DB
	store *session.Store
	now   time.Time
}

func open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newSite(t *testing.T, change ...func(*session.Options)) *site {
	t.Helper()
	s := &site{t: t, db: open(t), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	o := session.Options{DB: s.db, Idle: 30 * time.Minute, Max: 10 * time.Hour, Now: func() time.Time { return s.now }}
	for _, c := range change {
		c(&o)
	}
	s.store = s.with(o)
	return s
}

func (s *site) with(o session.Options) *session.Store {
	s.t.Helper()
	made, err := session.New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// request makes a request with cookies.
func request(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// signIn signs anna in and returns the cookie that came back.
func (s *site) signIn(cookies ...*http.Cookie) *http.Cookie {
	s.t.Helper()
	w := httptest.NewRecorder()
	if err := s.store.SignIn(w, request(cookies...), anna); err != nil {
		s.t.Fatal(err)
	}
	set := w.Result().Cookies()
	if len(set) != 1 {
		s.t.Fatalf("got %d cookies, want 1", len(set))
	}
	return set[0]
}

// who answers whose session a cookie is.
func (s *site) who(cookies ...*http.Cookie) string {
	s.t.Helper()
	o, err := s.store.Operator(request(cookies...))
	if err != nil {
		s.t.Fatal(err)
	}
	return o.Subject
}

// count answers how many rows the table has.
func (s *site) count() (n int) {
	s.t.Helper()
	if err := s.db.SQL().QueryRow(`SELECT COUNT(*) FROM sessions`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	o, err := s.store.Operator(request(cookie))
	if err != nil || o.ID() != anna.ID() || o.Name != anna.Name || len(o.Groups) != 1 {
		t.Errorf("got %+v, %v", o, err)
	}
	if got := s.who(); got != "" {
		t.Errorf("without a cookie: got %q", got)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		secure bool
		want   string
	}{
		{"https", true, "__Host-voxwarden"},
		{"plain http", false, "voxwarden_demo"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *session.Options) { o.Secure = tc.secure })
			c := s.signIn()
			if c.Name != tc.want || c.Secure != tc.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 36000 {
				t.Errorf("got %+v", c)
			}
			if len(c.Value) < 43 {
				t.Errorf("the id has only %d characters", len(c.Value))
			}
		})
	}
}

func TestNewIDAtEverySignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.signIn()
	second := s.signIn(first)
	if first.Value == second.Value {
		t.Fatal("the id is the same after signing in again")
	}
	if s.who(first) != "" || s.who(second) != "anna" {
		t.Error("the first id still opens a session, or the second does not")
	}
	planted := &http.Cookie{Name: first.Name, Value: strings.Repeat("A", len(first.Value))}
	if got := s.signIn(planted); got.Value == planted.Value {
		t.Error("an id chosen outside was taken over")
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie, other := s.signIn(), s.signIn()
	w := httptest.NewRecorder()
	r := request(cookie)
	if err := s.store.SignOut(w, r); err != nil {
		t.Fatal(err)
	}
	if set := w.Result().Cookies(); len(set) != 1 || set[0].MaxAge >= 0 {
		t.Errorf("the cookie is not taken back: %+v", set)
	}
	if o, _ := s.store.Operator(r); o.Known() {
		t.Error("the request is still signed in after signing out")
	}
	if s.who(cookie) != "" || s.who(other) != "anna" {
		t.Error("the session can be replayed, or another browser was signed out too")
	}
}

func TestEndedSessionStaysEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	slow := request(cookie)
	if _, err := s.store.Operator(slow); err != nil {
		t.Fatal(err)
	}
	if err := s.store.SignOut(httptest.NewRecorder(), request(cookie)); err != nil {
		t.Fatal(err)
	}
	if err := s.store.SetFlash(httptest.NewRecorder(), slow, session.Flash{Text: "late"}); err != nil {
		t.Fatal(err)
	}
	if s.who(cookie) != "" || s.count() != 0 {
		t.Error("a request that was still under way brought the session back")
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		cookie := s.signIn()
		s.now = s.now.Add(29 * time.Minute)
		if s.who(cookie) != "anna" {
			t.Fatal("over before the idle limit")
		}
		s.now = s.now.Add(29 * time.Minute)
		if s.who(cookie) != "anna" {
			t.Fatal("use does not put the idle limit off")
		}
		s.now = s.now.Add(31 * time.Minute)
		if s.who(cookie) != "" {
			t.Error("not over after the idle limit")
		}
	})
	t.Run("absolute", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		cookie := s.signIn()
		for range 32 {
			s.now = s.now.Add(19 * time.Minute)
			s.who(cookie)
		}
		if s.who(cookie) != "" {
			t.Error("use puts the absolute limit off")
		}
	})
	t.Run("swept", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.signIn()
		s.now = s.now.Add(time.Hour)
		s.signIn()
		if got := s.count(); got != 1 {
			t.Errorf("%d rows, want the new one alone", got)
		}
	})
}

func TestStrangeCookies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	for name, value := range map[string]string{
		"empty": "", "short": "abc", "long": strings.Repeat("x", 5000), "unknown": strings.Repeat("x", len(cookie.Value)),
		"quotes": `' OR 1=1 --`, "cut": cookie.Value[1:],
	} {
		if got := s.who(&http.Cookie{Name: cookie.Name, Value: value}); got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if got := s.who(&http.Cookie{Name: "__Host-voxwarden", Value: cookie.Value}); got != "" {
		t.Errorf("the cookie of the other kind of site is taken: %q", got)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	older, newer := config.NewSecret(strings.Repeat("o", 32)), config.NewSecret(strings.Repeat("n", 32))
	s := newSite(t, func(o *session.Options) { o.Keys = []config.Secret{older} })
	cookie := s.signIn()
	options := session.Options{DB: s.db, Idle: time.Hour, Max: time.Hour, Now: func() time.Time { return s.now }}

	options.Keys = []config.Secret{newer, older}
	s.store = s.with(options)
	if s.who(cookie) != "anna" {
		t.Error("the older key does not open what it sealed")
	}
	options.Keys = []config.Secret{newer}
	s.store = s.with(options)
	if s.who(cookie) != "" {
		t.Error("a forgotten key still opens")
	}
}

func TestTableHoldsNothingUsable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	if err := s.store.SetFlash(httptest.NewRecorder(), request(cookie), session.Flash{Text: "hunter2"}); err != nil {
		t.Fatal(err)
	}
	var hash string
	var data []byte
	if err := s.db.SQL().QueryRow(`SELECT hash, data FROM sessions`).Scan(&hash, &data); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(hash, cookie.Value) || bytes.Contains(data, []byte("hunter2")) || bytes.Contains(data, []byte("anna")) {
		t.Error("the table shows the id or the values")
	}
	if hash != s.store.Hash(request(cookie)) {
		t.Error("Hash is not the table's")
	}
	other := s.signIn()
	if _, err := s.db.SQL().Exec(`UPDATE sessions SET data = ? WHERE hash = ?`, data, s.store.Hash(request(other))); err != nil {
		t.Fatal(err)
	}
	if s.who(other) != "" {
		t.Error("values moved to another row are still opened")
	}
}

func TestFlash(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	want := session.Flash{Tone: "done", Text: "Subuser anna was created.", LinkText: "Operation", LinkHref: "/audit/X"}
	if err := s.store.SetFlash(httptest.NewRecorder(), request(cookie), want); err != nil {
		t.Fatal(err)
	}
	got, err := s.store.TakeFlash(httptest.NewRecorder(), request(cookie))
	if err != nil || got == nil || *got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if again, _ := s.store.TakeFlash(httptest.NewRecorder(), request(cookie)); again != nil {
		t.Errorf("the message is shown twice: %+v", again)
	}
	if err := s.store.SetFlash(httptest.NewRecorder(), request(), want); err != nil || s.count() != 1 {
		t.Errorf("a message without a session made a row: %v", err)
	}
}

func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	_ = s.db.Close()
	if _, err := s.store.Operator(request(cookie)); err == nil {
		t.Error("a database that cannot be read looks like nobody signed in")
	}
	if s.store.Ready(t.Context()) == nil {
		t.Error("ready without a database")
	}
}

// A database that is full can still be read, and so can the console: the session merely ends sooner.
func TestDatabaseFull(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	if _, err := s.db.SQL().ExecContext(t.Context(), `CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END`); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(20 * time.Minute)
	if o, err := s.store.Operator(request(cookie)); err != nil || o.Subject != "anna" {
		t.Errorf("nothing can be read while nothing can be written: %q, %v", o.Subject, err)
	}
	s.now = s.now.Add(11 * time.Minute)
	if o, err := s.store.Operator(request(cookie)); err != nil || o.Known() {
		t.Errorf("the idle limit is lost: %q, %v", o.Subject, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cookie := s.signIn()
	var wait sync.WaitGroup
	failures := make(chan error, 200)
	for i := range 200 {
		wait.Go(func() {
			r := request(cookie)
			if o, err := s.store.Operator(r); err != nil || o.Subject != "anna" {
				failures <- fmt.Errorf("request %d: %q, %w", i, o.Subject, err)
			}
			if i%10 == 0 {
				if err := s.store.SetFlash(httptest.NewRecorder(), r, session.Flash{Text: "x"}); err != nil {
					failures <- err
				}
			}
		})
	}
	wait.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
}
