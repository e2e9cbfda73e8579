package bench

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// auditKeys returns the key of the audit logs that are filled.
func auditKeys() []config.Secret { return []config.Secret{config.NewSecret(process.AuditKey)} }

// TestFilledAuditLogVerifies checks that the content that the benchmarks measure is what the program itself would have
// written: chain, rows and index tables agree.
func TestFilledAuditLogVerifies(t *testing.T) {
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		fill := auditFill{account: 7, operations: 1_000, newest: time.Now().UTC()}
		if err := fill.write(t.Context(), db, url); err != nil {
			t.Fatal(err)
		}
		auditLog, err := audit.Open(db, audit.Options{Keys: auditKeys()})
		if err != nil {
			t.Fatal(err)
		}
		report, err := auditLog.Verify(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if report.Operations != 1_000 || report.Events != 2_001 || len(report.Findings)+len(report.Warnings) > 0 {
			t.Errorf("%d operations, %d events, %+v, %v", report.Operations, report.Events, report.Findings, report.Warnings)
		}
	})
}

// operationID returns the id of the nth operation.
func operationID(n int) string { return fmt.Sprintf("%026d", n) }

// targetID returns the id of the target of the nth operation. The simulated company has no subuser with such an id.
func targetID(n int) string { return fmt.Sprint(1_000_000_000 + n%20_000) }

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

// rareText is in the reason of one operation in rareEvery.
const (
	rareText  = "quarterly review"
	rareEvery = 50_000
)

// auditFill describes the content of an audit log: operations of forty operators, a minute apart and ending at newest,
// with two events each.
type auditFill struct {
	account    int64
	operations int
	newest     time.Time
}

// write appends the operations. It begins an audit log without events. It writes many rows at a time and creates the
// indexes afterwards, which takes a fraction of the time.
func (f auditFill) write(ctx context.Context, db *store.DB, url string) error {
	const batch = 20_000
	if err := beginAuditLog(ctx, db, f.newest.Add(-time.Duration(f.operations)*time.Minute)); err != nil {
		return err
	}
	chain, err := newChain(ctx, db)
	if err != nil {
		return err
	}
	recreate, err := dropIndexes(ctx, db)
	if err != nil {
		return err
	}
	for first := 0; first < f.operations; first += batch {
		rows, err := f.rows(chain, first, min(first+batch, f.operations))
		if err == nil && db.Postgres() {
			err = copyRows(ctx, url, rows)
		} else if err == nil {
			err = insertRows(ctx, db, rows)
		}
		if err != nil {
			return fmt.Errorf("filling the audit log: %w", err)
		}
	}
	if db.Postgres() {
		// Autovacuum would do it later, during the measurement.
		recreate = append(recreate, "VACUUM ANALYZE operations, operation_targets, events")
	}
	for _, text := range recreate {
		if _, err := db.SQL().ExecContext(ctx, text); err != nil {
			return fmt.Errorf("creating an index: %w", err)
		}
	}
	return nil
}

