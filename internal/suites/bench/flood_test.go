package bench

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

const (
	floodSearches = 16 // at once, by one operator
	floodPages    = 1_000
)

// BenchmarkBudgetImports prints the memory that ten imports at once take. It runs once and ignores b.N.
func BenchmarkBudgetImports(b *testing.B) {
	t := newTable(os.Stdout)
	floodOfImports(b, t)
	t.flush()
}

// floodOfSearches measures how long an admin waits for the list of subusers and for an edit while an auditor searches
// the audit log for a text that does not occur. The baselines are the same without the searches.
func floodOfSearches(b *testing.B, t table, engine string, site *apptest.Site) {
	b.Helper()
	admin, auditor := site.Visit(b, policy.Admin), site.Visit(b, policy.Auditor)
	waitForList(b, admin)
	idlePages, idleChange := adminWork(b, site, admin)

	stop := make(chan struct{})
	var flood sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floodSearches}}
	address := site.URL + "/audit?" + url.Values{"q": {"nowhere"}, "from": {"2020-01-01"}}.Encode()
	for range floodSearches {
		flood.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				status := search(b, client, address, auditor.Cookie())
				mu.Lock()
				statuses[status]++
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Second)
	pages, change := adminWork(b, site, admin)
	close(stop)
	client.CloseIdleConnections()
	flood.Wait()

	name := fmt.Sprintf("%s, %d searches at once over %d operations: ", engine, floodSearches, auditOperations)
	for _, share := range []float64{0.5, 0.99} {
		measured, idle := pages.percentile(share), idlePages.percentile(share)
		budget := "-"
		if share == 0.99 {
			budget = "100 ms"
		}
		t.line(
			fmt.Sprintf("%san admin's list, p%.0f", name, share*100),
			ms(measured),
			ms(idle)+" without searches",
			ratio(measured, idle),
			budget,
		)
	}
	t.line(name+"an edit", ms(change), ms(idleChange)+" without searches", ratio(change, idleChange), "-")
	t.line(name+"responses by status", fmt.Sprint(statuses), "", 0, "-")
}

// search requests a search and returns its status.
func search(b *testing.B, client *http.Client, address string, header http.Header) int {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.Error(err)
		return 0
	}
	request.Header = header.Clone()
	response, err := client.Do(request)
	if err != nil {
		b.Error(err)
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// waitForList waits until the account was read.
func waitForList(b *testing.B, visitor *apptest.Visitor) {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if page := visitor.Get("/subusers"); page.Find("tbody tr").Length() > 1 {
			return
		} else if time.Now().After(deadline) {
			b.Fatalf("no list after a minute:\n%s", page.Body)
		}
	}
}

// adminWork requests the list of subusers again and again, and then edits the description of a subuser. It returns the
// durations.
func adminWork(b *testing.B, site *apptest.Site, admin *apptest.Visitor) (pages latencies, change time.Duration) {
	b.Helper()
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for n := range floodPages + 1 {
		began := time.Now()
		if _, _, err := fetch(client, site.URL+"/subusers?page=3", admin.Cookie()); err != nil {
			b.Fatal(err)
		}
		if n > 0 { // the first one includes the time to connect
			pages = append(pages, time.Since(began))
		}
	}
	slices.Sort(pages)
	path, _ := admin.Get("/subusers?page=3").Find(`tbody a[href^="/subusers/"]`).First().Attr("href")
	values := admin.Get(path+"/edit").FormValues(b, path+"/edit")
	values.Set("description", "Edited at "+time.Now().Format(time.RFC3339Nano))
	began := time.Now()
	page := admin.Post(path+"/edit", values)
	change = time.Since(began)
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "Edited at") {
		b.Fatalf("editing: %d\n%s", page.Status, page.Text())
	}
	return pages, change
}

// concurrentImports is the number of files that are imported at once, each of MaxFileBytes.
const concurrentImports = 10

// floodOfImports measures the memory of the program while files are imported that are made to take much of it.
func floodOfImports(b *testing.B, t table) {
	b.Helper()
	binary := buildProgram(b)
	for _, file := range []struct {
		name    string
		content []byte
	}{
		{"only commas", bytes.Repeat([]byte(","), bulk.MaxFileBytes)},
		{"unknown role names", append([]byte("login,roles\n"),
			bytes.Repeat([]byte("anna_k,\""+strings.Repeat("ab,", 190)+"\"\n"), 7000)...)},
	} {
		idle, peak := importMemory(b, binary, file.content)
		t.line(
			fmt.Sprintf("%d imports of %.1f MiB at once, %s: memory at most", concurrentImports,
				float64(len(file.content))/(1<<20), file.name),
			fmt.Sprintf("%.1f MiB more", peak-idle),
			"200 MiB the budget",
			(peak-idle)/200,
			"200 MiB",
		)
	}
}

// importMemory starts the demo, imports a file several times at once as each of two operators, and returns the
// resident memory before, and the most that it was, in MiB.
func importMemory(b *testing.B, binary string, file []byte) (idle, peak float64) {
	b.Helper()
	server := startDemo(b, binary)
	defer server.stop()
	site := &apptest.Site{URL: server.url}
	visitors := []*apptest.Visitor{site.Visit(b, policy.Admin), site.Visit(b, policy.Editor)}
	time.Sleep(2 * time.Second)
	idle = memoryMiB(b, server.pid(), "VmRSS")
	var imports sync.WaitGroup
	for n := range concurrentImports {
		visitor := visitors[n%len(visitors)]
		token := visitor.Get("/subusers/import").FormValues(b, "/subusers/import").Get("token")
		imports.Go(func() { upload(b, server.url+"/subusers/import", visitor.Cookie(), token, file) })
	}
	imports.Wait()
	return idle, memoryMiB(b, server.pid(), "VmHWM")
}

// upload sends a file. Its outcome does not matter.
func upload(b *testing.B, address string, header http.Header, token string, file []byte) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("token", token)
	part, err := form.CreateFormFile("file", "subusers.csv")
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = part.Write(file)
	_ = form.Close()
	request, err := http.NewRequest(http.MethodPost, address, &body)
	if err != nil {
		b.Error(err)
		return
	}
	request.Header = header.Clone()
	request.Header.Set("Content-Type", form.FormDataContentType())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return // refused before the whole body was sent
	}
	_ = response.Body.Close()
}
