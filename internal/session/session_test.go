package session_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// noon is the time at the start of every test.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var (
	anna = operator.Operator{
		Issuer:        "https://idp.example",
		Subject:       "anna",
		Name:          "Anna Nováková",
		Email:         "anna@company.example",
		EmailVerified: true,
		Groups:        []string{"ops"},
		GroupsAt:      noon,
		Method:        operator.OIDC,
		ProvenAt:      noon,
	}
	boris  = operator.Operator{Issuer: "https://idp.example", Subject: "b|oris", Name: "Boris", Method: operator.OIDC}
	tokens = session.Tokens{
		IDToken:       "id-token-1",
		AccessToken:   "access-token-1",
		RefreshToken:  "refresh-token-1",
		AccessExpires: noon.Add(time.Hour),
	}
)

// site is a store with its own clock and database.
type site struct {
	t       testing.TB
	url     string // of the database
	db      *store.DB
	options session.Options
	store   *session.Store
	now     time.Time
}

// newSite returns a store in an empty database.
func newSite(t testing.TB, fresh storetest.Fresh, change ...func(*session.Options)) *site {
	t.Helper()
	s := &site{t: t, url: fresh(t), now: noon}
	s.db = storetest.Open(t, s.url)
	s.options = session.Options{
		DB: s.db, BaseURL: &url.URL{Scheme: "https", Host: "console.example"}, Idle: 30 * time.Minute, Max: 10 * time.Hour,
		Keys: []config.Secret{key("a")}, Now: func() time.Time { return s.now },
	}
	s.restart(change...)
	return s
}

// restart replaces the store by one with other options.
func (s *site) restart(change ...func(*session.Options)) {
	s.t.Helper()
	for _, c := range change {
		c(&s.options)
	}
	made, err := session.New(s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.store = made
}

func key(letter string) config.Secret { return config.NewSecret(strings.Repeat(letter, 32)) }

func keys(letters ...string) func(*session.Options) {
	return func(o *session.Options) {
		o.Keys = nil
		for _, letter := range letters {
			o.Keys = append(o.Keys, key(letter))
		}
	}
}

// request returns a request with cookies.
func request(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// signIn signs anna in and returns the session cookie.
func (s *site) signIn(cookies ...*http.Cookie) *http.Cookie {
	s.t.Helper()
	return s.signInAs(anna, request(cookies...))
}

func (s *site) signInAs(o operator.Operator, r *http.Request) *http.Cookie {
	s.t.Helper()
	w := httptest.NewRecorder()
	if err := s.store.SignIn(w, r, o, tokens); err != nil {
		s.t.Fatal(err)
	}
	set := sessionCookies(w)
	if len(set) != 1 {
		s.t.Fatalf("got %d cookies, want 1", len(set))
	}
	return set[0]
}

// currentSubject returns the subject of the session that a cookie opens, "" for none.
func (s *site) currentSubject(cookies ...*http.Cookie) string {
	s.t.Helper()
	o, err := s.store.Operator(request(cookies...))
	if err != nil {
		s.t.Fatal(err)
	}
	return o.Subject
}

// count returns the number of rows.
func (s *site) count() (n int) {
	s.t.Helper()
	if err := s.db.SQL().QueryRowContext(s.t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	storetest.Exec(s.t, s.db, query, args...)
}

func (s *site) flash(cookie *http.Cookie, text string) {
	s.t.Helper()
	if err := s.store.SetFlash(request(cookie), session.Flash{Text: text}); err != nil {
		s.t.Fatal(err)
	}
}

// takeFlashText returns the text of the flash message and deletes it.
func (s *site) takeFlashText(r *http.Request) string {
	s.t.Helper()
	f, err := s.store.TakeFlash(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if f == nil {
		return ""
	}
	return f.Text
}

// TestLargeSession stores an operator in many groups, with the tokens of a provider that puts the groups into them.
func TestLargeSession(t *testing.T) {
	t.Parallel()
	storetest.EachFresh(t, func(t *testing.T, fresh storetest.Fresh) {
		s := newSite(t, fresh)
		o := anna
		o.Groups, o.GroupsOmitted = slices.Repeat([]string{strings.Repeat("g", 36)}, 910), 591
		o.GroupsStatus, o.GroupsClaim = operator.GroupsTooMany, "groups"
		large := session.Tokens{AccessToken: strings.Repeat("a", 100<<10), RefreshToken: strings.Repeat("r", 100<<10)}
		w := httptest.NewRecorder()
		if err := s.store.SignIn(w, request(), o, large); err != nil {
			t.Fatal(err)
		}
		r := request(sessionCookies(w)...)
		stored, err := s.store.Operator(r)
		if err != nil || !reflect.DeepEqual(stored, o) {
			t.Errorf("got %d groups of %s, %v", len(stored.Groups), stored.ID(), err)
		}
		kept, err := s.store.Tokens(r)
		if err != nil || kept.AccessToken != large.AccessToken || kept.RefreshToken != large.RefreshToken {
			t.Errorf("tokens of %d and %d bytes, %v", len(kept.AccessToken), len(kept.RefreshToken), err)
		}
	})
}

// TestReadingASessionAllocatesLittle bounds what every request pays for its session. An encoding that describes its
// types, as gob does, needs twice as much. The limit has room for the race detector.
func TestReadingASessionAllocatesLittle(t *testing.T) {
	s := newSite(t, storetest.SQLite)
	cookie := s.signIn()
	made := testing.AllocsPerRun(100, func() { request(cookie) })
	read := testing.AllocsPerRun(100, func() {
		r := request(cookie)
		if o, err := s.store.Operator(r); err != nil || o.Subject != "anna" || s.store.FormToken(r) == "" {
			t.Errorf("the session of %q: %v", o.Subject, err)
		}
	})
	if most := 130.0; read-made > most {
		t.Errorf("%v allocations for a session, want at most %v", read-made, most)
	}
}
