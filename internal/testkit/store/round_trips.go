package store

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/voxwarden/voxwarden/internal/store"
)

// RoundTrips records what a database is asked, in order: on PostgreSQL each message that the console waits for, with
// BEGIN, COMMIT, the first preparation of a statement and the check of a connection; on SQLite each statement. It is
// safe for concurrent use.
type RoundTrips struct {
	mu       sync.Mutex
	recorded []string
	prepared map[string]string // the texts of prepared statements by their name
}

// RecordPostgres records what goes through a proxy to PostgreSQL.
func RecordPostgres(p *Proxy) *RoundTrips {
	trips := &RoundTrips{prepared: map[string]string{}}
	p.Inspect(func(fromClient []byte) Verdict {
		trips.addMessages(fromClient)
		return Forward
	})
	return trips
}

// RecordSQLite records the statements of a SQLite database.
func RecordSQLite(db *store.DB) *RoundTrips {
	trips := &RoundTrips{}
	db.OnStatement(func(statement string) {
		trips.mu.Lock()
		defer trips.mu.Unlock()
		trips.recorded = append(trips.recorded, statement)
	})
	return trips
}

// Take returns what was recorded since the last call.
func (trips *RoundTrips) Take() []string {
	trips.mu.Lock()
	defer trips.mu.Unlock()
	taken := trips.recorded
	trips.recorded = nil
	return taken
}

// addMessages records the round trips in data from a client. Source of the format: PostgreSQL's manual, "Frontend/
// Backend Protocol". Q runs a text, P prepares one under a name, B uses a name, and S ends what the server is to do
// before it responds. pgx sends all messages before an S at once.
func (trips *RoundTrips) addMessages(data []byte) {
	trips.mu.Lock()
	defer trips.mu.Unlock()
	statement := ""
	for len(data) >= 5 && data[0] != 0 { // the first message of a connection has no type
		length := 1 + int(binary.BigEndian.Uint32(data[1:]))
		if length > len(data) {
			return
		}
		body := data[5:length]
		switch data[0] {
		case 'Q':
			trips.recorded = append(trips.recorded, text(body))
		case 'P':
			name := text(body)
			trips.prepared[name] = text(body[len(name)+1:])
			statement = "PREPARE " + trips.prepared[name]
		case 'B':
			portal := text(body)
			statement = trips.prepared[text(body[len(portal)+1:])]
		case 'S':
			trips.recorded = append(trips.recorded, statement)
		}
		data = data[length:]
	}
}

// text returns the text up to the next zero byte.
func text(data []byte) string {
	before, _, _ := bytes.Cut(data, []byte{0})
	return string(before)
}
