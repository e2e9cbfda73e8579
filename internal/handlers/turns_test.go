package handlers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// slowDirectory is one whose vendor does not answer until it is let go.
type slowDirectory struct {
	*fakeDirectory
	asked atomic.Int64
	let   chan struct{}
}

func (d *slowDirectory) SubuserByID(ctx context.Context, _, _ int64) (directory.Subuser, error) {
	d.asked.Add(1)
	select {
	case <-d.let:
		return directory.Subuser{}, directory.ErrNotFound
	case <-ctx.Done():
		return directory.Subuser{}, ctx.Err()
	}
}

// crowd is a site with a slow vendor, whom many requests of a few people ask at once.
type crowd struct {
	*site
	directory *slowDirectory
	visits    sync.WaitGroup
	answers   [600]atomic.Int64 // by status
}

func newCrowd(t *testing.T) *crowd {
	c := &crowd{directory: &slowDirectory{let: make(chan struct{})}}
	c.site = newSite(t, func(o *Options) {
		c.directory.fakeDirectory = o.Directory.(*fakeDirectory)
		o.Directory = c.directory
	})
	return c
}

func (c *crowd) send(count int, role string, request func() *http.Request) {
	for range count {
		c.visits.Go(func() { c.answers[c.do(role, request()).Code].Add(1) })
	}
	synctest.Wait()
}

func show() *http.Request { return httptest.NewRequest(http.MethodGet, "/subusers/7", nil) }

// The vendor takes few calls a second, and all who ask stand in one line: nobody may fill it so that taking somebody's
// access away has to wait.
func TestNobodyFillsTheLineToTheVendor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		c.send(50, "viewer", show)
		if asked := c.directory.asked.Load(); asked != 6 {
			t.Errorf("one person asks %d times at once", asked)
		}
		c.send(1, "admin", show)
		if asked := c.directory.asked.Load(); asked != 7 {
			t.Errorf("one person's haste is another's wait: %d", asked)
		}
		close(c.directory.let)
		c.visits.Wait()
		if found := c.answers[http.StatusNotFound].Load(); found != 51 {
			t.Errorf("%d of 51 were answered in their turn", found)
		}
	})
}

// A vendor that hangs keeps nobody waiting for long, and what one person asks for is one line, forms and all.
func TestAWaitForOnesTurnEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		c.send(6, "editor", show)
		c.send(1, "editor", func() *http.Request { return newPost("/refresh", url.Values{}) })
		c.send(1, "editor", func() *http.Request {
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			return show().WithContext(gone)
		})
		time.Sleep(turnWait)
		synctest.Wait()
		if c.directory.refreshed != 0 || c.answers[http.StatusTooManyRequests].Load() != 1 ||
			c.answers[statusGone].Load() != 1 {
			t.Errorf(
				"a form was sent %d times past the line; refused %d, gone %d",
				c.directory.refreshed,
				c.answers[http.StatusTooManyRequests].Load(),
				c.answers[statusGone].Load(),
			)
		}
		c.get("editor", "/subusers").wants(t, http.StatusOK) // what asks nobody does not wait
		close(c.directory.let)
		c.visits.Wait()
		c.post("editor", "/refresh", url.Values{}).wants(t, http.StatusSeeOther)
	})
}
