package operations_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/store"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// secrets are the passwords and private keys that a world has returned, and places that must not contain them.
type secrets struct {
	mu       sync.Mutex
	log      bytes.Buffer
	bySource map[string]string // by the operation, or the bulk change and login
}

func newSecrets() *secrets { return &secrets{bySource: map[string]string{}} }

// logger records everything that the world logs.
func (s *secrets) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write implements io.Writer.
func (s *secrets) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
}

// addOutcome records the secrets of an outcome.
func (s *secrets) addOutcome(t *testing.T, out operations.Outcome) {
	t.Helper()
	s.add(t, out.Operation.ID, out.Password.Reveal()+privatePart(out.Credentials.Reveal()))
}

// addBulkChange records the secrets that the start of a bulk change returned.
func (s *secrets) addBulkChange(t *testing.T, started bulk.Started) {
	t.Helper()
	for _, p := range started.Passwords {
		s.add(t, started.Change.ID+" "+p.Login, p.Password.Reveal())
	}
}

// add fails when a secret was returned a second time.
func (s *secrets) add(t *testing.T, source, secret string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret == "" {
		return
	}
	if _, again := s.bySource[source]; again {
		t.Errorf("the secret of %s was returned twice", source)
	}
	s.bySource[source] = secret
}

// privatePart returns a piece of the private key in a credentials.json, without line ends; "" when there is none.
func privatePart(credentials string) string {
	_, key, found := strings.Cut(credentials, "PRIVATE KEY-----")
	if !found {
		return ""
	}
	return key[60:100]
}

// checkNotLeaked fails when the log or a file of the database contains a secret.
func (s *secrets) checkNotLeaked(t *testing.T, w *apptest.World, database string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	places := databaseFiles(t, strings.TrimPrefix(database, "sqlite:"))
	if w.DB.Postgres() {
		places = tableContents(t, w.DB)
	}
	if len(places) == 0 || s.log.Len() == 0 {
		t.Fatal("there is no database, or nothing was logged")
	}
	places["the log"] = s.log.Bytes()
	for source, secret := range s.bySource {
		for place, content := range places {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s contains the secret of %s", place, source)
			}
		}
	}
}

// databaseFiles returns the contents of a database file and of the files beside it.
func databaseFiles(t *testing.T, database string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(database), "*"))
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{}
	for _, file := range files {
		if contents[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return contents
}

// tableContents returns the rows of all tables on PostgreSQL, as text.
func tableContents(t *testing.T, db *store.DB) map[string][]byte {
	t.Helper()
	contents := map[string][]byte{}
	for _, table := range queryStrings(t, db, `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`) {
		contents[table] = []byte(strings.Join(queryStrings(t, db, `SELECT CAST(r AS TEXT) FROM `+table+` AS r`), "\n"))
	}
	return contents
}

func queryStrings(t *testing.T, db *store.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
