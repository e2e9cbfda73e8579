package audit

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var usedIndex = regexp.MustCompile(`USING (?:COVERING )?INDEX (\S+)`)

// The plans are SQLite's: PostgreSQL plans by the contents of the tables. The audit log only grows, and these queries
// run for every page or every few seconds.
func TestFilterQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for name, c := range map[string]struct {
		filter Filter
		index  string
	}{
		"open operations":                     {Filter{Open: true}, "operations_open"},
		"open operations of an account":       {Filter{Account: 7, Open: true}, "operations_open"},
		"the newest operations of an account": {Filter{Account: 7}, "operations_by_time"},
		"the newest entries of an account":    {Filter{Account: 7, Entries: true}, "operations_entries"},
		"operations of a bulk change":         {Filter{Account: 7, BulkID: "x"}, "operations_by_bulk"},
		"operations on a subuser": {
			Filter{Account: 7, TargetKind: "subuser", TargetID: "12"},
			"operations_by_target",
		},
		"operations on a subuser or its name": {
			Filter{Account: 7, TargetKind: "subuser", TargetID: "12", TargetName: "anna"},
			"operations_by_target",
		},
	} {
		query, args := c.filter.query()
		plan := queryPlan(t, db, query, args)
		if len(plan) == 0 || !strings.Contains(plan[0], "USING INDEX "+c.index) {
			t.Errorf("%s: %s", name, strings.Join(plan, "; "))
		}
	}
}

// ListActiveSince runs after every listing, so it must not scan all operations.
func TestActiveSinceQueryUsesIndexes(t *testing.T) {
	t.Parallel()
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	plan := queryPlan(t, db, activeSinceQuery, []any{7, true, 7, false, 7})
	for _, step := range []string{
		"operations USING INDEX sqlite_autoindex_operations_1 (id=?)",
		"operations_open",
		"events USING INTEGER PRIMARY KEY (rowid>?)",
		"operations_closed (closed_at>?)",
	} {
		if !slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, step) }) {
			t.Errorf("%s: %s", step, strings.Join(plan, "; "))
		}
	}
}

// queryPlan returns the steps of the engine's plan for a query.
func queryPlan(t *testing.T, db *store.DB, query string, args []any) []string {
	t.Helper()
	if db.Postgres() {
		return postgresPlan(t, db, query, args)
	}
	rows, err := db.SQL().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
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
	return plan
}

// TestTargetQueriesUseIndexes asks both engines. PostgreSQL would scan tables as small as these, so it is told not
// to.
func TestTargetQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	search, searchArgs := Search{Account: 7, Target: "anna"}.query(actorFilter{}, Cursor{}, false, 51)
	role, roleArgs := Search{Account: 7, Role: 3, Effect: RoleGranted}.query(actorFilter{}, Cursor{}, false, 51)
	deleted, deletedArgs := wasDeletedQuery(7, Target{Ref: access.Ref{Kind: access.Key, ID: "k"}}, []Action{DeleteKey})
	for name, c := range map[string]struct {
		query string
		args  []any
	}{
		"a search for a role":                  {role, roleArgs},
		"the newest event of a principal":      {lastSeqQuery, []any{7, access.Key, "k"}},
		"a search for a principal":             {search, searchArgs},
		"whether a principal was deleted":      {deleted, deletedArgs},
		"the targets of a range of operations": {targetsQuery + idRange, []any{"a", "b"}},
		"the roles of a range of operations":   {rolesQuery + idRange, []any{"a", "b"}},
		"the operations that verify reads":     {verifyQuery, []any{"a", 500}},
		"the results by day":                   {resultsByDayQuery, []any{microsPerDay, 7, 0}},
		"the oldest operation with an event":   {oldestChangedQuery, []any{7, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, url string) {
				db := storetest.Open(t, url)
				for _, step := range queryPlan(t, db, c.query, c.args) {
					if strings.Contains(step, "Seq Scan") || strings.Contains(step, "SCAN o") || strings.Contains(step, "SCAN t") {
						t.Errorf("the plan scans a table: %s", step)
					}
				}
			})
		})
	}
}

// The overview counts the operations of 30 days, which may be hundreds of thousands, so it must not read their rows.
func TestResultsByDayReadsAnIndexOnly(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	plan := queryPlan(t, db, resultsByDayQuery, []any{microsPerDay, 7, 0})
	const want = "USING COVERING INDEX operations_by_time (account=? AND created_at>?)"
	if len(plan) == 0 || !strings.Contains(plan[0], want) {
		t.Error(strings.Join(plan, "; "))
	}
}

