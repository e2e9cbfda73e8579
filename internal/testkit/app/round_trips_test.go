package app_test

import (
	"database/sql"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// countedSite is a site with a snapshot of the account and a visitor, the round trips of which to the database are
// counted.
type countedSite struct {
	*apptest.Site
	trips  *storetest.RoundTrips
	admin  *apptest.Visitor
	cookie string // of the admin
}

// onCountedSites runs a test with a site on each engine, in a synctest bubble.
func onCountedSites(t *testing.T, test func(t *testing.T, s *countedSite)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, url string) {
		s := &countedSite{}
		if store.IsPostgres(url) {
			proxy := storetest.NewProxy(t, url)
			url, s.trips = proxy.Address, storetest.RecordPostgres(proxy)
		}
		synctest.Test(t, func(t *testing.T) {
			s.Site = apptest.NewSite(t, apptest.Options{Company: voxsim.SmallCompany(), Database: url, InMemory: true})
			if s.trips == nil {
				s.trips = storetest.RecordSQLite(s.DB)
			}
			s.admin = s.Visit(t, policy.Admin)
			s.cookie = strings.Join(s.admin.Cookie()["Cookie"], "; ")
			s.admin.Get("/subusers")
			s.admin.Get("/keys")
			synctest.Wait()
			test(t, s)
		})
	})
}

// TestRoundTripsOfRequests counts the round trips to the database of warm requests: what can be read from memory was
// read before, and each statement is prepared.
func TestRoundTripsOfRequests(t *testing.T) {
	t.Parallel()
	onCountedSites(t, func(t *testing.T, s *countedSite) {
		subuser, operation := s.editSubuser(t)
		name, _, _ := strings.Cut(s.cookie, "=")
		forged, malformed := name+"="+strings.Repeat("A", 43), name+"=x"
		for _, request := range []struct {
			name   string
			method string
			path   string
			cookie string
			most   int
		}{
			{"list of subusers", http.MethodGet, "/subusers", s.cookie, 1},
			{"search for subusers", http.MethodGet, "/subusers?q=a&role=Support&sort=login", s.cookie, 1},
			{"list of keys", http.MethodGet, "/keys", s.cookie, 1},
			{"list of roles", http.MethodGet, "/roles", s.cookie, 1},
			{"role", http.MethodGet, "/roles/1", s.cookie, 1},
			{"role matrix", http.MethodGet, "/roles/matrix", s.cookie, 1},
			{"role finder", http.MethodGet, "/roles/finder", s.cookie, 1},
			{"search in the palette", http.MethodGet, "/search?q=a", s.cookie, 1},
			{"form for editing", http.MethodGet, subuser + "/edit", s.cookie, 1},
			{"subuser", http.MethodGet, subuser, s.cookie, 2},
			{"own sessions", http.MethodGet, "/me", s.cookie, 2},
			{"all sessions", http.MethodGet, "/sessions", s.cookie, 2},
			{"bulk changes", http.MethodGet, "/bulk", s.cookie, 2},
			{"audit log", http.MethodGet, "/audit", s.cookie, 2},
			{"operation", http.MethodGet, operation, s.cookie, 3},
			{"drift", http.MethodGet, "/drift", s.cookie, 3},
			{"overview", http.MethodGet, "/", s.cookie, 1},
			{"unknown address", http.MethodGet, "/none", s.cookie, 1},
			{"list without a session", http.MethodGet, "/subusers", "", 0},
			{"list with a forged cookie", http.MethodGet, "/subusers", forged, 1},
			{"list with a malformed cookie", http.MethodGet, "/subusers", malformed, 0},
			{"HEAD of a list", http.MethodHead, "/subusers", s.cookie, 0},
			{"static file", http.MethodGet, "/static/app.css", s.cookie, 0},
			{"HEAD of a static file", http.MethodHead, "/static/app.css", s.cookie, 0},
			{"missing static file", http.MethodGet, "/static/none", s.cookie, 0},
			{"liveness", http.MethodGet, "/healthz", s.cookie, 0},
			{"readiness again within a second", http.MethodGet, "/readyz", s.cookie, 0},
		} {
			status := 0
			for range 3 {
				s.trips.Take()
				status = s.Request(t, request.method, request.path, request.cookie)
				synctest.Wait()
			}
			s.check(t, request.name, request.most, status)
		}
		time.Sleep(2 * time.Second)
		s.trips.Take()
		s.check(t, "readiness", 12, s.Request(t, http.MethodGet, "/readyz", ""))
		time.Sleep(2 * time.Hour)
		s.Request(t, http.MethodGet, "/subusers", s.cookie) // over a new connection
		s.trips.Take()
		s.check(t, "list with an expired session", 1, s.Request(t, http.MethodGet, "/subusers", s.cookie))
	})
}

