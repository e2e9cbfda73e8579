package audit_test

import (
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// TestRoundTripsOfCheckOperation counts the queries with which an operation with many events is read and compared with
// them. A comparison of a listing makes it for each operation of the last minutes.
func TestRoundTripsOfCheckOperation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		var trips *storetest.RoundTrips
		if store.IsPostgres(url) {
			proxy := storetest.NewProxy(t, url)
			url, trips = proxy.Address, storetest.RecordPostgres(proxy)
		}
		db := storetest.Open(t, url)
		if trips == nil {
			trips = storetest.RecordSQLite(db)
		}
		r := openLog(t, db, audit.Options{})
		op := begin(t, r, operation("a"))
		for range 3 {
			var err error
			unknown := audit.Event{Kind: audit.OutcomeEvent, At: noon, Result: audit.Unknown}
			if op, err = r.Append(t.Context(), op, true, unknown); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second time, statements are prepared
			trips.Take()
			read, events, err := r.OperationWithEvents(t.Context(), op.ID)
			if err != nil || len(events) != 4 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			if err := r.CheckOperation(t.Context(), read); err != nil {
				t.Fatal(err)
			}
		}
		if taken := trips.Take(); len(taken) != 2 {
			t.Errorf("%d round trips, want 2:\n%s", len(taken), strings.Join(taken, "\n"))
		}
	})
}
