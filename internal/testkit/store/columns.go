package store

import (
	"testing"

	"github.com/voxwarden/voxwarden/internal/store"
)

// Columns returns the columns of a table as the database has them, with "text", "bytes", "bool" or "number".
func Columns(t testing.TB, db *store.DB, table string) map[string]string {
	t.Helper()
	query := `SELECT name, type FROM pragma_table_info('` + table + `')`
	if db.Postgres() {
		query = `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '` + table + `'`
	}
	rows, err := db.SQL().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	kinds := map[string]string{
		"TEXT": "text", "text": "text", "BLOB": "bytes", "bytea": "bytes", "boolean": "bool", "INTEGER": "number",
		"bigint": "number",
	}
	columns := map[string]string{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			t.Fatal(err)
		}
		if kinds[kind] == "" {
			t.Fatalf("%s.%s has the unknown type %s", table, name, kind)
		}
		columns[name] = kinds[kind]
	}
	if err := rows.Err(); err != nil || len(columns) == 0 {
		t.Fatalf("%s has %d columns, %v", table, len(columns), err)
	}
	return columns
}
