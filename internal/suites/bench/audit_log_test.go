package bench

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

const (
	auditOperations = 1_000_000 // operations in the large audit log, with two events each
	actorCount      = 40        // operators who began them
	account         = 3456750   // the account of the simulated companies
)

// BenchmarkBudgetAuditLog prints, for both engines, the time of a write to an empty audit log. Of one with a million
// operations it prints the time from start to ready, of searches and exports, and how searches slow down other pages.
// It fills one database for all of them. It runs once and ignores b.N.
func BenchmarkBudgetAuditLog(b *testing.B) {
	for _, engine := range []struct {
		name  string
		fresh storetest.Fresh
	}{{"SQLite", storetest.SQLite}, {"PostgreSQL", storetest.EmptyPostgres}} {
		b.Run(engine.name, func(b *testing.B) {
			t := newTable(os.Stdout)
			auditWrites(b, t, engine.name, storetest.Open(b, engine.fresh(b)))
			company, err := voxsim.CompanyNamed("large", subuserCount)
			if err != nil {
				b.Fatal(err)
			}
			database := engine.fresh(b)
			small := process.New(b, process.Options{Database: engine.fresh(b), Company: company})
			large := process.New(b, process.Options{Database: database, Company: company})
			newest := time.Now().UTC().Add(-time.Hour)
			fillAuditLog(b, database, newest)
			startsWithAuditLog(b, t, engine.name, small, large)

			site := apptest.NewSite(b, apptest.Options{Company: company, Database: database})
			auditPages(b, t, engine.name, site)
			auditSearches(b, t, engine.name, site.AuditLog, newest)
			auditExports(b, t, engine.name, site.AuditLog, newest)
			floodOfSearches(b, t, engine.name, site)
			t.flush()
		})
	}
}

// fillAuditLog writes the million operations to a database that the program has created.
func fillAuditLog(b *testing.B, database string, newest time.Time) {
	b.Helper()
	db, err := store.Open(b.Context(), database)
	if err != nil {
		b.Fatal(err)
	}
	fill := auditFill{account: account, operations: auditOperations, newest: newest}
	if err := errors.Join(fill.write(b.Context(), db, database), db.Close()); err != nil {
		b.Fatal(err)
	}
}

// startsWithAuditLog measures the time from start to ready of the program with a full audit log. The baseline is a
// start with an empty one; the starts take turns.
func startsWithAuditLog(b *testing.B, t table, engine string, small, large *process.Fixture) {
	b.Helper()
	const times = 7
	var emptyLog, fullLog latencies
	for range times {
		emptyLog = append(emptyLog, startToReady(b, small))
		fullLog = append(fullLog, startToReady(b, large))
	}
	slices.Sort(emptyLog)
	slices.Sort(fullLog)
	took, baseline := fullLog.percentile(0.5), emptyLog.percentile(0.5)
	t.line(
		engine+", 1,000,000 operations: start to ready",
		ms(took),
		ms(baseline)+" with an empty audit log",
		ratio(took, baseline),
		"1.20",
	)
}

