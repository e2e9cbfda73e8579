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

// Agreement is the comparison of what the record says was done with what the vendor's ledger says was committed.
type Agreement struct {
	Open []audit.Operation // what nobody could settle by reading
}

// CheckAgreement fails the test where the record's last word and the ledger differ, where something was done
// twice, and where something was sent without an intent. What another did to the same target between an intent
// and its settling by reading makes that one undecidable; such operations may agree or not.
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
		case w.undecidable(t, op):
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
			t.Errorf("the record says that %q was done %d times, the ledger has it %d times", d, want, committed[d])
		}
	}
	for d, got := range committed {
		if got > certain[d]+possible[d] {
			t.Errorf(
				"the ledger has %q %d times, the record says %d times (and perhaps %d more)",
				d,
				got,
				certain[d],
				possible[d],
			)
		}
	}
	w.checkSentOnce(t, planned)
	w.checkKeyRoles(t, ops)
	return agreement
}

// longestStaleness is how old a reading may be in a test that makes the vendor's reads stale.
const longestStaleness = 6 * time.Minute

// undecidable says whether an operation was settled by reading while somebody else changed the same target: after
// what it was drawn from was true, and before it was settled.
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

// touches says whether a commit was about an operation's target.
func touches(e voxsim.LedgerEntry, op audit.Operation) bool {
	if op.Target.Kind == access.Key {
		return e.KeyID == op.Target.ID || changedThroughSubuser(e, op)
	}
	id := strconv.FormatInt(e.SubuserID, 10)
	return id == op.Target.ID || id == op.Target.FormerID || e.Effect.Login == op.Target.Name
}

// changedThroughSubuser says whether a commit about a subuser changed the key that an operation is about: deleted
// with its subuser, or stripped by force. The vendor need not tell whose keys are whose, so the console cannot keep
// the two apart.
func changedThroughSubuser(e voxsim.LedgerEntry, op audit.Operation) bool {
	_, rolesRemoved := e.Effect.KeyRolesRemoved[op.Target.ID]
	return rolesRemoved || slices.Contains(e.Effect.KeysDeleted, op.Target.ID)
}

// consoleEntries are the ledger's entries that our key committed.
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

// Reconcile lets time pass while open operations are settled, often at first and then more rarely, as nothing
// happens any more after a while, and not at all once the last word on everything is final. It belongs into a
// synctest bubble.
func (w *World) Reconcile(t testing.TB, duration time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(duration); time.Now().Before(deadline) && !w.allFinal(t); {
		w.Operations.ReconcileAll(t.Context())
		pause := time.Minute
		if left := time.Until(deadline); left < duration-15*time.Minute {
			pause = 11 * time.Minute // just over the longest pause between two looks at one operation
		}
		time.Sleep(min(pause, time.Until(deadline)))
	}
}

// allFinal says whether nothing is open, and nothing was settled as not done, which late evidence could contradict.
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
