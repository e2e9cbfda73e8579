package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/principals"
)

const (
	connections = 32
	requests    = 3_000
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
	t.line("warm pages: upstream calls for six of them", fmt.Sprint(len(site.Sim.Calls())-before), "", 0, "0")
}

// pageCost requests the 50-row list over many connections, compressed as browsers ask for it, and not compressed. The
// baseline is a reverse proxy in front of a server that sends the same bytes, already compressed. Clients and servers
// share this process, so its processor time contains the clients of both sides, and the proxy's server.
func pageCost(b *testing.B, t table, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	for _, encoding := range []string{"gzip", "identity"} {
		header := visitor.Cookie()
		header.Set("Accept-Encoding", encoding)
		proxy := serveBehindProxy(b, site.URL+"/subusers?page=3", header)
		// At full load requests queue for the cores. 500 requests a second are more than operators send, and show the
		// latency of one request.
		for _, pace := range []struct {
			name  string
			every time.Duration // between two requests of one connection
		}{{"full load", 0}, {"500 a second", connections * time.Second / 500}} {
			console := load(b, site.URL+"/subusers?page=3", header, pace.every)
			proxied := load(b, proxy.URL, header, pace.every)
			what := "50-row list, warm, " + encoding + ", 32 connections, " + pace.name + ", "
			line := func(figure string, took, baseline time.Duration, budget string) {
				t.line(what+figure, ms(took), ms(baseline)+" reverse proxy, same bytes", ratio(took, baseline), budget)
			}
			line("processor time per page", console.processor, proxied.processor, "-")
			line("p50", console.percentile(0.50), proxied.percentile(0.50), "-")
			line("p99", console.percentile(0.99), proxied.percentile(0.99), "10 ms")
		}
		proxy.Close()
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
			Principal: access.Principal{
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
	t.line("rendering 50 rows into a buffer", ms(draw), ms(copied)+" copying its bytes", ratio(draw, copied), "1 ms")
}

// latencies are the durations of requests, in ascending order.
type latencies []time.Duration

func (l latencies) percentile(share float64) time.Duration { return l[int(share*float64(len(l)-1))] }

// measured is what a load cost.
type measured struct {
	latencies
	processor time.Duration // of this process, per request
}

// load sends requests over the connections. Each connection sends one request at a time, and at most one in each period
// every.
func load(b *testing.B, address string, header http.Header, every time.Duration) measured {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all latencies
	var group sync.WaitGroup
	before := processorTime(b)
	for range connections {
		group.Go(func() {
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
	used := processorTime(b) - before
	slices.Sort(all)
	return measured{all, used / (requests / connections * connections)}
}

// processorTime returns the time that this process has spent on processors, in user mode and in the kernel.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
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