// A page of the audit log is read in order from an index, on either side of the cursor, without sorting all
// operations of an actor.
func TestSearchQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	within := func(s Search) Search {
		s.Account, s.From, s.To = 7, day, day.AddDate(0, 0, 7)
		return s
	}
	for name, c := range map[string]struct {
		search  Search
		who     actorFilter
		indexes []string
		sorts   bool // few operations are sorted
	}{
		"everything": {within(Search{}), actorFilter{}, []string{"by_time"}, false},
		"a text": {
			within(Search{Text: "x"}),
			actorFilter{textActorIDs: []string{"a", "b"}},
			[]string{"by_time"},
			false,
		},
		"an actor": {within(Search{}), actorFilter{actorIDs: []string{"a"}}, []string{"by_actor"}, false},
		"an actor, an action and a result": {
			within(Search{Action: EditKey, Result: Refused}),
			actorFilter{actorIDs: []string{"a"}},
			[]string{"by_actor"},
			false,
		},
		"three actors": {
			within(Search{}),
			actorFilter{actorIDs: []string{"a", "b", "c"}},
			[]string{"by_actor", "by_actor", "by_actor"},
			false,
		},
		"an action": {within(Search{Action: EditKey}), actorFilter{}, []string{"by_action"}, false},
		"a result":  {within(Search{Result: Refused}), actorFilter{}, []string{"by_result"}, false},
		"an action and a result": {
			within(Search{Action: EditKey, Result: Refused}),
			actorFilter{},
			[]string{"by_action"},
			false,
		},
		"open operations of an actor": {
			within(Search{Result: OnlyOpen}),
			actorFilter{actorIDs: []string{"a"}},
			[]string{"open"},
			true,
		},
		"open operations": {within(Search{Result: OnlyOpen}), actorFilter{}, []string{"open"}, true},
		"a role": {
			within(Search{Role: 3}),
			actorFilter{},
			[]string{"sqlite_autoindex_operations_1", "operation_roles_by_role"},
			true,
		},
		"a granted role, an actor, an action and a result": {
			within(Search{Role: 3, Effect: RoleGranted, Action: EditKey, Result: Refused}),
			actorFilter{actorIDs: []string{"a"}},
			[]string{"sqlite_autoindex_operations_1", "operation_roles_by_role"},
			true,
		},
		"a role, open operations": {
			within(Search{Role: 3, Result: OnlyOpen}),
			actorFilter{},
			[]string{"sqlite_autoindex_operations_1", "operation_roles_by_role"},
			true,
		},
		"a bulk change": {within(Search{BulkID: "x"}), actorFilter{}, []string{"by_bulk"}, false},
		"a bulk change, an actor, an action and a result": {
			within(Search{BulkID: "x", Action: EditKey, Result: Refused}),
			actorFilter{actorIDs: []string{"a"}},
			[]string{"by_bulk"},
			false,
		},
		"a bulk change, open operations": {
			within(Search{BulkID: "x", Result: OnlyOpen}),
			actorFilter{},
			[]string{"by_bulk"}, // a bulk change has few operations, open or not
			true,
		},
		"entries": {Search{Account: 7, Entries: true}, actorFilter{}, []string{"entries"}, false},
		"entries of an actor": {
			Search{Account: 7, OnlyActor: "a", Entries: true},
			actorFilter{actorIDs: []string{"a"}},
			[]string{"by_actor"},
			false,
		},
		"entries within a time": {within(Search{Entries: true}), actorFilter{}, []string{"by_time", "by_bulk"}, false},
		"entries with a text": {
			within(Search{Text: "x", Entries: true}),
			actorFilter{textActorIDs: []string{"a"}},
			[]string{"by_time", "by_bulk"},
			false,
		},
		"entries with an action and a result, of an actor": {
			within(Search{Action: EditKey, Result: Refused, Entries: true}),
			actorFilter{actorIDs: []string{"a"}},
			[]string{"by_actor", "by_bulk"},
			false,
		},
		"entries with a role": {
			within(Search{Role: 3, Entries: true}),
			actorFilter{},
			[]string{"sqlite_autoindex_operations_1", "operation_roles_by_role", "by_bulk", "operation_roles_by_role"},
			true,
		},
		"a target": {
			within(Search{Target: "anna"}),
			actorFilter{},
			[]string{"sqlite_autoindex_operations_1", "operation_targets_by_id", "by_name"},
			true,
		},
		"a target, an actor and an action": {
			within(Search{Target: "anna", Action: EditKey}),
			actorFilter{actorIDs: []string{"a"}},
			[]string{"sqlite_autoindex_operations_1", "operation_targets_by_id", "by_name"},
			true,
		},
	} {
		for _, newer := range []bool{false, true} {
			query, args := c.search.nearestQuery(c.who, Cursor{At: day, ID: "x"}, newer, 51)
			plan := queryPlan(t, db, query, args)
			var indexes []string
			sorted := false
			for _, step := range plan {
				if used := usedIndex.FindStringSubmatch(step); used != nil {
					indexes = append(indexes, strings.TrimPrefix(used[1], "operations_"))
				}
				sorted = sorted || strings.Contains(step, "TEMP B-TREE")
			}
			if !slices.Equal(indexes, c.indexes) || sorted && !c.sorts {
				t.Errorf("%s, newer %v: %s", name, newer, strings.Join(plan, "; "))
			}
			query, args = c.search.query(c.who, Cursor{At: day, ID: "x"}, newer, 51)
			plan = queryPlan(t, db, query, args)
			if !strings.HasPrefix(plan[0], "SEARCH operations USING INDEX sqlite_autoindex_operations_1 (id=?)") ||
				!strings.Contains(plan[len(plan)-1], "TEMP B-TREE") {
				t.Errorf("%s, newer %v: the rows are read before the search is over: %s", name, newer, plan)
			}
		}
	}
}