// beginAuditLog writes the genesis event unless there is one.
func beginAuditLog(ctx context.Context, db *store.DB, at time.Time) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		var begun bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM events)`).Scan(&begun)
		if err == nil && !begun {
			_, err = audit.Create(ctx, tx, auditKeys(), "bench", at)
		}
		return err
	})
}

// chain seals events one after another, as docs/audit-log.md describes it.
type chain struct {
	seal  hash.Hash
	keyID string
	seq   int64
	mac   []byte
}

// newChain returns the chain of a database with the key auditKeys.
func newChain(ctx context.Context, db *store.DB) (*chain, error) {
	secret, err := hkdf.Key(sha256.New, []byte(process.AuditKey), nil, "voxwarden record chain", sha256.Size)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(secret)
	c := &chain{seal: hmac.New(sha256.New, secret), keyID: hex.EncodeToString(id[:])[:8]}
	err = db.SQL().QueryRowContext(ctx, `SELECT seq, mac FROM events ORDER BY seq DESC LIMIT 1`).Scan(&c.seq, &c.mac)
	return c, err
}

// event returns the row of the next event.
func (c *chain) event(operation string, kind audit.EventKind, at time.Time, result audit.Result, body string) []any {
	confirmed := result != ""
	c.seq++
	flag := []byte{0}
	if confirmed {
		flag[0] = 1
	}
	number := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	c.seal.Reset()
	_, _ = c.seal.Write([]byte{1})
	for _, field := range [][]byte{
		c.mac, number(c.seq), []byte(operation), []byte(kind), number(at.UnixMicro()), []byte(result), flag, []byte(body),
	} {
		_, _ = c.seal.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field))))
		_, _ = c.seal.Write(field)
	}
	c.mac = c.seal.Sum(nil)
	return []any{c.seq, operation, string(kind), at.UnixMicro(), string(result), confirmed, body, c.keyID, c.mac}
}

// tableRows are rows of one table.
type tableRows struct {
	table   string
	columns []string
	rows    [][]any
}

// rows returns the rows of the operations from one number to another.
func (f auditFill) rows(chain *chain, from, to int) ([]tableRows, error) {
	events := tableRows{
		table:   "events",
		columns: strings.Fields("seq operation_id kind at result confirmed body key_id mac"),
	}
	operations := tableRows{table: "operations", columns: strings.Fields("id account action target_kind target_id " +
		"target_name former_id actor_id actor reason request_id tag intent created_at result confirmed open closed_at " +
		"last_seq bulk_id bulk_later")}
	targets := tableRows{table: "operation_targets", columns: strings.Fields("operation_id part kind id")}
	for i := from; i < to; i++ {
		op := f.operation(i)
		later := op.BulkID != "" && i%bulkEvery > 0
		actor, actorErr := json.Marshal(op.Actor)
		intent, intentErr := json.Marshal(intentEvent{
			Account:   op.Account,
			Action:    op.Action,
			Target:    map[string]string{"kind": string(op.Target.Kind), "id": op.Target.ID, "name": op.Target.Name},
			Actor:     actor,
			Reason:    op.Reason,
			RequestID: op.RequestID,
			Intent:    op.Intent,
			BulkLater: later,
		})
		if actorErr != nil || intentErr != nil {
			return nil, fmt.Errorf("encoding an operation: %w, %w", actorErr, intentErr)
		}
		body := `{"note":"Read back: Supervisor, Support.","calls":[{"method":"SetSubUserRoles","result":"applied",` +
			`"sent_at":"2026-11-23T12:00:00Z","duration_ns":83000000}],"facts":{"subuser_id":7,"roles":[{"id":5,` +
			`"name":"Supervisor"}]}`
		closedAt := op.ClosedAt.UnixMicro()
		if op.Open {
			body, closedAt = body+`,"open":true`, 0
		}
		events.rows = append(
			events.rows,
			chain.event(op.ID, audit.IntentEvent, op.CreatedAt, "", string(intent)),
			chain.event(op.ID, audit.OutcomeEvent, op.ClosedAt, op.Result, body+"}"),
		)
		operations.rows = append(operations.rows, []any{
			op.ID, op.Account, string(op.Action), string(op.Target.Kind), op.Target.ID, op.Target.Name, "",
			op.Actor.ID(), string(actor), op.Reason, op.RequestID, "", string(op.Intent), op.CreatedAt.UnixMicro(),
			string(op.Result), true, op.Open, closedAt, chain.seq, op.BulkID, later,
		})
		targets.rows = append(targets.rows, []any{op.ID, "target", string(op.Target.Kind), op.Target.ID})
	}
	return []tableRows{events, operations, targets}, nil
}

// intentEvent is the body of an intent event.
type intentEvent struct {
	Account   int64             `json:"account"`
	Action    audit.Action      `json:"action"`
	Target    map[string]string `json:"target"`
	Actor     json.RawMessage   `json:"actor"`
	Reason    string            `json:"reason"`
	RequestID string            `json:"request_id"`
	Intent    json.RawMessage   `json:"intent"`
	BulkLater bool              `json:"bulk_later,omitempty"`
}

// operation returns the nth operation. The newest twenty are open.
func (f auditFill) operation(i int) audit.Operation {
	createdAt := f.newest.Add(-time.Duration(f.operations-1-i) * time.Minute)
	number, bulk := i*7%actorCount, bulkID(i)
	intent := `{"before":[{"id":3,"name":"Support"}],"grant":[{"id":5,"name":"Supervisor"}],"revoke":[]`
	if bulk != "" {
		number = i / bulkEvery % actorCount
		intent += `,"run":"` + bulk + `"`
	}
	result, reason := audit.Applied, "as agreed with the team lead"
	switch {
	case i%50 == 0:
		result = audit.Refused
	case i%10_000 == 7:
		result = audit.PartlyApplied
	}
	if i%rareEvery == rareEvery/2 {
		reason = rareText
	}
	return audit.Operation{
		ID:      operationID(i),
		Account: f.account,
		Action:  audit.Actions()[i%len(audit.Actions())],
		Target: audit.Target{
			Ref:  access.Ref{Kind: access.Subuser, ID: targetID(i)},
			Name: fmt.Sprintf("login_%d", i%20_000),
		},
		Actor: audit.Actor{
			Issuer:  "https://id.example",
			Subject: fmt.Sprintf("u-%d", number),
			Name:    fmt.Sprintf("Person %d of forty", number),
			Method:  "oidc",
			Address: "192.0.2.1",
		},
		Reason:    fmt.Sprintf("TKT-%d: %s", i, reason),
		RequestID: "01KAQ4M7XW9T3C",
		Intent:    json.RawMessage(intent + "}"),
		CreatedAt: createdAt,
		Result:    result,
		Open:      i >= f.operations-20,
		ClosedAt:  createdAt.Add(time.Second),
		BulkID:    bulk,
	}
}

// insertRows writes rows in one transaction, with one prepared statement for each table.
func insertRows(ctx context.Context, db *store.DB, tables []tableRows) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		for _, table := range tables {
			// The driver looks for the name of each numbered parameter among all, so these have none.
			places := strings.Repeat(", ?", len(table.columns))[2:]
			insert, err := tx.PrepareContext(
				ctx,
				`INSERT INTO `+table.table+` (`+strings.Join(table.columns, ", ")+`) VALUES (`+places+`)`,
			)
			if err != nil {
				return err
			}
			defer insert.Close()
			for _, row := range table.rows {
				if _, err := insert.ExecContext(ctx, row...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// copyRows writes rows with COPY, which only PostgreSQL has, and without its triggers, which take most of the time.
func copyRows(ctx context.Context, url string, tables []tableRows) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `SET session_replication_role = replica`); err != nil {
		return err
	}
	for _, table := range tables {
		_, err := conn.CopyFrom(ctx, pgx.Identifier{table.table}, table.columns, pgx.CopyFromRows(table.rows))
		if err != nil {
			return err
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
