package app

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Agreement is the comparison of the audit log with the vendor's ledger of committed changes.
type Agreement struct {
	Open []audit.Operation // operations that reading could not decide
}

// CheckAgreement fails the test where the latest result of an operation and the ledger differ, where a change was
// committed twice, and where a request was sent without an intent. An operation is undecidable when another change of
// the same target was committed between its intent and the reading that reconciled it; it may agree or not.
func (w *World) CheckAgreement(t testing.TB) Agreement {
	t.Helper()
	ops, err := w.AuditLog.Operations(t.Context(), audit.Filter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	var agreement Agreement
	certain, possible, planned := map[vendorCall]int{}, map[vendorCall]int{}, map[string]int{}
	for _, op := range ops {
		done, all := w.vendorCalls(t, op)
		for _, d := range all {
			planned[d.requestName()]++
		}
		switch {
		case op.Open && op.Result != audit.Applied && op.Result != audit.PartlyApplied:
			agreement.Open = append(agreement.Open, op)
			countCalls(possible, all)
		case w.undecidable(t, op) || w.unreadable(op):
			countCalls(possible, all)
		default:
			countCalls(certain, done)
		}
	}
	committed := map[vendorCall]int{}
	for _, entry := range w.consoleEntries() {
		committed[committedCall(entry)]++
	}
	for d, want := range certain {
		if committed[d] < want {
			t.Errorf("%q: %d times in the audit log, %d times in the ledger", d, want, committed[d])
		}
	}
	for d, got := range committed {
		if got > certain[d]+possible[d] {
			t.Errorf("%q: %d times in the ledger, %d times in the audit log and up to %d more", d, got, certain[d], possible[d])
		}
	}
	w.checkSentOnce(t, planned)
	w.checkKeyRoles(t, ops)
	return agreement
}

// CheckIntact fails the test when the audit log is not intact, or does not agree with the rows that it set.
func (w *World) CheckIntact(t testing.TB) {
	t.Helper()
	report, err := w.AuditLog.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Error(f.Text)
	}
}

// longestStaleness is the maximum age of a reading in a test that makes the vendor's reads stale.
const longestStaleness = 6 * time.Minute

// undecidable reports whether an operation was reconciled by reading and the same target was changed outside the
// console between the reading that the form was drawn from and the reconciliation.
func (w *World) undecidable(t testing.TB, op audit.Operation) bool {
	t.Helper()
	events, err := w.AuditLog.Events(t.Context(), op.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Kind != audit.ResolutionEvent {
		return false
	}
	return slices.ContainsFunc(w.Sim.Ledger(), func(e voxsim.LedgerEntry) bool {
		during := !e.Time.Before(op.CreatedAt.Add(-longestStaleness)) && !e.Time.After(last.At)
		return during && (e.Actor == voxsim.ExternalActor && touches(e, op) || changedThroughSubuser(e, op))
	})
}

// unreadable reports whether an operation changed a password, which cannot be read, while the vendor accepts such a
// change without carrying it out.
func (w *World) unreadable(op audit.Operation) bool {
	return op.Action == audit.ChangeSubuserPassword && !op.Confirmed &&
		w.Sim.Variants().NoEffect.Covers("SetSubUserInfo")
}

// touches reports whether a committed change was made to an operation's target.
func touches(e voxsim.LedgerEntry, op audit.Operation) bool {
	if op.Target.Kind == access.Key {
		return e.KeyID == op.Target.ID || changedThroughSubuser(e, op)
	}
	id := strconv.FormatInt(e.SubuserID, 10)
	return id == op.Target.ID || id == op.Target.FormerID || e.Effect.Login == op.Target.Name
}

// changedThroughSubuser reports whether a change of a subuser also changed the key that is an operation's target: the
// key was deleted with its subuser, or lost its roles by force. The vendor may not report which subuser a key belongs
// to, so the console cannot tell this from the operation's own change.
func changedThroughSubuser(e voxsim.LedgerEntry, op audit.Operation) bool {
	_, rolesRemoved := e.Effect.KeyRolesRemoved[op.Target.ID]
	return rolesRemoved || slices.Contains(e.Effect.KeysDeleted, op.Target.ID)
}

// consoleEntries returns the ledger's entries that were committed with the console key.
func (w *World) consoleEntries() []voxsim.LedgerEntry {
	return slices.DeleteFunc(w.Sim.Ledger(), func(e voxsim.LedgerEntry) bool { return e.Actor == voxsim.ExternalActor })
}

// checkSentOnce compares the write requests that arrived with those that an intent planned. A request with a refused
// token may be followed by one more, and so may a SetKeyRoles request with an invalid set of roles: then only the
// missing roles are sent.
func (w *World) checkSentOnce(t testing.TB, planned map[string]int) {
	t.Helper()
	sent := map[string]int{}
	for _, call := range w.Sim.Calls() {
		info := voxapi.InfoOf(call.Code)
		again := info.RetryWithNewToken || call.Method == "SetKeyRoles" && info.IsInvalidRoleSet()
		if !strings.HasPrefix(call.Method, "Get") && !again {
			sent[strings.TrimSpace(call.Method+" "+call.Target)]++
		}
	}
	for name, got := range sent {
		if got > planned[name] {
			t.Errorf("%s was sent %d times, intents planned it %d times", name, got, planned[name])
		}
	}
}

func countCalls(counts map[vendorCall]int, calls []vendorCall) {
	for _, d := range calls {
		counts[d]++
	}
}

// Reconcile reconciles open operations until duration has passed or all results are final: every minute at first, and
// every 11 minutes after a quarter of an hour. It needs a synctest bubble.
func (w *World) Reconcile(t testing.TB, duration time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(duration); time.Now().Before(deadline) && !w.allFinal(t); {
		w.Operations.ReconcileAll(t.Context())
		pause := time.Minute
		if left := time.Until(deadline); left < duration-15*time.Minute {
			pause = 11 * time.Minute // just over the longest pause between two reads for one operation
		}
		time.Sleep(min(pause, time.Until(deadline)))
	}
}

// allFinal reports whether no operation is open or has a result that later evidence could change.
func (w *World) allFinal(t testing.TB) bool {
	t.Helper()
	ops, err := w.AuditLog.Operations(t.Context(), audit.Filter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(ops, func(op audit.Operation) bool {
		return op.Open || op.Result == audit.NotApplied || op.Result == audit.PartlyApplied
	})
}
