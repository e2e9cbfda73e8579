package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// shortTimeout is a time limit for requests. A database that hangs must exceed it, and one on a busy machine
// must not.
const shortTimeout = 2 * time.Second

// withinMinute calls fn, and fails the test when it does not return: the test hangs otherwise.
func withinMinute(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s has not ended", what)
	}
}

// databasePages returns pages and exports of all areas that read the database.
func databasePages(subuser int64) []string {
	return []string{
		"/", "/subusers", "/subusers.csv", fmt.Sprintf("/subusers/%d", subuser), fmt.Sprintf("/subusers/%d/edit", subuser),
		"/keys", "/roles", "/roles/matrix", "/audit", "/audit?q=x", "/audit.csv", "/audit.jsonl", "/drift", "/bulk", "/me",
		"/sessions", "/sign-out",
	}
}

// TestFrozenDatabase requests every kind of page while PostgreSQL does not respond.
func TestFrozenDatabase(t *testing.T) {
	t.Parallel()
	proxy := storetest.NewProxy(t, storetest.Postgres(t))
	site := apptest.NewSite(t, apptest.Options{Database: proxy.Address, RequestTimeout: shortTimeout})
	admin := site.Visit(t, policy.Admin)
	subuser, _ := site.Sim.State().Subuser("trainee_01")
	edit := fmt.Sprintf("/subusers/%d/edit", subuser.ID)
	form := admin.Get(edit).FormValues(t, edit)
	form.Set("description", "other")

	proxy.Freeze()
	for _, path := range databasePages(subuser.ID) {
		withinMinute(t, path, func() {
			page := admin.Get(path)
			if page.Status != http.StatusServiceUnavailable {
				t.Errorf("%s: %d, want 503: %.300s", path, page.Status, page.Body)
			}
			text := page.Find("#problem").Text()
			if !strings.Contains(text, "The database cannot be reached") || !strings.Contains(text, "Try again") {
				t.Errorf("%s does not say what happened and what to do: %s", path, text)
			}
		})
	}
	withinMinute(t, "a form", func() {
		if page := admin.Post(edit, form); page.Status != http.StatusServiceUnavailable {
			t.Errorf("a form: %d, want 503: %.300s", page.Status, page.Body)
		}
	})
	withinMinute(t, "a sign-in", func() {
		page := site.NewVisitor(t).Post("/sign-in", url.Values{"role": {"admin"}})
		if page.Status != http.StatusServiceUnavailable || page.Header.Get("Set-Cookie") != "" {
			t.Errorf("a sign-in: %d, want 503 without a cookie: %.300s", page.Status, page.Body)
		}
	})
	for _, path := range []string{"/healthz", "/static/app.css"} {
		if page := admin.Get(path); page.Status == http.StatusServiceUnavailable {
			t.Errorf("%s needs the database", path)
		}
	}
	if ledger := site.Sim.Ledger(); len(ledger) != 0 {
		t.Errorf("the vendor changed something: %+v", ledger)
	}
	proxy.Thaw()
	if page := admin.Get("/subusers"); page.Status != http.StatusOK {
		t.Errorf("afterwards: %d", page.Status)
	}
	if page := admin.Post(edit, form); page.Status != http.StatusOK || len(site.Sim.Ledger()) != 1 {
		t.Errorf("the same form afterwards: %d, %+v", page.Status, site.Sim.Ledger())
	}
}

// freezingWriter freezes the database after the vendor has applied a change.
type freezingWriter struct {
	operations.Writer
	applied func()
}

func (w freezingWriter) SetSubUserInfo(ctx context.Context, account int64, change voxapi.SubUserInfo) error {
	err := w.Writer.SetSubUserInfo(ctx, account, change)
	w.applied()
	return err
}

