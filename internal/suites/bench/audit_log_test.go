package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/handlers"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

const (
	auditOperations = 1_000_000 // operations in the large audit log, with two events each
	actorCount      = 40        // operators who began them
	account         = 7
)

// BenchmarkBudgetAuditLog prints, for both engines, the time of a write to an empty audit log, and of pages and exports
// of one with a million operations. It runs once and ignores b.N.
func BenchmarkBudgetAuditLog(b *testing.B) {
	for _, engine := range []struct {
		name  string
		fresh storetest.Fresh
	}{{"SQLite", storetest.SQLite}, {"PostgreSQL", storetest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			t := newTable(os.Stdout)
			auditWrites(b, t, engine.name, storetest.Open(b, engine.fresh(b)))
			largeAuditLog(b, t, engine.name, storetest.Open(b, engine.fresh(b)))
			t.flush()
		})
	}
}

// largeAuditLog measures an audit log of a million operations.
func largeAuditLog(b *testing.B, t table, engine string, db *store.DB) {
	b.Helper()
	newest := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	fill := auditFill{account: account, operations: auditOperations, newest: newest, events: true}
	if err := fill.write(b.Context(), db); err != nil {
		b.Fatal(err)
	}
	auditLog, err := audit.Open(db, audit.Options{BeginNew: true})
	if err != nil {
		b.Fatal(err)
	}
	auditSearches(b, t, engine, auditLog, newest)
	auditExports(b, t, engine, auditLog, newest)
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

// operationID returns the id of the nth operation.
func operationID(n int) string { return fmt.Sprintf("%026d", n) }

// targetID returns the id of the target of the nth operation. The simulated company has no subuser with such an id.
func targetID(n int) string { return fmt.Sprint(1_000_000_000 + n%20_000) }

// auditFill describes the content of an audit log: operations of forty operators, a minute apart and ending at newest.
type auditFill struct {
	account    int64
	operations int
	newest     time.Time
	events     bool // two events for each operation, without a MAC
}

// write writes the operations. It inserts a hundred operations in a statement and creates the indexes afterwards, which
// takes a fraction of the time.
func (f auditFill) write(ctx context.Context, db *store.DB) error {
	const batch, statement = 20_000, 100
	recreate, err := dropIndexes(ctx, db)
	if err != nil {
		return err
	}
	for first := 0; first < f.operations; first += batch {
		err := db.Write(ctx, func(tx *sql.Tx) error {
			for at := first; at < min(first+batch, f.operations); at += statement {
				if err := f.insert(ctx, tx, at, min(at+statement, f.operations)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if db.Postgres() {
		// Autovacuum would do it later, during the measurement.
		recreate = append(recreate, "ANALYZE operations, operation_targets, events")
	}
	for _, text := range recreate {
		if _, err := db.SQL().ExecContext(ctx, text); err != nil {
			return fmt.Errorf("creating an index: %w", err)
		}
	}
	return nil
}

// dropIndexes drops the indexes of the audit log's tables, and returns the statements that create them again.
func dropIndexes(ctx context.Context, db *store.DB) ([]string, error) {
	list := `SELECT name, sql FROM sqlite_master WHERE type = 'index'
		AND tbl_name IN ('operations', 'operation_targets', 'events') AND sql IS NOT NULL`
	if db.Postgres() {
		list = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
			AND tablename IN ('operations', 'operation_targets', 'events')
			AND indexname NOT IN (SELECT conname FROM pg_constraint)`
	}
	rows, err := db.SQL().QueryContext(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("reading the indexes: %w", err)
	}
	defer rows.Close()
	var names, texts []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, fmt.Errorf("reading the indexes: %w", err)
		}
		names, texts = append(names, name), append(texts, text)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the indexes: %w", err)
	}
	for _, name := range names {
		if _, err := db.SQL().ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return nil, fmt.Errorf("dropping an index: %w", err)
		}
	}
	return texts, nil
}

// A third of the operations are in bulk changes.
const (
	bulkEvery = 300
	bulkSize  = 100
)

// bulkID returns the bulk change of an operation, "" for none.
func bulkID(i int) string {
	if i < 0 || i%bulkEvery >= bulkSize {
		return ""
	}
	return fmt.Sprintf("bulk%022d", i/bulkEvery)
}

// insert inserts the operations from one number to another.
func (f auditFill) insert(ctx context.Context, tx *sql.Tx, from, to int) error {
	var ops, events, targets []any
	for i := from; i < to; i++ {
		createdAt := f.newest.Add(-time.Duration(f.operations-1-i) * time.Minute)
		number := i * 7 % actorCount
		if bulkID(i) != "" {
			number = i / bulkEvery % actorCount
		}
		author := audit.Actor{
			Issuer:  "https://id.example",
			Subject: fmt.Sprintf("u-%d", number),
			Name:    fmt.Sprintf("Person %d of forty", number),
			Method:  "oidc",
			Address: "192.0.2.1",
		}
		actor, err := json.Marshal(author)
		if err != nil {
			return err
		}
		action, result := audit.Actions()[i%len(audit.Actions())], audit.Applied
		switch {
		case i%50 == 0:
			result = audit.Refused
		case i%10_000 == 7:
			result = audit.PartlyApplied
		}
		ops = append(
			ops,
			operationID(i),
			f.account,
			action,
			access.Subuser,
			targetID(i),
			fmt.Sprintf("login_%d", i%20_000),
			author.ID(),
			string(actor),
			fmt.Sprintf("TKT-%d: as agreed with the team lead", i),
			"01KAQ4M7XW9T3C",
			"",
			`{"before":[{"id":3,"name":"Support"}],"grant":[{"id":5,"name":"Supervisor"}],"revoke":[]}`,
			createdAt.UnixMicro(),
			result,
			true,
			f.events && i >= f.operations-20,
			createdAt.Add(time.Second).UnixMicro(),
			2*i+2,
			"",
			bulkID(i),
			bulkID(i) != "" && bulkID(i) == bulkID(i-1),
		)
		targets = append(targets, operationID(i), "target", access.Subuser, targetID(i))
		events = append(
			events,
			2*i+1,
			operationID(i),
			audit.IntentEvent,
			createdAt.UnixMicro(),
			"",
			false,
			`{}`,
			"",
			[]byte{},
			2*i+2,
			operationID(i),
			audit.OutcomeEvent,
			createdAt.Add(time.Second).UnixMicro(),
			result,
			true,
			`{"note":"Read back: Supervisor, Support.","calls":[{"method":"SetSubUserRoles","result":"applied",`+
				`"sent_at":"2026-11-23T12:00:00Z","duration_ns":83000000}],"facts":{"subuser_id":7,"roles":[{"id":5,`+
				`"name":"Supervisor"}]}}`,
			"",
			[]byte{},
		)
	}
	if err := insertMany(
		ctx,
		tx,
		`INSERT INTO operations (id, account, action, target_kind, target_id, target_name, actor_id, actor, reason, `+
			`request_id, tag, intent,
		created_at, result, confirmed, open, closed_at, last_seq, former_id, bulk_id, bulk_later)`,
		21,
		ops,
	); err != nil {
		return err
	}
	const intoTargets = `INSERT INTO operation_targets (operation_id, part, kind, id)`
	if err := insertMany(ctx, tx, intoTargets, 4, targets); err != nil {
		return err
	}
	if !f.events {
		return nil
	}
	const intoEvents = `INSERT INTO events (seq, operation_id, kind, at, result, confirmed, body, key_id, mac)`
	return insertMany(ctx, tx, intoEvents, 9, events)
}

// insertMany inserts rows with one statement. values holds the columns of one row after the other.
func insertMany(ctx context.Context, tx *sql.Tx, into string, columns int, values []any) error {
	var (
		args store.Args
		rows []string
	)
	for row := range slices.Chunk(values, columns) {
		rows = append(rows, store.AddList(&args, row))
	}
	if _, err := tx.ExecContext(ctx, into+" VALUES "+strings.Join(rows, ", "), args...); err != nil {
		return fmt.Errorf("filling the audit log: %w", err)
	}
	return nil
}
