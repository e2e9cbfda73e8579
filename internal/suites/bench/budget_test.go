// Package bench measures the performance budgets and prints each number beside a baseline from the same run, since
// machines differ. It asserts nothing but the time of a cold list, which is virtual.
package bench

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"testing"
	"text/tabwriter"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// subuserCount is the number of subusers in the large account.
const subuserCount = 10_000

// BenchmarkBudget prints the table of all budgets but those of the audit log. It runs once and ignores b.N.
func BenchmarkBudget(b *testing.B) {
	company, err := voxsim.CompanyNamed("large", subuserCount)
	if err != nil {
		b.Fatal(err)
	}
	site := apptest.NewSite(b, apptest.Options{Company: company})
	visitor := site.Visit(b, policy.Admin)
	t := newTable(os.Stdout)
	upstreamCalls(b, t, site, visitor)
	pageCost(b, t, site, visitor)
	rendering(b, t)
	searching(b, t, site)
	transferSizes(b, t, visitor)
	painting(b, t, site, visitor)
	program(b, t)
	t.flush()
}

// BenchmarkBudgetSearchPage prints how long the server takes for the page of the search, which the search over each
// page asks for. The baseline is a page without a search, with the same frame. It runs once and ignores b.N.
func BenchmarkBudgetSearchPage(b *testing.B) {
	company, err := voxsim.CompanyNamed("large", subuserCount)
	if err != nil {
		b.Fatal(err)
	}
	site := apptest.NewSite(b, apptest.Options{Company: company})
	visitor := site.Visit(b, policy.Admin)
	t := newTable(os.Stdout)
	upstreamCalls(b, t, site, visitor)
	const repeats = 200
	frame := median(repeats, func() { visitor.TransferSize("/subusers/import") })
	for _, query := range []string{"", "anna", "a e support", "zeppelin"} {
		path := "/search?" + url.Values{"q": {query}}.Encode()
		took := median(repeats, func() { visitor.TransferSize(path) })
		t.line(
			fmt.Sprintf("10,000 subusers: page of the search %q", query),
			ms(took),
			ms(frame)+" a page without a search",
			ratio(took, frame),
			"5 ms",
		)
	}
	t.flush()
}

// table prints a line for each measurement, with its baseline and budget.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer) table {
	t := table{tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)}
	fmt.Fprintln(t.w, "\nwhat\tmeasured\tbaseline\tratio\tbudget")
	return t
}

// line adds a line. ratio is measured/baseline and is left out when baseline is "".
func (t table) line(what, measured, baseline string, ratio float64, budget string) {
	shown := "-"
	if baseline != "" {
		shown = fmt.Sprintf("%.2f", ratio)
	}
	fmt.Fprintf(t.w, "%s\t%s\t%s\t%s\t%s\n", what, measured, baseline, shown, budget)
}

func (t table) flush() { _ = t.w.Flush() }
