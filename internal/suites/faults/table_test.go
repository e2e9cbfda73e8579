package faults

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// table is the fault matrix with what happened, as in docs/faults.md. It is safe for concurrent use.
type table struct {
	mu    sync.Mutex
	lines map[int]string
}

func (t *table) add(at int, line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[int]string{}
	}
	t.lines[at] = line
}

// String returns the table in Markdown, in the order of the rows.
func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := "| engine | fault | `/readyz` | a change gets | recovery |\n|---|---|---|---|---|\n"
	for _, at := range slices.Sorted(maps.Keys(t.lines)) {
		text += t.lines[at] + "\n"
	}
	return text
}

// result returns the line of a row.
func (w *world) result() string {
	recovery := fmt.Sprintf("%.0f s", max(w.recovery, time.Second).Seconds())
	switch {
	case w.row.repair != "":
		recovery = w.row.repair + ": " + recovery
	case w.row.stop:
		recovery = "restart: " + recovery
	}
	if w.Failed() {
		recovery += " **failed**"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |",
		w.row.engine, w.row.fault, w.readinessSeen(), w.changesSeen(), recovery)
}

// readinessSeen returns the last status of /readyz during the fault, and when it was seen first.
func (w *world) readinessSeen() string {
	status, since := 0, time.Duration(0)
	for _, s := range w.during("/readyz") {
		if s.status != status {
			status, since = s.status, s.end.Sub(w.began)
		}
	}
	if status == http.StatusOK {
		return "200"
	}
	return fmt.Sprintf("%d within %.0f s", status, math.Ceil(since.Seconds()))
}

// changesSeen returns the different results of changes during the fault, without those before it was noticed.
func (w *world) changesSeen() string {
	changes, settled := w.during("change"), w.begun.Add(mostTimeToAgree)
	late := slices.DeleteFunc(slices.Clone(changes), func(s sample) bool { return s.end.Before(settled) })
	if len(late) > 0 {
		changes = late
	}
	var seen []string
	for _, s := range changes {
		text := "recorded"
		switch {
		case !s.ok():
			text, _, _ = strings.Cut(s.text, ". ")
			text = fmt.Sprintf("%d: %s", s.status, strings.TrimSuffix(text, "."))
		case w.row.vendor && s.text != "":
			text = "recorded: " + probeName().ReplaceAllString(s.text, "X")
		}
		if !slices.Contains(seen, text) {
			seen = append(seen, text)
		}
	}
	return strings.Join(seen, "; ")
}

func probeName() *regexp.Regexp { return regexp.MustCompile(`probe_\d+`) }

// during returns the samples of a kind that began and ended during the fault.
func (w *world) during(what string) []sample {
	return slices.DeleteFunc(slices.Clone(w.probes.all()), func(s sample) bool {
		return !strings.HasPrefix(s.what, what) || s.start.Before(w.began) || s.end.After(w.ending) || w.whileDown(s)
	})
}

// TestDocumentedRows requires that the table in docs/faults.md has exactly the rows of the matrix.
func TestDocumentedRows(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, want []string
	for line := range strings.Lines(string(content)) {
		cells := strings.Split(line, " | ")
		if engine := strings.TrimPrefix(cells[0], "| "); len(cells) == 5 && (engine == sqlite || engine == postgres) {
			documented = append(documented, engine+" "+cells[1])
		}
	}
	for _, r := range rows() {
		want = append(want, r.engine+" "+r.fault)
	}
	if !slices.Equal(documented, want) {
		t.Errorf("docs/faults.md has the rows\n%s\nwant\n%s", strings.Join(documented, "\n"), strings.Join(want, "\n"))
	}
}
