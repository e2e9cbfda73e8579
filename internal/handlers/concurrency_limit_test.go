package handlers

import (
	"context"
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