// The query jumps from actor to actor: every step uses the index by actor.
func TestActorsQueryUsesIndex(t *testing.T) {
	t.Parallel()
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	plan := queryPlan(t, db, actorsQuery, []any{7, 10})
	by := 0
	for _, step := range plan {
		if strings.Contains(step, "operations_by_actor") {
			by++
		} else if strings.Contains(step, " operations") {
			t.Errorf("a step is %s", step)
		}
	}
	if by != 3 {
		t.Errorf("%d steps use the index by actor: %s", by, strings.Join(plan, "; "))
	}
}

func postgresPlan(t *testing.T, db *store.DB, query string, args []any) []string {
	t.Helper()
	var plan []string
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		rows, err := tx.QueryContext(t.Context(), "EXPLAIN "+query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var step string
			if err := rows.Scan(&step); err != nil {
				return err
			}
			plan = append(plan, step)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

var planRows = regexp.MustCompile(`Scan .*actual time=\S+ rows=(\d+) loops=(\d+)`)

// A search for a text is expensive by PostgreSQL's estimate. Beside that it must not take the rest of the query for
// free, and compare all operations with those that were found.
func TestTextSearchReadsOnePage(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.Postgres(t))
	storetest.Exec(t, db, `INSERT INTO operations SELECT lpad(i::text, 26, '0'), 7, 'key.edit', 'key', 'k', 'name', '',
		'a', '{}', 'as agreed', '', '', '{}', i, 'applied', TRUE, FALSE, i, i,
		CASE WHEN i % 300 < 100 THEN 'bulk' || i / 300 ELSE '' END, i % 300 BETWEEN 1 AND 99
		FROM generate_series(1, 30000) AS i`)
	storetest.Exec(t, db, `ANALYZE operations`)
	query, args := Search{Account: 7, Text: "AGREED", Entries: true}.query(actorFilter{}, Cursor{}, false, 51)
	rows, err := db.SQL().QueryContext(t.Context(), `EXPLAIN (ANALYZE, TIMING) `+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	read := 0
	for rows.Next() {
		var step string
		if err := rows.Scan(&step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
		if found := planRows.FindStringSubmatch(step); found != nil {
			each, _ := strconv.Atoi(found[1])
			times, _ := strconv.Atoi(found[2])
			read += max(each, 1) * times
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if read == 0 || read > 1_000 {
		t.Errorf("%d rows were read for a page:\n%s", read, strings.Join(plan, "\n"))
	}
}

// LaterThanBulk runs for the page of each bulk change that has ended, so it must not scan all operations.
func TestLaterThanBulkQueryUsesIndexes(t *testing.T) {
	t.Parallel()
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	query, args := laterThanBulkQuery("x", []Action{CreateSubuser})
	plan := queryPlan(t, db, query, args)
	for _, step := range []string{
		"operations USING INDEX sqlite_autoindex_operations_1 (id=?)",
		"own USING INDEX operations_by_bulk (bulk_id=?)",
		"t USING COVERING INDEX operation_targets_by_id (id=? AND kind=?)",
		"same USING INDEX operations_by_name",
	} {
		if !slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, step) }) {
			t.Errorf("no step uses %s: %s", step, strings.Join(plan, "; "))
		}
	}
}
