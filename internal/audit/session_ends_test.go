package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/audit"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// TestSessionEnds reads the events that ended sessions of one operator, in parts, between events of other kinds and of
// other operators.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		r := openLog(t, storetest.Open(t, url), audit.Options{Now: func() time.Time { return noon }})
		anna := audit.Actor{Issuer: "i", Subject: "anna", SessionID: "s1"}
		admin := audit.Actor{Issuer: "i", Subject: "admin", SessionID: "s2"}
		note := func(n audit.Notice) {
			t.Helper()
			if err := r.Note(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		note(audit.SessionsEnded{Actor: admin, SessionOwner: "i|anna", Session: "s0", Count: 1})
		first, newest, err := r.SessionEnds(t.Context(), "i|anna", 0)
		want := []audit.SessionEnd{{Kind: audit.SessionEndedEvent, At: noon, By: admin, Session: "s0"}}
		if diff := cmp.Diff(want, first); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		finish(t, r, begin(t, r, operation("a")))
		note(audit.SignedOut{Actor: anna})
		note(audit.SessionsEnded{Actor: admin, SessionOwner: "i|other", Count: 3})
		note(audit.RenewalRefused{Actor: admin})
		note(audit.SessionsEnded{Actor: anna, SessionOwner: "i|anna", Count: 0})
		note(audit.RenewalRefused{Actor: anna})
		later, last, err := r.SessionEnds(t.Context(), "i|anna", newest)
		want = []audit.SessionEnd{
			{Kind: audit.SessionEndedEvent, At: noon, By: anna},
			{Kind: audit.RenewalRefusedEvent, At: noon, By: anna, Session: "s1"},
		}
		if diff := cmp.Diff(want, later); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if none, same, err := r.SessionEnds(t.Context(), "i|anna", last); err != nil || len(none) > 0 || same != last {
			t.Errorf("%+v, %d, %v", none, same, err)
		}
	})
}
