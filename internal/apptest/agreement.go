package apptest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Agreement is the comparison of what the record says was done with what the vendor's ledger says was committed.
type Agreement struct {
	Open []audit.Operation // what nobody could settle by reading
}

// deed is one vendor call with what matters of its parameters, as text.
type deed string

// CheckAgreement fails the test where the record's last word and the ledger differ, where something was done
// twice, and where something was sent without an intent. What another did to the same target between an intent
// and its settling by reading makes that one undecidable; such operations may agree or not.
func (w *World) CheckAgreement(t testing.TB) Agreement {
	t.Helper()
	ops, err := w.Record.Operations(t.Context(), audit.Filter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	var agreement Agreement
	certain, possible, planned := map[deed]int{}, map[deed]int{}, map[string]int{}
	for _, op := range ops {
		done, all := w.deeds(t, op)
		for _, d := range all {
			planned[d.callName()]++
		}
		switch {
		case op.Open && op.Result != audit.Applied && op.Result != audit.Partly:
			agreement.Open = append(agreement.Open, op)
			count(possible, all)
		case w.undecidable(t, op):
			count(possible, all)
		default:
			count(certain, done)
		}
	}
	committed := map[deed]int{}
	for _, entry := range w.ours() {
		committed[deedOf(entry)]++
	}
	for d, want := range certain {
		if committed[d] < want {
			t.Errorf("the record says that %q was done %d times, the ledger has it %d times", d, want, committed[d])
		}
	}
	for d, got := range committed {
		if got > certain[d]+possible[d] {
			t.Errorf("the ledger has %q %d times, the record says %d times (and perhaps %d more)", d, got, certain[d], possible[d])
		}
	}
	w.checkSentOnce(t, planned)
	return agreement
}

// deeds are the calls that the record says were done, and all that were planned.
func (w *World) deeds(t testing.TB, op audit.Operation) (done, all []deed) {
	t.Helper()
	intent, err := operations.ReadIntent(op)
	if err != nil {
		t.Fatal(err)
	}
	if op.Action == audit.CreateSubuser {
		all = []deed{deed("AddSubUser " + op.Target.Name)}
	} else {
		if len(intent.Revoke) > 0 {
			all = append(all, roleDeed("RemoveSubUserRoles", op.Target.ID, intent.Revoke))
		}
		if len(intent.Grant) > 0 {
			all = append(all, roleDeed("SetSubUserRoles", op.Target.ID, intent.Grant))
		}
	}
	switch op.Result {
	case audit.Applied:
		return all, all
	case audit.Partly:
		return all[:1], all
	default:
		return nil, all
	}
}

// longestStaleness is how old a reading may be in a test that makes the vendor's reads stale.
const longestStaleness = 6 * time.Minute

// undecidable says whether an operation was settled by reading while somebody else changed the same target: after
// what it was drawn from was true, and before it was settled.
func (w *World) undecidable(t testing.TB, op audit.Operation) bool {
	t.Helper()
	events, err := w.Record.Events(t.Context(), op.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Kind != audit.SettledEvent {
		return false
	}
	return slices.ContainsFunc(w.Sim.Ledger(), func(e voxsim.Entry) bool {
		same := strconv.FormatInt(e.SubuserID, 10) == op.Target.ID || e.Effect.Login == op.Target.Name
		return e.By == voxsim.BehindOurBack && same && !e.Time.Before(op.CreatedAt.Add(-longestStaleness)) && !e.Time.After(last.At)
	})
}

// ours are the ledger's entries that our key committed.
func (w *World) ours() []voxsim.Entry {
	return slices.DeleteFunc(w.Sim.Ledger(), func(e voxsim.Entry) bool { return e.By == voxsim.BehindOurBack })
}

// checkSentOnce compares the write requests that arrived with those that an intent planned. A request that was
// refused for its token (455, 456) may be followed by one more.
func (w *World) checkSentOnce(t testing.TB, planned map[string]int) {
	t.Helper()
	sent := map[string]int{}
	for _, call := range w.Sim.Calls() {
		if !strings.HasPrefix(call.Method, "Get") && call.Code != 455 && call.Code != 456 {
			sent[strings.TrimSpace(call.Method+" "+call.Target)]++
		}
	}
	for name, got := range sent {
		if got > planned[name] {
			t.Errorf("%s was sent %d times, intents planned it %d times", name, got, planned[name])
		}
	}
}

func count(into map[deed]int, deeds []deed) {
	for _, d := range deeds {
		into[d]++
	}
}

func roleDeed(method, target string, roles []operations.RoleRef) deed {
	ids := make([]string, 0, len(roles))
	for _, r := range roles {
		ids = append(ids, strconv.FormatInt(r.ID, 10))
	}
	slices.Sort(ids)
	return deed(method + " " + target + " " + strings.Join(ids, ";"))
}

func deedOf(e voxsim.Entry) deed {
	if e.Method == "AddSubUser" {
		return deed("AddSubUser " + e.Effect.Login)
	}
	ids := strings.Split(e.Params["role_id"], ";")
	slices.Sort(ids)
	return deed(fmt.Sprintf("%s %d %s", e.Method, e.SubuserID, strings.Join(ids, ";")))
}

// callName is how the simulator's list of requests names the call: a create has no target yet.
func (d deed) callName() string {
	fields := strings.Fields(string(d))
	if fields[0] == "AddSubUser" {
		return fields[0]
	}
	return fields[0] + " " + fields[1]
}

// Settle lets time pass while open operations are settled, often at first and then more rarely, as nothing
// happens any more after a while. It belongs into a synctest bubble.
func (w *World) Settle(t testing.TB, long time.Duration) {
	t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); {
		w.Operations.SettleAll(t.Context())
		pause := time.Minute
		if left := time.Until(end); left < long-15*time.Minute {
			pause = 11 * time.Minute // just over the longest pause between two looks at one operation
		}
		time.Sleep(min(pause, time.Until(end)))
	}
}
