package operations_test

import (
	"context"
	"errors"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

// TestUnwritableDatabaseStopsOperations makes the database unwritable, in the ways in which that happens.
func TestUnwritableDatabaseStopsOperations(t *testing.T) {
	for name, pragma := range map[string]string{
		"disk full": `PRAGMA max_page_count = 1`,
		"read-only": `PRAGMA query_only = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
				c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
				if err != nil {
					t.Fatal(err)
				}
				// A pragma holds for one connection: there is one, beside that which the store keeps open.
				w.DB.SQL().SetMaxOpenConns(2)
				w.DB.SQL().SetMaxIdleConns(1)
				if _, err := w.DB.SQL().ExecContext(t.Context(), pragma); err != nil {
					t.Fatal(err)
				}
				var refused error
				for range 5000 { // until the existing pages are full
					if refused = w.AuditLog.Note(t.Context(), audit.SignedOut{}); refused != nil {
						break
					}
				}
				if refused == nil {
					t.Fatal("the database is still writable")
				}
				if _, err := w.Operations.ChangeRoles(t.Context(), c); !errors.Is(err, operations.ErrAuditLogUnavailable) {
					t.Errorf("got %v", err)
				}
				if len(w.Sim.Ledger()) != 0 {
					t.Errorf("the vendor was called: %+v", w.Sim.Ledger())
				}
			})
		})
	}
}

// closingWriter closes the database when the vendor has been called.
type closingWriter struct {
	operations.Writer
	afterCall func()
}

func (c closingWriter) AddSubUser(ctx context.Context, account int64, s voxapi.NewSubUser) (int64, error) {
	id, err := c.Writer.AddSubUser(ctx, account, s)
	c.afterCall()
	return id, err
}

// TestDatabaseClosedBeforeOutcome closes the database between a call and its outcome.
func TestDatabaseClosedBeforeOutcome(t *testing.T) {
	var w *apptest.World
	gone := func(inner operations.Writer) operations.Writer {
		return closingWriter{Writer: inner, afterCall: func() { _ = w.DB.Close() }}
	}
	inWorld(t, apptest.Options{Writer: gone}, func(t *testing.T, world *apptest.World) {
		w = world
		counted := 0
		w.Operations.Measure.OutcomeNotSaved = func() { counted++ }
		out, err := create(t, w, "newcomer")
		if counted != 1 {
			t.Errorf("%d outcomes were counted as not saved", counted)
		}
		if err != nil || !out.Unsaved {
			t.Fatalf("got %+v, %v: the outcome was written to a closed database", out, err)
		}
		w.Restart()
		op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
		if err != nil || !op.Open {
			t.Errorf("the intent: %+v, %v", op, err)
		}
		if report, err := w.AuditLog.Verify(t.Context(), nil); err != nil || !report.Intact() {
			t.Errorf("the audit log: %+v, %v", report.Findings, err)
		}
	})
}
