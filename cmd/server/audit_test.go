package main

import (
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

const auditKey = "planted-9876543210fedcba9876543210fedcba"

// auditEnvironment returns the settings that commands on the audit log need.
func auditEnvironment(database string) []string {
	return []string{"VOXWARDEN_DATABASE_URL=" + database, "VOXWARDEN_AUDIT_KEY=" + auditKey}
}

// fillAuditLog writes the operations a, b and c of 30, 20 and 10 days ago, with two events each. open leaves c open.
func fillAuditLog(t *testing.T, database string, open bool) {
	t.Helper()
	addOperations(t, database, open, "a", "b", "c")
}

// addOperations writes operations of 30, 20 and 10 days ago, with two events each. open leaves c open.
func addOperations(t *testing.T, database string, open bool, ids ...string) {
	t.Helper()
	db := openDatabase(t, database)
	defer closeDatabase(t, db)
	keys := []config.Secret{config.NewSecret(auditKey)}
	witness := ""
	if path, isFile := strings.CutPrefix(database, "sqlite:"); isFile {
		witness = path + audit.WitnessSuffix
	}
	auditLog, err := audit.Open(db, audit.Options{Keys: keys, BeginNew: true, Witness: witness})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := auditLog.SaveWitness(); err != nil {
			t.Error(err)
		}
	}()
	for i, id := range ids {
		op, err := auditLog.Begin(t.Context(), audit.Operation{
			ID:        id,
			Account:   42,
			Action:    audit.EditSubuser,
			Target:    audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "7"}, Name: "anna"},
			Actor:     audit.Actor{Issuer: "i", Subject: "bob", Method: "oidc"},
			Reason:    "ticket 5",
			Intent:    []byte(`{}`),
			CreatedAt: daysAgo(30 - 10*i),
		}, audit.Guard{})
		if err != nil {
			t.Fatal(err)
		}
		outcome := audit.Event{
			Kind:      audit.OutcomeEvent,
			At:        op.CreatedAt.Add(time.Second),
			Result:    audit.Applied,
			Confirmed: true,
		}
		if _, err := auditLog.Append(t.Context(), op, open && id == "c", outcome); err != nil {
			t.Fatal(err)
		}
	}
}

// openDatabase opens a database. Unlike with storetest.Open, the test closes it.
func openDatabase(t *testing.T, database string) *store.DB {
	t.Helper()
	db, err := store.OpenOrCreate(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func closeDatabase(t *testing.T, db *store.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func daysAgo(days int) time.Time { return time.Now().UTC().AddDate(0, 0, -days) }

// tamper changes events as an attacker with all rights on the database could.
func tamper(t *testing.T, database, statement string) {
	t.Helper()
	db := openDatabase(t, database)
	defer closeDatabase(t, db)
	on := ""
	if db.Postgres() {
		on = " ON events"
	}
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		for _, each := range []string{"DROP TRIGGER events_no_update" + on, "DROP TRIGGER events_no_delete" + on, statement} {
			if _, err := tx.ExecContext(t.Context(), each); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// missingDatabase returns the address of a database that does not exist.
func missingDatabase(t *testing.T, database string) string {
	t.Helper()
	if file, ok := strings.CutPrefix(database, "sqlite:"); ok {
		return "sqlite:" + file + ".other"
	}
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	address.Path += "_other"
	return address.String()
}

// Both commands require an existing database and a key, and create neither.
func TestAuditCommandsWithoutDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachEmpty(t, func(t *testing.T, database string) {
		fillAuditLog(t, database, false)
		other := missingDatabase(t, database)
		for _, command := range [][]string{{"audit", "verify"}, {"audit", "prune", "-keep", "1d"}} {
			for name, c := range map[string]struct {
				environ []string
				want    string
			}{
				"no database": {auditEnvironment(other), "opening the audit log: "},
				"invalid address": {
					[]string{"VOXWARDEN_DATABASE_URL=x.db", "VOXWARDEN_AUDIT_KEY=" + auditKey},
					"DATABASE_URL must",
				},
				"no key": {auditEnvironment(database)[:1], "VOXWARDEN_AUDIT_KEY is missing"},
				"short key": {
					append(auditEnvironment(database)[:1], "VOXWARDEN_AUDIT_KEY=short"),
					"VOXWARDEN_AUDIT_KEY contains a key with fewer",
				},
			} {
				out, _, err := runServer(t, c.environ, command...)
				if err == nil || !strings.Contains(err.Error(), c.want) || out != "" {
					t.Errorf("%v, %s: %q, %v", command, name, out, err)
				}
			}
		}
		if file, ok := strings.CutPrefix(other, "sqlite:"); ok {
			if _, err := os.Stat(file); err == nil {
				t.Errorf("%s was created", file)
			}
		}
	})
}
