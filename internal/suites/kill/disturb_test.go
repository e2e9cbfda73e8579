package kill

import (
	"database/sql"
	"math/rand/v2"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// disturb makes something fail at a random moment of the next half second, or nothing.
func disturb(t *testing.T, f *process.Fixture, random *rand.Rand, db *store.DB) {
	t.Helper()
	switch random.IntN(5) {
	case 0, 1:
		f.Sim.AddFault(voxsim.Fault{Kind: shortFaults()[random.IntN(len(shortFaults()))], Nth: 1 + random.IntN(20)})
	case 2:
		disturbDatabase(t, db)
	case 3:
		pruneAndKill(t, f, time.Duration(random.IntN(60))*time.Millisecond)
	}
}

// shortFaults returns the faults of the vendor, without old readings: they last longer than the consoles live.
func shortFaults() []voxsim.FaultKind {
	return slices.DeleteFunc(voxsim.AllFaultKinds(), func(k voxsim.FaultKind) bool { return k == voxsim.StaleReads })
}

// disturbDatabase cuts all connections to PostgreSQL, or holds the write lock of SQLite for a moment.
func disturbDatabase(t *testing.T, db *store.DB) {
	t.Helper()
	if db.Postgres() {
		storetest.Exec(t, db, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		return
	}
	err := db.Write(t.Context(), func(*sql.Tx) error {
		<-time.After(300 * time.Millisecond)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pruneAndKill deletes old operations, and kills the process that does it after a while.
func pruneAndKill(t *testing.T, f *process.Fixture, after time.Duration) {
	t.Helper()
	prune := f.Command("audit", "prune", "-keep", "7d")
	if err := prune.Start(); err != nil {
		t.Fatal(err)
	}
	<-time.After(after)
	_ = prune.Process.Signal(syscall.SIGKILL) // it may have ended
	_ = prune.Wait()
}

// addOldOperations writes refused operations of the last month, for audit prune.
func addOldOperations(t *testing.T, auditLog *audit.Log, account int64) {
	t.Helper()
	for i := range 60 {
		op, err := auditLog.Begin(t.Context(), audit.Operation{
			ID:        "old operation " + strconv.Itoa(i),
			Account:   account,
			Action:    audit.EditSubuser,
			Target:    audit.Target{Ref: access.SubuserRef(int64(1000 + i)), Name: "old"},
			Actor:     audit.Actor{Issuer: "proxy", Subject: "old", Method: "proxy-header"},
			Intent:    []byte(`{}`),
			CreatedAt: time.Now().UTC().AddDate(0, 0, -i/2),
		}, audit.Guard{})
		if err != nil {
			t.Fatal(err)
		}
		outcome := audit.Event{Kind: audit.OutcomeEvent, At: op.CreatedAt.Add(time.Second), Result: audit.Refused}
		if _, err := auditLog.Append(t.Context(), op, false, outcome); err != nil {
			t.Fatal(err)
		}
	}
}
