// Package bench measures the performance budgets and prints each number beside a baseline from the same run, since
// machines differ. It asserts nothing but the time of a cold list, which is virtual.
package bench

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
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
	binary := buildProgram(b)
	t := newTable(os.Stdout)
	upstreamCalls(b, t, site, visitor)
	pageCost(b, t, binary)
	rendering(b, t)
	searching(b, t, site)
	transferSizes(b, t, visitor)
	painting(b, t, site, visitor)
	program(b, t, binary)
	memory(b, t)
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

// table prints a line for each measurement, with its baseline and budget, and then a short table of the budgets.
type table struct {
	w       *tabwriter.Writer
	budgets *[]string // lines of the short table
}

func newTable(out io.Writer) table {
	t := table{tabwriter.NewWriter(out, 0, 4, 2, ' ', 0), &[]string{}}
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

// budget adds a line to the short table. share is the part of the budget that was needed, 0 when it was not measured.
func (t table) budget(what, measured, budget string, share float64) {
	met := "met"
	switch {
	case share > 1:
		met = "not met"
	case measured == "":
		measured, met = "-", "not measured"
	}
	*t.budgets = append(*t.budgets, fmt.Sprintf("%s\t%s\t%s\t%s\n", what, measured, budget, met))
}

func (t table) flush() {
	if len(*t.budgets) > 0 {
		_ = t.w.Flush() // the columns of the short table have widths of their own
		fmt.Fprint(t.w, "\nbudget\tmeasured\tat most\t\n", strings.Join(*t.budgets, ""))
	}
	_ = t.w.Flush()
}