// editSubuser edits a subuser, and returns the paths of the subuser and of the operation.
func (s *countedSite) editSubuser(t *testing.T) (subuser, operation string) {
	t.Helper()
	link := func(list, pattern string) string {
		path := regexp.MustCompile(pattern)
		href, found := s.admin.Get(list).Find("a").FilterFunction(func(_ int, a *goquery.Selection) bool {
			return path.MatchString(a.AttrOr("href", ""))
		}).First().Attr("href")
		if !found {
			t.Fatalf("%s has no link to %s", list, pattern)
		}
		return href
	}
	subuser = link("/subusers", `^/subusers/\d+$`)
	form := s.admin.Get(subuser+"/edit").FormValues(t, subuser+"/edit")
	form.Set("description", "Counted")
	if page := s.admin.Post(subuser+"/edit", form); page.Status != http.StatusOK {
		t.Fatalf("editing: %d", page.Status)
	}
	return subuser, link("/audit", `^/audit/[a-z0-9]+$`)
}

// check compares the round trips since the last call with the largest number that is allowed. Pings of a connection
// that was not used for a second are not counted: the console uses one every second, see store.DB.KeepPresent.
func (s *countedSite) check(t *testing.T, request string, most, status int) {
	t.Helper()
	trips := slices.DeleteFunc(s.trips.Take(), func(statement string) bool { return statement == "-- ping" })
	t.Logf("%-32s %d %2d", request, status, len(trips))
	if len(trips) > most {
		t.Errorf("%s: %d round trips, want %d:\n%s", request, len(trips), most, strings.Join(trips, "\n"))
	}
}

// TestWritesOfLists counts what requests of lists write: nothing within a minute after the session was used, and once
// later, also when many of them arrive at the same time.
func TestWritesOfLists(t *testing.T) {
	t.Parallel()
	onCountedSites(t, func(t *testing.T, s *countedSite) {
		writes := func() (statements []string) {
			for _, statement := range s.trips.Take() {
				word, _, _ := strings.Cut(statement, " ")
				if slices.Contains([]string{"INSERT", "UPDATE", "DELETE"}, word) {
					statements = append(statements, statement)
				}
			}
			return statements
		}
		writes()
		for range 10 {
			s.admin.Get("/subusers")
			time.Sleep(5 * time.Second)
		}
		if got := writes(); len(got) != 0 {
			t.Errorf("ten lists within a minute wrote %q", got)
		}
		time.Sleep(10 * time.Second)
		var requests sync.WaitGroup
		for range 10 {
			requests.Go(func() { s.Request(t, http.MethodGet, "/subusers", s.cookie) })
		}
		requests.Wait()
		if got := writes(); len(got) != 1 || !strings.HasPrefix(got[0], "UPDATE sessions SET seen_at") {
			t.Errorf("ten lists after a minute wrote %q, want once when the session was used", got)
		}
	})
}

// TestSessionIsReadFromIndexes explains the one query of a warm list. PostgreSQL would scan tables as small as these,
// so it is told not to.
func TestSessionIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	onCountedSites(t, func(t *testing.T, s *countedSite) {
		s.trips.Take()
		s.admin.Get("/subusers")
		trips := s.trips.Take()
		if len(trips) != 1 {
			t.Fatalf("a warm list has %d round trips:\n%s", len(trips), strings.Join(trips, "\n"))
		}
		explain := "EXPLAIN QUERY PLAN "
		steps := []string{
			"SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (hash=?)",
			"SEARCH events",
		}
		if s.DB.Postgres() {
			explain = "EXPLAIN "
			steps = []string{
				"Index Scan using sessions_pkey on sessions",
				"Index Only Scan Backward using events_pkey on events",
			}
		}
		var plan []string
		err := s.DB.Write(t.Context(), func(tx *sql.Tx) error {
			if s.DB.Postgres() {
				if _, err := tx.ExecContext(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
					return err
				}
			}
			rows, err := tx.QueryContext(t.Context(), explain+trips[0], "hash")
			if err != nil {
				return err
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			fields := make([]any, len(columns))
			var step string
			for i := range fields {
				fields[i] = new(any)
			}
			fields[len(fields)-1] = &step // the last column of both engines
			for rows.Next() {
				if err := rows.Scan(fields...); err != nil {
					return err
				}
				plan = append(plan, step)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range steps {
			if !strings.Contains(strings.Join(plan, "\n"), want) {
				t.Errorf("the plan lacks %q:\n%s", want, strings.Join(plan, "\n"))
			}
		}
	})
}
