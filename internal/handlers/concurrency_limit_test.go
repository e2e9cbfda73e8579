package handlers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// slowDirectory blocks every reading until unblock is closed.
type slowDirectory struct {
	*fakeDirectory
	requests atomic.Int64
	unblock  chan struct{}
}

func (d *slowDirectory) ByID(ctx context.Context, _ int64, _ access.Ref) (access.Principal, error) {
	d.requests.Add(1)
	select {
	case <-d.unblock:
		return access.Principal{}, directory.ErrNotFound
	case <-ctx.Done():
		return access.Principal{}, ctx.Err()
	}
}

// slowSite is a site with a slow vendor and many concurrent requests.
type slowSite struct {
	*site
	directory    *slowDirectory
	pending      sync.WaitGroup
	statusCounts [600]atomic.Int64 // by status
}

func newSlowSite(t *testing.T) *slowSite {
	c := &slowSite{directory: &slowDirectory{unblock: make(chan struct{})}}
	c.site = newSite(t, func(o *Options) {
		c.directory.fakeDirectory = o.Directory.(*fakeDirectory)
		o.Directory = c.directory
	})
	return c
}

func (c *slowSite) send(count int, role string, request func() *http.Request) {
	for range count {
		c.pending.Go(func() { c.statusCounts[c.do(role, request()).Code].Add(1) })
	}
	synctest.Wait()
}

func showSubuserRequest() *http.Request {
	return httptest.NewRequest(http.MethodGet, "/subusers/7", nil)
}

// The vendor takes only a few calls a second. One operator must not block the others, who may have to revoke access.
func TestConcurrencyLimitPerOperator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newSlowSite(t)
		c.send(50, "viewer", showSubuserRequest)
		if asked := c.directory.requests.Load(); asked != 6 {
			t.Errorf("one person asks %d times at once", asked)
		}
		c.send(1, "admin", showSubuserRequest)
		if asked := c.directory.requests.Load(); asked != 7 {
			t.Errorf("one person's haste is another's wait: %d", asked)
		}
		close(c.directory.unblock)
		c.pending.Wait()
		if found := c.statusCounts[http.StatusNotFound].Load(); found != 51 {
			t.Errorf("%d of 51 were answered in their turn", found)
		}
	})
}

// A vendor that hangs does not block requests for long, and all requests of one operator share one limit.
func TestConcurrencyLimitTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newSlowSite(t)
		c.send(6, "editor", showSubuserRequest)
		c.send(1, "editor", func() *http.Request { return newPost("/refresh", url.Values{}) })
		c.send(1, "editor", func() *http.Request {
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			return showSubuserRequest().WithContext(gone)
		})
		time.Sleep(concurrencyWait)
		synctest.Wait()
		if c.directory.refreshes != 0 || c.statusCounts[http.StatusTooManyRequests].Load() != 1 ||
			c.statusCounts[statusClientClosedRequest].Load() != 1 {
			t.Errorf(
				"a form was sent %d times past the line; refused %d, gone %d",
				c.directory.refreshes,
				c.statusCounts[http.StatusTooManyRequests].Load(),
				c.statusCounts[statusClientClosedRequest].Load(),
			)
		}
		c.get("editor", "/subusers").hasStatus(t, http.StatusOK) // pages without vendor calls are not limited
		close(c.directory.unblock)
		c.pending.Wait()
		c.post("editor", "/refresh", url.Values{}).hasStatus(t, http.StatusSeeOther)
	})
}

// blockingBody is the body of an upload that arrives when unblock is closed. It counts the bodies of which the server
// has begun to read.
type blockingBody struct {
	io.Reader
	begun   *atomic.Int64
	unblock chan struct{}
	once    sync.Once
}

func (b *blockingBody) Read(p []byte) (int, error) {
	b.once.Do(func() { b.begun.Add(1); <-b.unblock })
	return b.Reader.Read(p)
}

// A file takes much memory while it is checked, so only a few are read at once, one of each operator. The others wait
// before their bodies are read.
func TestUploadWaitsBeforeItsBodyIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		var begun atomic.Int64
		unblock := make(chan struct{})
		var pending sync.WaitGroup
		var created, refused atomic.Int64
		upload := func(o string) {
			pending.Go(func() {
				r := uploadRequest(t, map[string]string{"file": "login\nanna_k\n", "rows": ""})
				r.Body = io.NopCloser(&blockingBody{Reader: r.Body, begun: &begun, unblock: unblock})
				switch s.do(o, r).Code {
				case http.StatusSeeOther:
					created.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				}
			})
		}
		for range 5 {
			upload("editor")
		}
		synctest.Wait()
		if got := begun.Load(); got != 1 {
			t.Errorf("%d uploads of one operator are read at once, want 1", got)
		}
		for _, o := range []string{"admin", "admin-2", "admin-3"} {
			upload(o)
		}
		synctest.Wait()
		if got := begun.Load(); got != 2 {
			t.Errorf("%d uploads are read at once, want 2", got)
		}
		time.Sleep(concurrencyWait)
		synctest.Wait()
		if got := refused.Load(); got != 6 {
			t.Errorf("%d uploads were refused after they had waited, want 6", got)
		}
		close(unblock)
		pending.Wait()
		if got := created.Load(); got != 2 {
			t.Errorf("%d uploads led to a preview, want 2", got)
		}
	})
}

