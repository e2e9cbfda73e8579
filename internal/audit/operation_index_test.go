package audit_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// indexRows returns the rows of operation_targets and operation_roles as sorted lines.
func indexRows(t *testing.T, db *store.DB) []string {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), `
		SELECT operation_id || ' ' || part || ' ' || kind || ' ' || id FROM operation_targets
		UNION ALL
		SELECT operation_id || ' ' || effect || ' ' || CAST(role_id AS TEXT) || ' ' || name FROM operation_roles`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func expectIndexRows(t *testing.T, db *store.DB, want ...string) {
	t.Helper()
	if got := indexRows(t, db); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTargetsAndRolesFollowTheOperation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		r := openLog(t, db, audit.Options{})
		key := access.Ref{Kind: access.Key, ID: "k1"}
		op := operation("a")
		op.Action = audit.ReissueSubuser
		op.Affected = []access.Ref{key, key}
		op.Roles = []audit.RoleChange{
			{ID: 3, Name: "Support", Effect: audit.RoleLost},
			{ID: 3, Name: "Support", Effect: audit.RoleGranted},
			{ID: 3, Name: "Support", Effect: audit.RoleGranted},
		}
		op = begin(t, r, op)
		expectIndexRows(t, db, "a affected key k1", "a granted 3 Support", "a lost 3 Support", "a target subuser 12")

		op.Target.ID, op.Target.FormerID = "13", "12"
		finish(t, r, op)
		expectIndexRows(
			t,
			db,
			"a affected key k1",
			"a former subuser 12",
			"a granted 3 Support",
			"a lost 3 Support",
			"a target subuser 13",
		)
		stored, err := r.Operation(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range []access.Ref{key, {Kind: access.Subuser, ID: "12"}, {Kind: access.Subuser, ID: "13"}} {
			if seq, err := r.LastSeq(t.Context(), 7, audit.Target{Ref: ref}); err != nil || seq != stored.LastSeq {
				t.Errorf("the newest event of %v is %d, want %d, %v", ref, seq, stored.LastSeq, err)
			}
		}
		for _, other := range []access.Ref{{Kind: access.Subuser, ID: "k1"}, {Kind: access.Key, ID: "13"}} {
			if seq, err := r.LastSeq(t.Context(), 7, audit.Target{Ref: other}); err != nil || seq != 0 {
				t.Errorf("the newest event of %v is %d, want none, %v", other, seq, err)
			}
		}
		if seq, err := r.LastSeq(t.Context(), 8, audit.Target{Ref: key}); err != nil || seq != 0 {
			t.Errorf("the newest event in another account is %d, want none, %v", seq, err)
		}
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("%+v", report.Findings)
		}
	})
}

// An affected key is neither the target of the operation nor deleted by it.
func TestAffectedPrincipalsAreNotTargets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := newLog(t, url)
		key := audit.Target{Ref: access.Ref{Kind: access.Key, ID: "k1"}, Name: "billing"}
		edit := operation("a")
		edit.Action, edit.Target = audit.EditKey, key
		edit = begin(t, r, edit)
		finish(t, r, edit)
		deletion := operation("b")
		deletion.Action, deletion.Affected = audit.DeleteSubuser, []access.Ref{key.Ref}
		finish(t, r, begin(t, r, deletion))

		page, err := r.Before(t.Context(), audit.Search{Account: 7, Target: "k1"}, audit.Cursor{}, 10)
		if err != nil || len(page.Operations) != 1 || page.Operations[0].ID != "a" {
			t.Errorf("a search for the key: %+v, %v", page.Operations, err)
		}
		if deleted, err := r.WasDeleted(t.Context(), 7, key, audit.DeleteSubuser, audit.DeleteKey); err != nil || deleted {
			t.Errorf("the key counts as deleted: %v, %v", deleted, err)
		}
		if changed, err := r.HasLaterChange(t.Context(), edit); err != nil || changed {
			t.Errorf("the key counts as changed later: %v, %v", changed, err)
		}
		subuser := operation("b").Target
		if deleted, err := r.WasDeleted(t.Context(), 7, subuser, audit.DeleteSubuser); err != nil || !deleted {
			t.Errorf("the subuser does not count as deleted: %v, %v", deleted, err)
		}
	})
}

func TestPruneRemovesTargetsAndRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, r := filledLog(t, url)
		if _, err := r.Prune(t.Context(), noon.Add(2*time.Minute), "test"); err != nil {
			t.Fatal(err)
		}
		expectIndexRows(t, db, "c target subuser 12")
		if report := verify(t, r, nil); !report.Intact() {
			t.Errorf("%+v", report.Findings)
		}
	})
}

// The foreign keys refuse such rows, but a database user with all rights can drop them.
func TestVerifyFindsTargetsAndRolesWithoutAnOperation(t *testing.T) {
	t.Parallel()
	for table, columns := range map[string]string{
		"operation_targets": `(operation_id, part, kind, id) VALUES ('%s', 'target', 'subuser', '12')`,
		"operation_roles":   `(operation_id, role_id, effect, name) VALUES ('%s', 5, 'granted', 'Owner')`,
	} {
		for _, id := range []string{"B", "bb", "z"} { // before, between and after the operations that are there
			t.Run(table+" "+id, func(t *testing.T) {
				t.Parallel()
				storetest.Each(t, func(t *testing.T, url string) {
					db, r := filledLog(t, url)
					insert := `INSERT INTO ` + table + ` ` + fmt.Sprintf(columns, id)
					if db.Postgres() {
						storetest.Exec(t, db, `ALTER TABLE `+table+` DROP CONSTRAINT `+table+`_operation_id_fkey`)
						storetest.Exec(t, db, insert)
					} else {
						execWithoutForeignKeys(t, strings.TrimPrefix(url, "sqlite:"), insert)
					}
					report := verify(t, r, nil)
					if len(report.Findings) != 1 || report.Findings[0].Operation != id ||
						report.Findings[0].Problem != audit.OperationMismatch {
						t.Errorf("got %+v, want one finding about %s", report.Findings, id)
					}
				})
			})
		}
	}
}

func execWithoutForeignKeys(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// Verify compares in batches: each operation must meet its own rows, also at the edge of a batch.
func TestVerifyComparesEveryBatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		r := openLog(t, db, audit.Options{})
		for n := range 1001 {
			op := operation(fmt.Sprintf("op %04d", n))
			op.Roles = []audit.RoleChange{{ID: int64(n), Name: "Support", Effect: audit.RoleGranted}}
			begin(t, r, op)
		}
		if report := verify(t, r, nil); !report.Intact() || report.Operations != 1001 {
			t.Errorf("%d operations, %+v", report.Operations, report.Findings)
		}
		storetest.Exec(t, db, `DELETE FROM operation_roles WHERE role_id IN (499, 500, 999, 1000)`)
		report := verify(t, r, nil)
		var ids []string
		for _, f := range report.Findings {
			ids = append(ids, f.Operation)
		}
		if want := []string{"op 0499", "op 0500", "op 0999", "op 1000"}; !slices.Equal(ids, want) {
			t.Errorf("got %q, want %q", ids, want)
		}
	})
}
