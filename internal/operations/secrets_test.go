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

// secrets are the passwords and private keys that a world has handed out, and where else they must not be.
type secrets struct {
	mu       sync.Mutex
	log      bytes.Buffer
	bySource map[string]string // by the operation, or the run and login, that it was made for
}

func newSecrets() *secrets { return &secrets{bySource: map[string]string{}} }

// logger writes down everything that the world says.
func (s *secrets) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write implements io.Writer.
func (s *secrets) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
}

// addOutcome notes what an act handed out.
func (s *secrets) addOutcome(t *testing.T, out operations.Outcome) {
	t.Helper()
	s.add(t, out.Operation.ID, out.Password.Reveal()+privatePart(out.Credentials.Reveal()))
}

// addBulkChange notes what the start of a run handed out.
func (s *secrets) addBulkChange(t *testing.T, started bulk.Started) {
	t.Helper()
	for _, p := range started.Passwords {
		s.add(t, started.Change.ID+" "+p.Login, p.Password.Reveal())
	}
}

// add fails when something was handed out a second time.
func (s *secrets) add(t *testing.T, source, secret string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret == "" {
		return
	}
	if _, again := s.bySource[source]; again {
		t.Errorf("the secret of %s was handed out twice", source)
	}
	s.bySource[source] = secret
}

// privatePart is a piece of the private key in a credentials.json, one without line ends; "" of nothing.
func privatePart(credentials string) string {
	_, key, found := strings.Cut(credentials, "PRIVATE KEY-----")
	if !found {
		return ""
	}
	return key[60:100]
}

// checkNotLeaked fails when a secret is in the log or in a file of the database.
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
				t.Errorf("%s holds the secret of %s", place, source)
			}
		}
	}
}

// databaseFiles are a database file and those beside it.
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

// tableContents are the rows of all tables on PostgreSQL, as text.
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
