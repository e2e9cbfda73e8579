// Package bench measures the performance budgets and prints each number beside a baseline from the same run, since
// machines differ. It asserts nothing.
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
	pageLatency(b, t, site, visitor)
	rendering(b, t)
	searching(b, t, site)
	transferSizes(b, t, visitor)
	painting(b, t, site, visitor)
	program(b, t)
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
