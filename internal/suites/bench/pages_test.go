package bench

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

const (
	connections = 32
	requests    = 1_000 // in a round
)

// upstreamCalls counts the calls to the vendor for a cold list and for warm pages.
func upstreamCalls(b *testing.B, t table, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		if page := visitor.Get("/subusers"); page.Find("tbody tr").Length() > 1 {
			break
		} else if time.Now().After(deadline) {
			b.Fatalf("no list after a minute:\n%s", page.Body)
		}
	}
	time.Sleep(time.Second) // the keys are listed after the subusers
	lists := 0
	for _, call := range site.Sim.Calls() {
		if call.Method == "GetSubUsers" {
			lists++
		}
	}
	t.line(
		"cold list: GetSubUsers calls for 10,000 subusers",
		fmt.Sprint(lists),
		fmt.Sprintf("%d pages of 1,000", subuserCount/1000),
		float64(lists)/(subuserCount/1000),
		"only the pages of the listing",
	)
	before := len(site.Sim.Calls())
	for _, path := range []string{
		"/subusers", "/subusers?q=anna&role=Support&sort=login", "/subusers?page=150", "/subusers.csv", "/roles", "/",
	} {
		visitor.Get(path)
	}
	calls := len(site.Sim.Calls()) - before
	t.line("warm pages: upstream calls for six of them", fmt.Sprint(calls), "", 0, "0")
	t.budget("upstream calls for warm pages", fmt.Sprint(calls), "0", float64(2*calls))
}

// before is another binary of the program, which pageCost measures in turns with this one.
var before = flag.String("before", "", "`path` of an earlier server binary, to be compared with this one")

// rounds is how often the variants that are compared take turns.
const rounds = 5

// pageCost requests the 50-row list of the program over many connections, compressed as browsers ask for it, and not
// compressed. The baseline of latencies is a reverse proxy in front of a server that sends the same bytes, already
// compressed; the baseline of processor time is the program before.
func pageCost(b *testing.B, t table, binary string) {
	b.Helper()
	site, cookie, pid := serveLargeAccount(b, binary)
	var oldSite string
	var oldCookie http.Header
	var oldPID int
	if *before != "" {
		oldSite, oldCookie, oldPID = serveLargeAccount(b, *before)
	}
	for _, encoding := range []string{"gzip", "identity"} {
		cookie.Set("Accept-Encoding", encoding)
		proxy := serveBehindProxy(b, site, cookie)
		// At full load requests queue for the cores. 500 requests a second are more than operators send, and show the
		// latency of one request.
		for _, pace := range []struct {
			name  string
			every time.Duration // between two requests of one connection
		}{{"full load", 0}, {"500 a second", connections * time.Second / 500}} {
			var now, old, proxied measured
			for range rounds {
				now.add(load(b, site, cookie, pace.every, pid))
				proxied.add(load(b, proxy.URL, cookie, pace.every, 0))
				if oldPID != 0 {
					oldCookie.Set("Accept-Encoding", encoding)
					old.add(load(b, oldSite, oldCookie, pace.every, oldPID))
				}
			}
			what := "50-row list, warm, " + encoding + ", 32 connections, " + pace.name + ", "
			line := func(figure string, took, baseline time.Duration, budget string) {
				t.line(what+figure, ms(took), ms(baseline)+" reverse proxy, same bytes", ratio(took, baseline), budget)
			}
			baseline := ""
			if oldPID != 0 {
				baseline = ms(old.page()) + " before"
			}
			share := ratio(now.page(), old.page())
			t.line(what+"processor time per page", ms(now.page()), baseline, share, "-")
			line("p50", now.percentile(0.50), proxied.percentile(0.50), "-")
			line("p99", now.percentile(0.99), proxied.percentile(0.99), "-")
			switch {
			case encoding != "gzip":
			case pace.every == 0:
				figure := what + "processor time per page, of the time before"
				if oldPID == 0 {
					t.budget(figure, "", "0.40", 0)
				} else {
					t.budget(figure, fmt.Sprintf("%.2f", share), "0.40", share/0.4)
				}
				p50 := ratio(now.percentile(0.5), proxied.percentile(0.5))
				p99 := ratio(now.percentile(0.99), proxied.percentile(0.99))
				t.budget(what+"p50, of that of a reverse proxy", fmt.Sprintf("%.2f", p50), "1.50 (aim)", p50/1.5)
				t.budget(what+"p99, of that of a reverse proxy", fmt.Sprintf("%.2f", p99), "2.00 (aim)", p99/2)
			default:
				took := now.percentile(0.99)
				t.budget(what+"p99", ms(took), "10 ms", ratio(took, 10*time.Millisecond))
			}
		}
		proxy.Close()
	}
}

// serveLargeAccount starts the demo with the large account. It returns the address of a page of the list of subusers,
// the cookies of an admin, and the id of the process.
func serveLargeAccount(b *testing.B, binary string) (address string, cookie http.Header, pid int) {
	b.Helper()
	server := startDemo(b, binary, "-company", "large", "-subusers", strconv.Itoa(subuserCount))
	b.Cleanup(server.stop)
	visitor := (&apptest.Site{URL: server.url}).Visit(b, policy.Admin)
	waitForList(b, visitor)
	waitUntilIdle(b, server.pid())
	return server.url + "/subusers?page=3", visitor.Cookie(), server.pid()
}

