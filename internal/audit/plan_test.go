package audit

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
)

// The record only ever grows, and these are asked for on every page or every few seconds.
func TestWhatIsAskedOftenIsFoundByIndex(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for name, c := range map[string]struct {
		filter Filter
		index  string
	}{
		"what is open":                 {Filter{Open: true}, "operations_open"},
		"what is open in an account":   {Filter{Account: 7, Open: true}, "operations_open"},
		"the newest of an account":     {Filter{Account: 7}, "operations_by_time"},
		"a subuser's":                  {Filter{Account: 7, TargetKind: "subuser", TargetID: "12"}, "operations_by_target"},
		"a subuser's, and of its name": {Filter{Account: 7, TargetKind: "subuser", TargetID: "12", TargetName: "anna"}, "operations_by_target"},
	} {
		query, args := c.filter.query()
		rows, err := db.SQL().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if len(plan) == 0 || !strings.Contains(plan[0], "USING INDEX "+c.index) {
			t.Errorf("%s: %s", name, strings.Join(plan, "; "))
		}
	}
}