// TestDatabaseFreezesAfterCall stops the database between the call to the vendor and its outcome. The response leads to
// the operation, which stays open until it is reconciled.
func TestDatabaseFreezesAfterCall(t *testing.T) {
	t.Parallel()
	proxy := storetest.NewProxy(t, storetest.Postgres(t))
	frozen := false
	site := apptest.NewSite(t, apptest.Options{
		Database:       proxy.Address,
		RequestTimeout: shortTimeout,
		Writer: func(w operations.Writer) operations.Writer {
			return freezingWriter{w, func() {
				if frozen {
					proxy.Freeze()
				}
			}}
		},
	})
	admin := site.Visit(t, policy.Admin)
	subuser, _ := site.Sim.State().Subuser("trainee_01")
	edit := fmt.Sprintf("/subusers/%d/edit", subuser.ID)
	form := admin.Get(edit).FormValues(t, edit)
	form.Set("description", "other")
	frozen = true
	var page apptest.Page
	withinMinute(t, "a form", func() { page = admin.Post(edit, form) })
	operation := "/audit/" + form.Get("operation")
	if page.Path != operation || page.Status != http.StatusServiceUnavailable {
		t.Errorf("the response leads to %s with %d, want %s with 503", page.Path, page.Status, operation)
	}
	if after, _ := site.Sim.State().Subuser("trainee_01"); after.Description != "other" {
		t.Errorf("the description is %q", after.Description)
	}
	frozen = false
	proxy.Thaw()
	if page = admin.Get(operation); page.Status != http.StatusOK {
		t.Errorf("the page of the operation: %d", page.Status)
	}
	op, err := site.AuditLog.Operation(t.Context(), form.Get("operation"))
	if err != nil || !op.Open {
		t.Errorf("%+v, %v, want an open operation, which is reconciled by reading", op, err)
	}
}

// TestLockedTables locks the audit log in another connection, as an administrator's program may.
func TestLockedTables(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	other := storetest.Open(t, address)
	site := apptest.NewSite(t, apptest.Options{Database: address + "&lock_timeout=100ms"})
	admin := site.Visit(t, policy.Admin)
	subuser, _ := site.Sim.State().Subuser("trainee_01")
	edit := fmt.Sprintf("/subusers/%d/edit", subuser.ID)
	form := admin.Get(edit).FormValues(t, edit)
	form.Set("description", "other")
	lock, err := other.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.ExecContext(t.Context(), `LOCK TABLE events, operations`); err != nil {
		t.Fatal(err)
	}
	for _, path := range databasePages(subuser.ID) {
		withinMinute(t, path, func() {
			if page := admin.Get(path); page.Status != http.StatusOK && page.Status != http.StatusServiceUnavailable {
				t.Errorf("%s: %d: %.300s", path, page.Status, page.Find("main").Text())
			}
		})
	}
	withinMinute(t, "a form", func() {
		if page := admin.Post(edit, form); page.Status != http.StatusServiceUnavailable {
			t.Errorf("a form: %d, want 503: %.300s", page.Status, page.Body)
		}
	})
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if page := admin.Post(edit, form); page.Status != http.StatusOK || len(site.Sim.Ledger()) != 1 {
		t.Errorf("the same form afterwards: %d, %+v", page.Status, site.Sim.Ledger())
	}
}

// TestLockedFile holds the lock of a SQLite file as another process may.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	address := storetest.SQLite(t)
	site := apptest.NewSite(t, apptest.Options{Database: address})
	other, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	admin := site.Visit(t, policy.Admin)
	subuser, _ := site.Sim.State().Subuser("trainee_01")
	edit := fmt.Sprintf("/subusers/%d/edit", subuser.ID)
	form := admin.Get(edit).FormValues(t, edit)
	form.Set("description", "other")
	err = other.Write(t.Context(), func(*sql.Tx) error {
		for _, path := range []string{"/", "/subusers", "/audit"} {
			if page := admin.Get(path); page.Status != http.StatusOK {
				t.Errorf("%s, which only reads: %d", path, page.Status)
			}
		}
		withinMinute(t, "a form", func() {
			if page := admin.Post(edit, form); page.Status != http.StatusServiceUnavailable {
				t.Errorf("a form: %d, want 503: %.300s", page.Status, page.Body)
			}
		})
		withinMinute(t, "a sign-in", func() {
			page := site.NewVisitor(t).Post("/sign-in", url.Values{"role": {"admin"}})
			if page.Status != http.StatusServiceUnavailable || page.Header.Get("Set-Cookie") != "" {
				t.Errorf("a sign-in: %d, want 503 without a cookie: %.300s", page.Status, page.Body)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if page := admin.Post(edit, form); page.Status != http.StatusOK || len(site.Sim.Ledger()) != 1 {
		t.Errorf("the same form afterwards: %d, %+v", page.Status, site.Sim.Ledger())
	}
}
