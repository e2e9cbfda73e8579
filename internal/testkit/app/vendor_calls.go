package app

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// vendorCall is a vendor call as text: the method, the target if it exists already, a bar, and the parameters that
// matter.
type vendorCall string

// vendorCalls returns the calls of an operation that were done according to the audit log, and all that were planned.
func (w *World) vendorCalls(t testing.TB, op audit.Operation) (done, all []vendorCall) {
	t.Helper()
	intent, err := operations.ReadIntent(op)
	if err != nil {
		t.Fatal(err)
	}
	all = plannedCalls(t, op, intent)
	switch op.Result {
	case audit.Applied:
		return all, all
	case audit.PartlyApplied:
		events, err := w.AuditLog.Events(t.Context(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		if events[len(events)-1].Note == operations.NoteGrantedOnly {
			return all[1:], all
		}
		return all[:1], all
	default:
		return nil, all
	}
}

// plannedCalls returns the calls that an operation's intent requires.
func plannedCalls(t testing.TB, op audit.Operation, intent operations.Intent) []vendorCall {
	id := op.Target.ID
	switch op.Action {
	case audit.CreateSubuser:
		return []vendorCall{newCall("AddSubUser", "", op.Target.Name)}
	case audit.EditSubuser:
		return []vendorCall{newCall("SetSubUserInfo", id, "text "+intent.Description)}
	case audit.ChangeSubuserPassword:
		return []vendorCall{newCall("SetSubUserInfo", id, "password")}
	case audit.DeleteSubuser:
		return []vendorCall{newCall("DelSubUser", id, "")}
	case audit.ReissueSubuser:
		return []vendorCall{
			newCall("DelSubUser", cmp.Or(op.Target.FormerID, id), ""),
			newCall("AddSubUser", "", op.Target.Name),
		}
	case audit.CreateKey:
		return []vendorCall{newCall("CreateKey", "", op.Target.Name)}
	case audit.EditKey:
		return []vendorCall{newCall("UpdateKey", id, intent.Description)}
	case audit.DeleteKey:
		return []vendorCall{newCall("DeleteKey", id, "")}
	case audit.ChangeKeyRoles:
		return roleCalls("RemoveKeyRoles", "SetKeyRoles", id, intent, "")
	case audit.ForceSubuserRoles:
		return roleCalls("RemoveSubUserRoles", "SetSubUserRoles", id, intent, " force")
	case audit.ChangeSubuserRoles:
		return roleCalls("RemoveSubUserRoles", "SetSubUserRoles", id, intent, "")
	default:
		t.Fatalf("operation %s: no vendor calls are known for the action %q", op.ID, op.Action)
		return nil
	}
}

func newCall(method, target, rest string) vendorCall {
	return vendorCall(method + " " + target + "|" + rest)
}

// roleCalls returns the calls of a change of roles. The roles sent with SetKeyRoles are left out: they are either all
// wanted or all missing roles, which checkKeyRoles checks.
func roleCalls(remove, set, id string, intent operations.Intent, force string) []vendorCall {
	var all []vendorCall
	if len(intent.Revoke) > 0 {
		all = append(all, newCall(remove, id, roleIDs(intent.Revoke)+force))
	}
	switch {
	case len(intent.Grant) == 0:
	case set == "SetKeyRoles":
		all = append(all, newCall(set, id, ""))
	default:
		all = append(all, newCall(set, id, roleIDs(intent.Grant)))
	}
	return all
}

func roleIDs(roles []operations.RoleRef) string {
	ids := make([]string, 0, len(roles))
	for _, r := range roles {
		ids = append(ids, strconv.FormatInt(r.ID, 10))
	}
	slices.Sort(ids)
	return strings.Join(ids, ";")
}

// committedCall returns the call that a ledger entry was committed for.
func committedCall(e voxsim.LedgerEntry) vendorCall {
	id := e.KeyID
	if e.SubuserID != 0 {
		id = strconv.FormatInt(e.SubuserID, 10)
	}
	switch text, _ := directory.SplitTag(e.Params["description"]); e.Method {
	case "AddSubUser":
		return newCall(e.Method, "", e.Effect.Login)
	case "CreateKey":
		return newCall(e.Method, "", e.Params["key_name"])
	case "SetSubUserInfo":
		if _, password := e.Params["description"]; !password {
			return newCall(e.Method, id, "password")
		}
		return newCall(e.Method, id, "text "+text)
	case "UpdateKey":
		return newCall(e.Method, id, text)
	case "DelSubUser", "DeleteKey", "SetKeyRoles":
		return newCall(e.Method, id, "")
	default:
		return newCall(e.Method, id, sentRoles(e)+forceSuffix(e))
	}
}

func sentRoles(e voxsim.LedgerEntry) string {
	ids := strings.Split(e.Params["role_id"], ";")
	slices.Sort(ids)
	return strings.Join(ids, ";")
}

func forceSuffix(e voxsim.LedgerEntry) string {
	if e.Params["force"] == "true" {
		return " force"
	}
	return ""
}

// requestName returns the call's name in the simulator's list of requests. A create has no target yet.
func (d vendorCall) requestName() string {
	name, _, _ := strings.Cut(string(d), "|")
	return strings.TrimSpace(name)
}

// checkKeyRoles fails the test when a role that no intent wanted for a key was sent with SetKeyRoles.
func (w *World) checkKeyRoles(t testing.TB, ops []audit.Operation) {
	t.Helper()
	wanted := map[string]bool{}
	for _, op := range ops {
		intent, err := operations.ReadIntent(op)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range slices.Concat(intent.Before, intent.Grant) {
			if op.Action == audit.ChangeKeyRoles && !slices.Contains(intent.Revoke, r) {
				wanted[fmt.Sprintf("%s %d", op.Target.ID, r.ID)] = true
			}
		}
	}
	for _, e := range w.consoleEntries() {
		for _, id := range strings.Split(e.Params["role_id"], ";") {
			if e.Method == "SetKeyRoles" && !wanted[e.KeyID+" "+id] {
				t.Errorf("key %s was given role %s, which no intent wanted", e.KeyID, id)
			}
		}
	}
}