// startToReady starts a console, stops it when it is ready, and returns the time in between.
func startToReady(b *testing.B, fixture *process.Fixture) time.Duration {
	b.Helper()
	began := time.Now()
	console := fixture.Start(b)
	waitForReady(b, "http://"+console.Address)
	took := time.Since(began)
	if err := console.Stop(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	return took
}

// auditPages measures the page of the audit log with a text, which is searched in the last 90 days. The baseline is a
// page of the list of subusers.
func auditPages(b *testing.B, t table, engine string, site *apptest.Site) {
	b.Helper()
	visitor := site.Visit(b, policy.Admin)
	waitForList(b, visitor)
	list := median(50, func() { visitor.TransferSize("/subusers?page=3") })
	for _, c := range []struct{ name, text string }{
		{"a frequent word", "agreed"},
		{"a rare word", rareText},
		{"a word that does not occur", "nowhere"},
		{"the name of an operator", "person 7 "},
	} {
		path := "/audit?" + url.Values{"q": {c.text}}.Encode()
		if page := visitor.Get(path); page.Status != http.StatusOK {
			b.Fatalf("%s: status %d\n%s", path, page.Status, page.Text())
		}
		took := median(7, func() { visitor.TransferSize(path) })
		t.line(
			engine+", 1,000,000 operations: page of the audit log, 90 days, "+c.name,
			ms(took),
			ms(list)+" the list of subusers",
			ratio(took, list),
			"-",
		)
	}
}

// auditSearches measures searches for pages of 50 operations. The baseline is one operation by its id.
func auditSearches(b *testing.B, t table, engine string, auditLog *audit.Log, newest time.Time) {
	b.Helper()
	byID := median(50, func() {
		if _, err := auditLog.Operation(b.Context(), operationID(auditOperations/2)); err != nil {
			b.Fatal(err)
		}
	})
	week := audit.Search{Account: account, From: newest.AddDate(0, -6, 0), To: newest.AddDate(0, -6, 7)}
	with := func(change func(*audit.Search)) audit.Search { s := week; change(&s); return s }
	middle := audit.Cursor{At: newest.AddDate(-1, 0, 0), ID: operationID(0)}
	for _, c := range []struct {
		name   string
		search audit.Search
		at     audit.Cursor
		times  int
	}{
		{"by operator and time", with(func(s *audit.Search) { s.Actor = "person 7 " }), audit.Cursor{}, 20},
		{"by eleven operators and time", with(func(s *audit.Search) { s.Actor = "person 3" }), audit.Cursor{}, 20},
		{
			"by operator, time, action and a rare result",
			with(func(s *audit.Search) {
				s.Actor = "person 7 "
				s.Action = audit.EditKey
				s.Result = audit.Refused
			}),
			audit.Cursor{},
			20,
		},
		{"everything, the newest page", audit.Search{Account: account}, audit.Cursor{}, 20},
		{"entries, the newest page", audit.Search{Account: account, Entries: true}, audit.Cursor{}, 20},
		{"entries, by operator and time", with(func(s *audit.Search) {
			s.Actor, s.Entries = "person 7 ", true
		}), audit.Cursor{}, 20},
		{"entries, by a result", audit.Search{Account: account, Result: audit.Refused, Entries: true}, audit.Cursor{}, 20},
		{"by bulk change", audit.Search{Account: account, BulkID: bulkID(bulkEvery)}, audit.Cursor{}, 20},
		{"everything, a page in the middle", audit.Search{Account: account}, middle, 20},
		{"by a rare result", audit.Search{Account: account, Result: audit.PartlyApplied}, audit.Cursor{}, 20},
		{"open operations", audit.Search{Account: account, Result: audit.OnlyOpen}, audit.Cursor{}, 20},
		{"by target", audit.Search{Account: account, Target: "login_4711"}, audit.Cursor{}, 20},
		{"by a text that does not occur, in a week", with(func(s *audit.Search) { s.Text = "nowhere" }), audit.Cursor{}, 5},
		{
			"by a text that does not occur, in 90 days",
			audit.Search{Account: account, Text: "nowhere", From: newest.AddDate(0, 0, -90)},
			audit.Cursor{},
			3,
		},
	} {
		took := median(c.times, func() {
			if _, err := auditLog.Before(b.Context(), c.search, c.at, 50); err != nil {
				b.Fatal(err)
			}
		})
		budget := "50 ms"
		if c.search.Text != "" {
			budget = "-"
		}
		t.line(
			engine+", 1,000,000 operations: "+c.name,
			ms(took),
			ms(byID)+" one operation by its id",
			ratio(took, byID),
			budget,
		)
	}
}

// auditExports exports a tenth of the audit log and all of it, and compares the heap, which must not grow with the
// rows.
func auditExports(b *testing.B, t table, engine string, auditLog *audit.Log, newest time.Time) {
	b.Helper()
	var peaks []float64
	for _, c := range []struct {
		name   string
		format audit.Format
		search audit.Search
	}{
		{
			"a tenth, JSON Lines",
			audit.JSONLines,
			audit.Search{Account: account, From: newest.Add(-auditOperations / 10 * time.Minute)},
		},
		{"all, JSON Lines", audit.JSONLines, audit.Search{Account: account}},
		{"a tenth, CSV", audit.CSV, audit.Search{Account: account, From: newest.Add(-auditOperations / 10 * time.Minute)}},
	} {
		var out lineCounter
		peak := 0.0
		began := time.Now()
		err := handlers.AuditExporter().Export(b.Context(), auditLog, c.search, c.format, &out, func() error {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, float64(m.HeapInuse)/(1<<20))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		peaks = append(peaks, peak)
		perSecond := float64(out.lines) / took.Seconds()
		t.line(
			engine+", export: "+c.name,
			fmt.Sprintf("%.0f operations/s, %.0f events/s", perSecond, 2*perSecond),
			"",
			0,
			"-",
		)
		t.line(
			engine+", export: "+c.name+", heap at most",
			fmt.Sprintf("%.1f MiB", peak),
			fmt.Sprintf("%.1f MiB for a tenth", peaks[0]),
			peak/peaks[0],
			"constant",
		)
	}
}

// lineCounter is a writer that counts lines.
type lineCounter struct{ lines int }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.lines += strings.Count(string(p), "\n")
	return len(p), nil
}
