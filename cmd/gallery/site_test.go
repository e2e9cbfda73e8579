package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/static"
	"github.com/voxwarden/voxwarden/views/audit"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
	"github.com/voxwarden/voxwarden/views/subusers"
	"github.com/voxwarden/voxwarden/views/ui"
)

// site is a server with the few pages that the tests of the script need: a list with a search, forms, and failures of
// forms.
type site struct {
	*httptest.Server
	mu           sync.Mutex
	requests     []string      // method and path with query, assets left out
	release      chan struct{} // closed to let a form with the reason "wait" go on
	coldRequests int           // of the cold page
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{release: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("GET /subusers", s.list)
	mux.HandleFunc("GET /cold", s.cold)
	mux.HandleFunc("GET /open", func(w http.ResponseWriter, r *http.Request) {
		f := siteFrame("Change of roles")
		f.AutoRefresh, f.HasForm = 1, true
		f.Crumbs = []ui.Link{{Text: "Subusers", Href: "/subusers"}}
		render(w, r, audit.OperationPage(audit.Operation{
			Frame:      f,
			ID:         "op",
			TargetName: "anna_k",
			Result:     page.Unknown,
			Open:       true,
			MayCheck:   true,
			MayResolve: true,
		}))
	})
	mux.HandleFunc("GET /subusers/7/roles", s.form)
	mux.HandleFunc("POST /subusers/7/roles", s.post)
	mux.HandleFunc("GET /review", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, principals.RolesReviewPage(principals.RolesReview{
			Frame:       siteFrame("Review"),
			Principal:   access.Principal{Ref: access.SubuserRef(7), Name: "anna_k"},
			OperationID: "op",
			Ticked:      []int64{3},
		}))
	})
	mux.HandleFunc("GET /subusers/new", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, subusers.NewPage(subusers.New{Frame: siteFrame("New subuser"), OperationID: "op"}))
	})
	mux.HandleFunc("POST /subusers/new", s.post)
	mux.HandleFunc("GET /created", func(w http.ResponseWriter, r *http.Request) {
		render(w, r, subusers.CreatedPage(subusers.Created{
			Frame:     siteFrame("Created"),
			Login:     "anna_k",
			Password:  "not-a-real-Passw0rd!",
			Result:    page.Applied,
			Confirmed: true,
		}))
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, static.Prefix) {
			s.mu.Lock()
			s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
			s.mu.Unlock()
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// requestCount returns the number of requests like "POST /subusers/new".
func (s *site) requestCount(request string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if r == request {
			n++
		}
	}
	return n
}

func siteFrame(heading string) page.Frame {
	return page.Frame{
		Heading:  heading,
		Section:  page.Subusers,
		Account:  page.Account{ID: 1, Name: "Test"},
		Operator: page.Operator{Name: "Ada", Roles: []string{"admin"}, CanSignOut: true},
	}
}

// list serves a list that can be searched by login.
func (s *site) list(w http.ResponseWriter, r *http.Request) {
	m := principals.List{
		Listing: page.NewListing(access.Subuser),
		Frame:   siteFrame("Subusers"),
		Kind:    access.Subuser,
	}
	m.Export, m.Query, m.Role = "/subusers.csv", r.FormValue("q"), r.FormValue("role")
	m.Freshness = page.Freshness{AsOf: time.Date(2026, time.November, 23, 12, 3, 4, 0, time.UTC)}
	m.Total, m.Page, m.Pages = 3, 1, 1
	for i, login := range []string{"anna_k", "bertil_s", "carla_m"} {
		if strings.Contains(login, m.Query) {
			subuser := access.Principal{Ref: access.SubuserRef(int64(i + 7)), Name: login}
			m.Rows = append(m.Rows, principals.Row{Principal: &subuser})
		}
	}
	m.Matches, m.RowCount = len(m.Rows), len(m.Rows)
	render(w, r, principals.ListPage(m))
}

// cold serves a page without a listing the first time, and then the list.
func (s *site) cold(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.coldRequests++
	first := s.coldRequests == 1
	s.mu.Unlock()
	if !first {
		s.list(w, r)
		return
	}
	f := siteFrame("Subusers")
	f.AutoRefresh = 1
	render(w, r, principals.ListPage(principals.List{Frame: f}))
}

func (s *site) form(w http.ResponseWriter, r *http.Request) {
	render(w, r, principals.RolesFormPage(principals.RolesForm{
		Frame:       siteFrame("Change roles"),
		Principal:   access.Principal{Ref: access.SubuserRef(7), Name: "anna_k"},
		OperationID: "op",
		Reason:      r.FormValue("reason"),
		Groups:      []page.RoleGroup{{Boxes: []page.RoleBox{{ID: 3, Name: "Support", Offered: true}}}},
	}))
}

// post responds as the form's reason asks: it waits, has no session, requires a recent sign-in, breaks the connection,
// or shows the form again.
func (s *site) post(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("reason") {
	case "wait":
		select {
		case <-s.release:
		case <-r.Context().Done(): // the browser has disconnected
		}
		http.Redirect(w, r, "/subusers", http.StatusSeeOther)
	case "signed out":
		w.WriteHeader(http.StatusUnauthorized)
	case "confirm":
		w.Header().Set("X-Voxwarden-Sign-In", "again")
		w.WriteHeader(http.StatusUnauthorized)
	case "cut":
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
		s.form(w, r)
	}
}
