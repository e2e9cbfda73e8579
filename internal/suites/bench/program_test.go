package bench

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
	"github.com/voxwarden/voxwarden/static"
)

// searching measures searches of the large account. The baseline is a loop over 10,000 logins.
func searching(b *testing.B, t table, site *apptest.Site) {
	b.Helper()
	ask := func(f directory.Filter) directory.Page {
		page, err := site.Directory.List(context.Background(), site.Account, access.Subuser, f)
		if err != nil {
			b.Fatal(err)
		}
		return page
	}
	all := ask(directory.Filter{PerPage: -1}).Rows
	loop := median(200, func() {
		found := 0
		for _, s := range all {
			if strings.Contains(s.Name, "anna") {
				found++
			}
		}
	})
	var slowest time.Duration
	for _, c := range []struct {
		name   string
		filter directory.Filter
	}{
		{"search \"anna\"", directory.Filter{Query: "anna"}},
		{"search of three words", directory.Filter{Query: "a e support"}},
		{"filter by role, sort by description", directory.Filter{Role: "Support", Sort: "description", Desc: true}},
		{"page 150 of 200", directory.Filter{Page: 150}},
	} {
		took := median(200, func() { ask(c.filter) })
		slowest = max(slowest, took)
		t.line("10,000 subusers: "+c.name, ms(took), ms(loop)+" a loop over the logins", ratio(took, loop), "1 ms")
	}
	t.budget("search, filter, sort over 10,000, the slowest", ms(slowest), "1 ms", ratio(slowest, time.Millisecond))
}

// transferSizes prints the bytes of a page and of its assets, and the compressed bytes of a first visit and of a later
// page.
func transferSizes(b *testing.B, t table, visitor *apptest.Visitor) {
	b.Helper()
	page := visitor.Get("/subusers")
	html := visitor.TransferSize("/subusers")
	assets := map[string]int{}
	page.Find("link[href], script[src], img[src]").Each(func(_ int, e *goquery.Selection) {
		for _, name := range []string{"href", "src"} {
			if file, ok := e.Attr(name); ok && strings.HasPrefix(file, static.Prefix) {
				assets[path.Ext(file)] += visitor.TransferSize(file)
			}
		}
	})
	style, _ := page.Find("link[rel=stylesheet]").Attr("href")
	for _, image := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(visitor.Get(style).Body, -1) {
		assets[path.Ext(image[1])] += visitor.TransferSize(static.Prefix + image[1])
	}
	first := html
	for _, size := range assets {
		first += size
	}
	t.line("HTML of the list", kb(len(page.Body)), "20.0 KB the budget", float64(len(page.Body))/20_000, "20 KB")
	t.line("CSS, compressed", kb(assets[".css"]), "", 0, "-")
	t.line("JavaScript, compressed", kb(assets[".js"]), "", 0, "-")
	t.line("first visit to the list, compressed", kb(first), "35.0 KB the budget", float64(first)/35_000, "35 KB")
	t.line("later page, compressed", kb(html), "6.0 KB the budget", float64(html)/6_000, "6 KB")
	t.budget("first visit to the list, compressed", kb(first), "35 KB", float64(first)/35_000)
	t.budget("later page, compressed", kb(html), "6 KB", float64(html)/6_000)
}

func kb(bytes int) string { return fmt.Sprintf("%.1f KB", float64(bytes)/1000) }

// buildProgram builds the release binary and returns its path.
func buildProgram(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "server")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "../../../cmd/server")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	return binary
}

// program measures the size, the start time and the memory of the release binary.
func program(b *testing.B, t table, binary string) {
	b.Helper()
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	t.line(
		"binary, static",
		fmt.Sprintf("%.1f MB", float64(info.Size())/1e6),
		"30.0 MB the budget",
		float64(info.Size())/30e6,
		"30 MB",
	)

	versionTime := median(5, func() { _ = exec.Command(binary, "version").Run() })
	fixture := process.New(b, process.Options{Database: storetest.SQLite(b)})
	var starts latencies
	for range 7 {
		starts = append(starts, startToReady(b, fixture))
	}
	slices.Sort(starts)
	ready := starts.percentile(0.5)
	small := listedMemory(b, binary, "-company", "small")
	large := listedMemory(b, binary, "-company", "large", "-subusers", strconv.Itoa(subuserCount))
	t.line(
		"start to ready, SQLite",
		ms(ready),
		ms(versionTime)+" `server version`",
		ratio(ready, versionTime),
		"100 ms",
	)
	t.line("idle memory, simulator included", fmt.Sprintf("%.1f MiB", small), "40 MiB the budget", small/40, "40 MiB")
	t.line(
		"10,000 subusers in memory, in console and simulator",
		fmt.Sprintf("%.1f MiB more", large-small),
		"100 MiB the budget",
		(large-small)/100,
		"100 MiB",
	)
	t.budget("start to ready", ms(ready), "100 ms", ratio(ready, 100*time.Millisecond))
	t.budget("idle memory", fmt.Sprintf("%.1f MiB", small), "40 MiB", small/40)
	t.budget("binary", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), "30 MB", float64(info.Size())/30e6)
}