// slowAuditLog blocks every search until unblock is closed.
type slowAuditLog struct {
	*fakeAuditLog
	searches atomic.Int64
	unblock  chan struct{}
}

func (l *slowAuditLog) Before(ctx context.Context, _ audit.Search, _ audit.Cursor, _ int) (audit.Page, error) {
	l.searches.Add(1)
	select {
	case <-l.unblock:
		return audit.Page{}, nil
	case <-ctx.Done():
		return audit.Page{}, ctx.Err()
	}
}

func (l *slowAuditLog) Stream(
	ctx context.Context,
	_ audit.Search,
	_ func(audit.Operation, []audit.Event) error,
	_ func() error,
) error {
	l.searches.Add(1)
	select {
	case <-l.unblock:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Searches read much, so each operator has one at a time, and all together have four. Pages that do not search go on.
func TestSearchesAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		auditLog := &slowAuditLog{unblock: make(chan struct{})}
		c := newSlowSite(t)
		c.site = newSite(t, func(o *Options) {
			auditLog.fakeAuditLog = o.AuditLog.(*fakeAuditLog)
			o.AuditLog = auditLog
			o.RequestTimeout = time.Minute // the searches last for two waits
		})
		search := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/audit?q=x", nil) }
		c.send(16, "auditor", search)
		if got := auditLog.searches.Load(); got != 1 {
			t.Errorf("one operator searches %d times at once, want 1", got)
		}
		for _, o := range []string{"auditor-2", "auditor-3", "auditor-4", "auditor-5"} {
			c.send(1, o, search)
		}
		if got := auditLog.searches.Load(); got != 4 {
			t.Errorf("all operators search %d times at once, want 4", got)
		}
		for _, path := range []string{"/", "/subusers", "/keys"} {
			c.get("admin", path).hasStatus(t, http.StatusOK)
		}
		time.Sleep(concurrencyWait)
		synctest.Wait()
		if got := c.statusCounts[http.StatusTooManyRequests].Load(); got != 16 {
			t.Errorf("%d searches were refused after they had waited, want 16", got)
		}
		refused := c.get("auditor", "/drift").hasStatus(t, http.StatusTooManyRequests)
		refused.contains(t, "Too many requests at once", "Try again in a moment")
		if refused.Header().Get("Retry-After") != "10" {
			t.Errorf("Retry-After is %q", refused.Header().Get("Retry-After"))
		}
		close(auditLog.unblock)
		c.pending.Wait()
		if got := c.statusCounts[http.StatusOK].Load(); got != 4 {
			t.Errorf("%d searches had a result, want 4", got)
		}
	})
}

// An export has a limit of its own, so that it does not keep its operator from searching.
func TestExportsAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		auditLog := &slowAuditLog{unblock: make(chan struct{})}
		c := newSlowSite(t)
		c.site = newSite(t, func(o *Options) {
			auditLog.fakeAuditLog = o.AuditLog.(*fakeAuditLog)
			o.AuditLog = auditLog
		})
		for _, format := range []string{"csv", "jsonl"} {
			c.send(3, "auditor", func() *http.Request {
				return httptest.NewRequest(http.MethodGet, "/audit."+format, nil)
			})
		}
		if got := auditLog.searches.Load(); got != 1 {
			t.Errorf("one operator exports %d times at once, want 1", got)
		}
		c.get("auditor", "/drift").hasStatus(t, http.StatusOK)
		for n := range 10 {
			c.send(1, fmt.Sprint("auditor-", n), func() *http.Request {
				return httptest.NewRequest(http.MethodGet, "/audit.csv", nil)
			})
		}
		if got := auditLog.searches.Load(); got != 8 {
			t.Errorf("all operators export %d times at once, want 8", got)
		}
		close(auditLog.unblock)
		c.pending.Wait()
	})
}

// A search that was ended shows its form again, and how to narrow it.
func TestSearchTimeout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.auditLog.searchErr = fmt.Errorf("searching: %w", audit.ErrSearchTimeout)
	page := s.get("auditor", "/audit?q=ticket").hasStatus(t, http.StatusServiceUnavailable)
	page.contains(t, "The search took too long", "Choose a shorter time, or a person, target or action.")
	if page.field("q") != "ticket" {
		t.Errorf("the form has the text %q", page.field("q"))
	}
	page.excludes(t, "No operations")
	s.auditLog.searchErr = fmt.Errorf("searching: %w", audit.ErrSearchesBusy)
	busy := s.get("auditor", "/audit?q=ticket").hasStatus(t, http.StatusServiceUnavailable)
	busy.contains(t, "Too many requests at once")
}
