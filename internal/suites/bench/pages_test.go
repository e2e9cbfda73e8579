package bench

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

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

// pageLatency requests the 50-row list over many connections. The baselines are a bare reverse proxy to the simulator
// with a listing of 50 rows, and a server that sends the finished page.
func pageLatency(b *testing.B, t table, site *apptest.Site, visitor *apptest.Visitor) {
	b.Helper()
	vendor := httptest.NewServer(site.Sim)
	defer vendor.Close()
	target, err := url.Parse(vendor.URL)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httptest.NewServer(httputil.NewSingleHostReverseProxy(target))
	defer proxy.Close()
	finished := visitor.Get("/subusers?page=3").Body
	fixed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, finished)
	}))
	defer fixed.Close()

	// At full load requests queue for the cores, which they share with the clients in this process. 500 requests a second
	// are more than operators send, and show the latency of one request.
	for _, pace := range []struct {
		name  string
		every time.Duration // between two requests of one connection
	}{{"full load", 0}, {"500 a second", connections * time.Second / 500}} {
		console := load(b, site.URL+"/subusers?page=3", visitor.Cookie(), pace.every)
		listing := proxy.URL + "/platform_api/GetSubUsers?count=50&with_roles=true"
		token := http.Header{"Authorization": {"Bearer " + signToken(b, site)}}
		proxied := load(b, listing, token, pace.every)
		bytesOnly := load(b, fixed.URL, nil, pace.every)
		for _, p := range []struct {
			name   string
			at     float64
			budget string
		}{{"p50", 0.50, "-"}, {"p99", 0.99, "10 ms"}} {
			what, took := "50-row list, warm, 32 connections, "+pace.name+", "+p.name, console.percentile(p.at)
			t.line(
				what,
				ms(took),
				ms(proxied.percentile(p.at))+" reverse proxy to the vendor",
				ratio(took, proxied.percentile(p.at)),
				p.budget,
			)
			t.line(
				what,
				ms(took),
				ms(bytesOnly.percentile(p.at))+" the same page as fixed bytes",
				ratio(took, bytesOnly.percentile(p.at)),
				p.budget,
			)
		}
	}
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

// load sends requests over the connections and returns their durations. Each connection sends one request at a time,
// and at most one in each period every.
func load(b *testing.B, address string, header http.Header, every time.Duration) latencies {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all latencies
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			for i := range requests / connections {
				began := time.Now()
				if err := fetch(client, address, header); err != nil {
					b.Error(err)
					return
				}
				if i == 0 {
					continue // includes the time to connect
				}
				took := time.Since(began)
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
				time.Sleep(every - took)
			}
		})
	}
	group.Wait()
	slices.Sort(all)
	return all
}

func fetch(client *http.Client, address string, header http.Header) error {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header = header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || strings.Contains(string(body[:min(len(body), 20)]), "error") {
		return fmt.Errorf("%s: status %d", address, response.StatusCode)
	}
	return nil
}

// signToken returns a token for the Management API, signed with the account's key.
func signToken(b *testing.B, site *apptest.Site) string {
	b.Helper()
	var key struct {
		KeyID      string `json:"key_id"`
		PrivateKey string `json:"private_key"`
	}
	if err := json.Unmarshal(site.Sim.Credentials(), &key); err != nil {
		b.Fatal(err)
	}
	var private *rsa.PrivateKey
	private, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(key.PrivateKey))
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	claims := jwt.MapClaims{"iss": site.Account, "iat": now.Unix() - 5, "exp": now.Unix() + 3000}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	unsigned.Header["kid"] = key.KeyID
	signed, err := unsigned.SignedString(private)
	if err != nil {
		b.Fatal(err)
	}
	return signed
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