// waitUntilIdle waits until a process works no more: after a listing, a console compares and stores what it found.
func waitUntilIdle(b *testing.B, pid int) {
	b.Helper()
	for used := time.Duration(-1); used != processorTime(b, pid); {
		used = processorTime(b, pid)
		time.Sleep(time.Second)
	}
}

// serveBehindProxy returns a reverse proxy in front of a server that sends the response of an address as it came.
func serveBehindProxy(b *testing.B, address string, header http.Header) *httptest.Server {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	body, encoding, err := fetch(client, address, header)
	if err != nil {
		b.Fatal(err)
	}
	if zipped := encoding == "gzip"; zipped != (header.Get("Accept-Encoding") == "gzip") {
		b.Fatalf("asked for %q, got %q", header.Get("Accept-Encoding"), encoding)
	}
	fixed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		_, _ = w.Write(body)
	}))
	b.Cleanup(fixed.Close)
	target, err := url.Parse(fixed.URL)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: connections}
	return httptest.NewServer(proxy)
}

// rendering renders a list of 50 rows into a buffer. The baseline copies the finished page.
func rendering(b *testing.B, t table) {
	b.Helper()
	list := principals.List{
		Listing: page.NewListing(access.Subuser),
		Frame:   page.Frame{Heading: "Subusers"},
		Kind:    access.Subuser,
	}
	list.Freshness = page.Freshness{AsOf: time.Now()}
	list.Matches, list.Total, list.RowCount = subuserCount, subuserCount, 50
	list.Page, list.Pages, list.PerPage = 3, subuserCount/50, 50
	for i := range 50 {
		list.Rows = append(list.Rows, principals.Row{
			Principal: &access.Principal{
				Ref:         access.SubuserRef(int64(i + 1)),
				Name:        fmt.Sprintf("person_%d", i),
				Description: "Agent in the call centre, Brno",
				RolesKnown:  true,
				KeysKnown:   true,
			},
			Roles: []page.RoleAssignment{{ID: 3, Name: "Support"}, {ID: 7, Name: "Accountant"}},
		})
	}
	component := principals.ListPage(list)
	var finished bytes.Buffer
	if err := component.Render(context.Background(), &finished); err != nil {
		b.Fatal(err)
	}
	draw := median(300, func() {
		var out bytes.Buffer
		_ = component.Render(context.Background(), &out)
	})
	copied := median(300, func() {
		var out bytes.Buffer
		_, _ = out.Write(finished.Bytes())
	})
	t.line("rendering 50 rows into a buffer", ms(draw), ms(copied)+" copying its bytes", ratio(draw, copied), "0.1 ms")
	t.budget("drawing 50 rows", ms(draw), "0.1 ms", ratio(draw, 100*time.Microsecond))
}

// latencies are the durations of requests, in ascending order.
type latencies []time.Duration

func (l latencies) percentile(share float64) time.Duration { return l[int(share*float64(len(l)-1))] }

// measured is what a load cost.
type measured struct {
	latencies
	requests  int
	processor time.Duration // of the server's process
}

// add adds another load.
func (m *measured) add(other measured) {
	m.latencies = append(m.latencies, other.latencies...)
	slices.Sort(m.latencies)
	m.requests += other.requests
	m.processor += other.processor
}

// page returns the processor time of one request.
func (m *measured) page() time.Duration { return m.processor / time.Duration(max(m.requests, 1)) }

// load sends requests over the connections. Each connection sends one request at a time, and at most one in each period
// every; the connections begin evenly spread over the period. pid is the server's process, 0 when its processor time
// does not matter.
func load(b *testing.B, address string, header http.Header, every time.Duration, pid int) measured {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all latencies
	var group sync.WaitGroup
	used := func() time.Duration {
		if pid == 0 {
			return 0
		}
		return processorTime(b, pid)
	}
	before := used()
	for n := range connections {
		group.Go(func() {
			time.Sleep(every * time.Duration(n) / connections)
			for i := range requests / connections {
				began := time.Now()
				if _, _, err := fetch(client, address, header); err != nil {
					b.Error(err)
					return
				}
				took := time.Since(began)
				if i > 0 { // the first includes the time to connect
					mu.Lock()
					all = append(all, took)
					mu.Unlock()
				}
				time.Sleep(every - took)
			}
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return measured{all, requests / connections * connections, used() - before}
}

// processorTime returns the time that a process has spent on processors, in user mode and in the kernel, in steps of
// 10 ms.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name of the program, in brackets, may contain blanks. utime is the 12th field after it, stime the 13th.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, userErr := strconv.Atoi(fields[11])
	kernel, kernelErr := strconv.Atoi(fields[12])
	if err := errors.Join(userErr, kernelErr); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+kernel) * 10 * time.Millisecond
}

// fetch returns the body of a response as it was sent, and its Content-Encoding.
func fetch(client *http.Client, address string, header http.Header) ([]byte, string, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, "", err
	}
	request.Header = header.Clone()
	response, err := client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, "", err
	}
	if response.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s: status %d", address, response.StatusCode)
	}
	return body, response.Header.Get("Content-Encoding"), nil
}

// median runs a function several times and returns the median duration.
func median(times int, run func()) time.Duration {
	all := make(latencies, 0, times)
	for range times {
		began := time.Now()
		run()
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all.percentile(0.5)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d)/float64(time.Millisecond)) }

func ratio(measured, baseline time.Duration) float64 {
	return float64(measured) / float64(max(baseline, 1))
}
