package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// noticesInDatabase is a fakeAuditLog that writes notices to a database.
type noticesInDatabase struct {
	*fakeAuditLog
	log *audit.Log
}

func (n noticesInDatabase) Note(ctx context.Context, notice audit.Notice) error {
	return n.log.Note(ctx, notice)
}

// withDatabase gives a site the audit log and the sessions of a database.
func withDatabase(t *testing.T, db *store.DB) func(*Options) {
	t.Helper()
	return func(o *Options) {
		log, err := audit.Open(db, audit.Options{Now: o.Now, BeginNew: true})
		if err != nil {
			t.Fatal(err)
		}
		sessions, err := session.New(session.Options{
			DB:      db,
			BaseURL: o.BaseURL,
			Idle:    time.Hour,
			Max:     time.Hour,
			Address: ClientAddress,
			Now:     o.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		o.AuditLog, o.Sessions = noticesInDatabase{o.AuditLog.(*fakeAuditLog), log}, sessions
	}
}

// rowsIn returns the number of rows in every table, and of the events by kind, without the empty ones.
func rowsIn(t *testing.T, db *store.DB) map[string]int {
	t.Helper()
	rows := map[string]int{}
	count := func(query string) {
		found, err := db.SQL().QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		for found.Next() {
			var name string
			var number int
			if err := found.Scan(&name, &number); err != nil {
				t.Fatal(err)
			}
			if number > 0 {
				rows[name] = number
			}
		}
	}
	count(`SELECT kind, COUNT(*) FROM events GROUP BY kind`)
	tables, err := db.SQL().QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name != "events" && name != "schema_checksum" {
			count(`SELECT 'table ' || '` + name + `', COUNT(*) FROM ` + name)
		}
	}
	return rows
}

// Whatever strangers send, and from however many networks: the database gets a limited number of refused sign-ins, and
// nothing else.
func TestStrangersCannotFillTheDatabase(t *testing.T) {
	t.Parallel()
	refused := &identity.Refused{Reason: "forged"}
	for _, tc := range []struct {
		name   string
		change []func(*Options)
		want   map[string]int
	}{
		{
			"a provider refuses",
			[]func(*Options){withProvider(&fakeProvider{err: refused}), withIdentity(operator.Operator{}, nil)},
			map[string]int{"genesis": 1, "sign_in_refused": 100},
		},
		{
			"forged identities at a proxy",
			[]func(*Options){behindProxy, withIdentity(operator.Operator{}, refused)},
			map[string]int{"genesis": 1, "sign_in_refused": 100},
		},
		{
			"no identity at a proxy",
			[]func(*Options){behindProxy, withIdentity(operator.Operator{}, nil)},
			map[string]int{},
		},
		{"a demo", []func(*Options){withIdentity(operator.Operator{}, nil)}, map[string]int{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, storetest.SQLite(t))
			before := rowsIn(t, db)
			s := newSite(t, append(tc.change, withDatabase(t, db))...)
			n := 0
			for _, route := range append(s.routes(), "GET /nowhere", "PUT /", "GET /static/x") {
				for range 60 {
					n++
					for _, method := range []string{"", http.MethodHead} {
						r := routeRequest(route)
						if method != "" {
							r.Method = method
						}
						r.RemoteAddr = fmt.Sprintf("[2001:db8:%x:%x::1]:1", n/3, n)
						for _, name := range []string{"voxwarden", "__Host-voxwarden"} {
							r.AddCookie(&http.Cookie{Name: name, Value: strings.Repeat("A", 43)})
						}
						s.handler.ServeHTTP(httptest.NewRecorder(), r)
					}
					if n%20 != 0 && !strings.Contains(route, "sign") {
						break // the sign-in alone gets all of them
					}
				}
			}
			got := rowsIn(t, db)
			for name, number := range before {
				if got[name] == number {
					delete(got, name)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("after %d requests: %v, want %v", 2*n, got, tc.want)
			}
		})
	}
}

// The figures of the callback flood: 10,000 requests with an invalid response, from one /48 and from 10,000.
func TestCallbackFlood(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		address string
		want    int
	}{
		"one /48":     {"[2001:db8:1:%x::1]:1", 30},
		"many /48":    {"[2001:db8:%x::1]:1", 100},
		"one address": {"[2001:db8:1::%[1]x]:1", 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, storetest.SQLite(t))
			s := newSite(
				t,
				withProvider(&fakeProvider{err: &identity.Refused{Reason: "no sign-in in progress"}}),
				withIdentity(operator.Operator{}, nil),
				withDatabase(t, db),
			)
			for n := range 10_000 {
				r := httptest.NewRequest(http.MethodGet, "/sign-in/callback?state=x&code=y", nil)
				r.RemoteAddr = fmt.Sprintf(tc.address, n)
				s.handler.ServeHTTP(httptest.NewRecorder(), r)
			}
			got := rowsIn(t, db)["sign_in_refused"]
			t.Logf("%d events of 10,000 requests", got)
			if got != tc.want {
				t.Errorf("%d events of 10,000 requests, want %d", got, tc.want)
			}
		})
	}
}

// An operator, or a visitor of a demo, who signs in and out in a loop.
func TestSignInsOfOneOperatorAreLimited(t *testing.T) {
	t.Parallel()
	provided := testOperator("viewer")
	for name, tc := range map[string]struct {
		change  []func(*Options)
		request func() *http.Request
	}{
		"a provider": {
			[]func(*Options){withProvider(&fakeProvider{operator: provided}), withIdentity(operator.Operator{}, nil)},
			func() *http.Request {
				return httptest.NewRequest(http.MethodGet, "/sign-in/callback?state=x&code=y", nil)
			},
		},
		"a demo": {
			[]func(*Options){withIdentity(operator.Operator{}, nil)},
			func() *http.Request { return newPost("/sign-in", url.Values{"role": {"viewer"}}) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, storetest.SQLite(t))
			s := newSite(t, append(tc.change, withDatabase(t, db))...)
			for n := range 300 {
				r := tc.request()
				r.RemoteAddr = fmt.Sprintf("[2001:db8:%x::1]:1", n)
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, r)
			}
			if got := rowsIn(t, db); got["sign_in"] != 60 || got["table sessions"] > 50 {
				t.Errorf("300 sign-ins: %v", got)
			}
		})
	}
}

// A cookie that opens no session causes no write, so that strangers do not keep operators from writing: the database is
// read-only here.
func TestSigningOutWithoutSessionDoesNotWrite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		storetest.Open(t, url)
		db, err := store.OpenReadOnly(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		s := newSite(t, withDatabase(t, db), withIdentity(operator.Operator{}, nil))
		for _, value := range []string{"", strings.Repeat("A", 43), "x"} {
			r := newPost("/sign-out", nil)
			r.AddCookie(&http.Cookie{Name: "voxwarden", Value: value})
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Errorf("signing out with the cookie %q: status %d", value, w.Code)
			}
		}
	})
}
