package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/store"
)

// vendorCall is the assumed duration of a call to the vendor, the baseline of writes.
const vendorCall = 50 * time.Millisecond

// auditWrites measures how long an operation waits for the audit log: for its intent, and for its outcome.
func auditWrites(b *testing.B, t table, engine string, db *store.DB) {
	b.Helper()
	auditLog, err := audit.Open(db, audit.Options{BeginNew: true})
	if err != nil {
		b.Fatal(err)
	}
	const times = 500
	intents, outcomes := make(latencies, 0, times), make(latencies, 0, times)
	for n := range times {
		at := time.Now().UTC()
		op := audit.Operation{
			ID:      operationID(n),
			Account: account,
			Action:  audit.ChangeSubuserRoles,
			Target:  audit.Target{Ref: access.Ref{Kind: access.Subuser, ID: "7"}, Name: "login_7"},
			Actor: audit.Actor{
				Issuer:  "https://id.example",
				Subject: "u-7",
				Name:    "Person 7",
				Method:  "oidc",
				Address: "192.0.2.1",
			},
			Reason:    "TKT-4417",
			CreatedAt: at,
			Intent:    []byte(`{"before":[{"id":3,"name":"Support"}],"grant":[{"id":5,"name":"Supervisor"}],"revoke":[]}`),
		}
		op, err := auditLog.Begin(b.Context(), op, audit.Guard{Locks: []string{"subuser 7"}})
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		intents = append(intents, begun.Sub(at))
		outcome := audit.Event{
			Kind:      audit.OutcomeEvent,
			At:        begun.UTC(),
			Result:    audit.Applied,
			Confirmed: true,
			Note:      "Read back: Supervisor, Support.",
			Calls:     []audit.Call{{Method: "SetSubUserRoles", Result: audit.Applied, SentAt: at, Duration: vendorCall}},
		}
		if _, err := auditLog.Append(b.Context(), op, false, outcome); err != nil {
			b.Fatal(err)
		}
		outcomes = append(outcomes, time.Since(begun))
	}
	for _, write := range []struct {
		name string
		took latencies
	}{{"an intent", intents}, {"an outcome", outcomes}} {
		slices.Sort(write.took)
		for _, share := range []float64{0.5, 0.99} {
			took := write.took.percentile(share)
			t.line(
				fmt.Sprintf("%s, writing %s, p%.0f", engine, write.name, share*100),
				ms(took),
				ms(vendorCall)+" a call to the vendor",
				ratio(took, vendorCall),
				"-",
			)
		}
	}
}
