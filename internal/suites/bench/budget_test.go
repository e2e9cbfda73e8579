// Package bench measures the numbers that the house wants to hold and prints each beside a baseline that was
// measured in the same run, since machines differ. Nothing is asserted: `make bench` is for reading.
package bench

import (
	"fmt"
	"io"
	"os"
	"testing"
	"text/tabwriter"

	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// subuserCount is the size of the large account.
const subuserCount = 10_000

// BenchmarkBudget prints the whole table once, whatever b.N is.
func BenchmarkBudget(b *testing.B) {
	company, err := voxsim.CompanyNamed("large", subuserCount)
	if err != nil {
		b.Fatal(err)
	}
	site := apptest.NewSite(b, apptest.Options{Company: company})
	visitor := site.Visit(b, policy.Admin)
	t := newTable(os.Stdout)
	upstreamCalls(b, t, site, visitor)
	pageLatency(b, t, site, visitor)
	rendering(b, t)
	searching(b, t, site)
	transferSizes(b, t, visitor)
	painting(b, t, site, visitor)
	program(b, t)
	t.flush()
}

// table prints lines of what was measured, against which baseline, and the budget.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer) table {
	t := table{tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)}
	fmt.Fprintln(t.w, "\nwhat\tmeasured\tbaseline\tratio\tbudget")
	return t
}

// line adds a line; ratio is measured/baseline, left out when there is no baseline.
func (t table) line(what, measured, baseline string, ratio float64, budget string) {
	shown := "-"
	if baseline != "" {
		shown = fmt.Sprintf("%.2f", ratio)
	}
	fmt.Fprintf(t.w, "%s\t%s\t%s\t%s\t%s\n", what, measured, baseline, shown, budget)
}

func (t table) flush() { _ = t.w.Flush() }
