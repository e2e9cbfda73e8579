package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/vendor"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// coldListRatio is the budget of a cold list: its time as a ratio to that of its pages alone, one after the other.
const coldListRatio = 1.2

// coldList is the first reading of an account.
type coldList struct {
	subusers, keys time.Duration // until all of them are listed
	requests       int           // GetSubUsers
	calls          int           // all
}

// TestBudgetColdList reads an account for the first time from vendors of several latencies and page sizes. Its time is
// virtual and so exact. The unavoidable time is that of the pages, one after the other. A page cannot take less than a
// request takes at the rate limit.
func TestBudgetColdList(t *testing.T) {
	shown := newTable(os.Stdout)
	for _, subusers := range []int{1_000, 10_000} {
		for _, pageCap := range []int{100, 1_000} {
			for _, latency := range []time.Duration{0, 150 * time.Millisecond, 400 * time.Millisecond} {
				list := readColdList(t, subusers, pageCap, latency)
				pages := subusers / pageCap
				unavoidable := time.Duration(pages) * max(latency, time.Second/voxapi.DefaultRPS)
				what := fmt.Sprintf("%d subusers in pages of %d, latency %v", subusers, pageCap, latency)
				shown.line(
					"cold list: "+what,
					fmt.Sprintf("%v, %d requests; with keys %v, %d", list.subusers, list.requests, list.keys, list.calls),
					fmt.Sprintf("%v for %d pages", unavoidable, pages),
					ratio(list.subusers, unavoidable),
					fmt.Sprint(coldListRatio),
				)
				if got := ratio(list.subusers, unavoidable); got > coldListRatio {
					t.Errorf("%s: %v, which is %.2f of %v", what, list.subusers, got, unavoidable)
				}
				// One request finds the end, each page overlaps by one row, and two requests may be in vain.
				if limit := (subusers-2)/(pageCap-1) + 1 + 1 + 2; list.requests > limit {
					t.Errorf("%s: %d requests, limit %d", what, list.requests, limit)
				}
			}
		}
	}
	shown.flush()
}

// readColdList reads an account with virtual time.
func readColdList(t *testing.T, subusers, pageCap int, latency time.Duration) (read coldList) {
	t.Helper()
	company, err := voxsim.CompanyNamed("large", subusers)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		sim := vendor.New(t, voxsim.Options{
			Company:  company,
			Variants: voxsim.Variants{PageCap: pageCap},
			Latency:  latency,
		})
		client := vendor.Client(t, sim, nil, voxapi.Options{})
		d := directory.New(client.Reader(), directory.Options{})
		defer d.Close()
		d.AccountName(t.Context(), sim.AccountID()) // as on each page
		start := time.Now()
		for read.subusers == 0 || read.keys == 0 {
			if read.subusers == 0 && isListed(t, d, sim.AccountID(), access.Subuser) {
				read.subusers = time.Since(start)
			}
			if read.keys == 0 && isListed(t, d, sim.AccountID(), access.Key) {
				read.keys = time.Since(start)
			}
		}
		for _, call := range sim.Calls() {
			read.calls++
			if call.Method == "GetSubUsers" {
				read.requests++
			}
		}
	})
	return read
}

// isListed waits a millisecond for a whole list.
func isListed(t *testing.T, d *directory.Directory, account int64, kind access.Kind) bool {
	t.Helper()
	defer time.Sleep(time.Microsecond)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	page, err := d.List(ctx, account, kind, directory.Filter{})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return err == nil && !page.Status.Cold() && !page.Status.Incomplete
}

var metaRefresh = regexp.MustCompile(`<meta http-equiv="refresh" content="([0-9]+)"`)

// BenchmarkBudgetColdList measures the first list of the release binary, from signing in to the first page with rows,
// as a browser without JavaScript asks for it. It runs once and ignores b.N.
func BenchmarkBudgetColdList(b *testing.B) {
	const latency = 150 * time.Millisecond
	binary := buildProgram(b)
	shown := newTable(os.Stdout)
	for _, subusers := range []int{1_000, 10_000} {
		company := []string{"-company", "large", "-subusers", strconv.Itoa(subusers)}
		server := startDemo(b, binary, append(company, "-latency", latency.String())...)
		visitor := (&apptest.Site{URL: server.url}).NewVisitor(b)
		began := time.Now()
		page := visitor.Post("/sign-in", url.Values{"role": {"viewer"}, "return": {"/subusers"}})
		first, pages := time.Since(began), 1
		for ; page.Find("tbody tr").Length() < 2; pages++ {
			reload := metaRefresh.FindStringSubmatch(page.Body)
			if reload == nil {
				b.Fatalf("neither a list nor a page that reloads itself:\n%s", page.Body)
			}
			seconds, _ := strconv.Atoi(reload[1])
			time.Sleep(time.Duration(seconds) * time.Second)
			page = visitor.Get("/subusers")
		}
		took := time.Since(began)
		server.stop()
		unavoidable := time.Duration(subusers/1000) * latency
		shown.line(
			fmt.Sprintf("cold list in a browser: %d subusers in pages of 1,000, latency %v", subusers, latency),
			fmt.Sprintf("%s, %d page views, the first after %s", ms(took), pages, ms(first)),
			ms(unavoidable)+" its pages alone",
			ratio(took, unavoidable),
			"-",
		)
	}
	shown.flush()
}