// memory measures the memory of a console without the simulator, with the small company and with 50,000 subusers, and
// the heap that the listing of 50,000 subusers takes.
func memory(b *testing.B, t table) {
	b.Helper()
	const subusers = 50_000
	company, err := voxsim.CompanyNamed("large", subusers)
	if err != nil {
		b.Fatal(err)
	}
	small := idleMemory(b, voxsim.SmallCompany())
	large := idleMemory(b, company)
	t.line(
		"50,000 subusers in memory, console alone",
		fmt.Sprintf("%.1f MiB, %.0f bytes for each", large, (large-small)*(1<<20)/subusers),
		fmt.Sprintf("%.1f MiB the small company", small),
		large/small,
		"-",
	)
	site := apptest.NewSite(b, apptest.Options{Company: company})
	empty := liveHeap()
	waitForList(b, site.Visit(b, policy.Admin))
	waitUntilIdle(b, os.Getpid())
	listed := liveHeap() - empty
	t.line("50,000 subusers, heap of the listing", fmt.Sprintf("%.1f MiB", listed), "", 0, "-")
	t.line("50,000 subusers, heap for each", fmt.Sprintf("%.0f bytes", listed*(1<<20)/subusers), "", 0, "-")
}

// liveHeap returns the heap of this process in MiB without garbage.
func liveHeap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // also empties pools
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// idleMemory returns the resident memory in MiB of a console that has listed a company and is idle since.
func idleMemory(b *testing.B, company voxsim.Company) float64 {
	b.Helper()
	fixture := process.New(b, process.Options{Database: storetest.SQLite(b), Company: company})
	console := fixture.Start(b)
	operator := process.NewOperator("anna", time.Minute)
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
		page, _, err := operator.Submit(http.MethodGet, console.Address, "/subusers", nil)
		if err == nil && page.Find("tbody tr").Length() > 1 {
			break
		}
		if time.Now().After(deadline) {
			b.Fatalf("no list after three minutes: %v", err)
		}
	}
	// The runtime gives memory back slowly.
	lowest := math.Inf(1)
	for range 20 {
		time.Sleep(time.Second)
		lowest = min(lowest, memoryMiB(b, console.PID(), "VmRSS"))
	}
	if err := console.Stop(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	return lowest
}

// listedMemory starts the demo and returns its resident memory in MiB after two requests for the list.
func listedMemory(b *testing.B, binary string, args ...string) float64 {
	b.Helper()
	server := startDemo(b, binary, args...)
	defer server.stop()
	visitor := (&apptest.Site{URL: server.url}).Visit(b, policy.Admin)
	visitor.Get("/subusers")
	time.Sleep(3 * time.Second)
	visitor.Get("/subusers")
	return memoryMiB(b, server.pid(), "VmRSS")
}

// demo is a running demo.
type demo struct {
	url     string
	command *exec.Cmd
}

func (d demo) pid() int { return d.command.Process.Pid }

func (d demo) stop() {
	_ = d.command.Process.Signal(os.Interrupt)
	_ = d.command.Wait()
}

// startDemo starts the demo and waits until it is ready.
func startDemo(b *testing.B, binary string, args ...string) demo {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	server := demo{url: "http://" + address}
	server.command = exec.Command(binary, append([]string{"-demo", "-listen", address}, args...)...)
	if err := server.command.Start(); err != nil {
		b.Fatal(err)
	}
	waitForReady(b, server.url)
	return server
}

// waitForReady waits until a server is ready.
func waitForReady(b *testing.B, address string) {
	b.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		response, err := http.Get(address + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			b.Fatal("the server was not ready after 20 seconds")
		}
	}
}

// memoryMiB returns the memory of a process in MiB: "VmRSS", what is resident, or "VmHWM", the most that was.
func memoryMiB(b *testing.B, pid int, name string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatalf("/proc/%d/status has no %s", pid, name)
	return 0
}
