package apptest

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

// deed is one vendor call with what matters of its parameters, as text: the method, then what it acts on if that
// exists already, then the rest behind a bar.
type deed string

// deeds are the calls that the record says were done, and all that were planned.
func (w *World) deeds(t testing.TB, op audit.Operation) (done, all []deed) {
	t.Helper()
	intent, err := operations.ReadIntent(op)
	if err != nil {
		t.Fatal(err)
	}
	all = planned(op, intent)
	switch op.Result {
	case audit.Applied:
		return all, all
	case audit.PartlyApplied:
		return all[:1], all
	default:
		return nil, all
	}
}

// planned are the calls of an operation, as its intent asks for them.
func planned(op audit.Operation, intent operations.Intent) []deed {
	id := op.Target.ID
	switch op.Action {
	case audit.CreateSubuser:
		return []deed{made("AddSubUser", "", op.Target.Name)}
	case audit.EditSubuser:
		return []deed{made("SetSubUserInfo", id, "text "+intent.Description)}
	case audit.ChangeSubuserPassword:
		return []deed{made("SetSubUserInfo", id, "password")}
	case audit.DeleteSubuser:
		return []deed{made("DelSubUser", id, "")}
	case audit.ReissueSubuser:
		return []deed{made("DelSubUser", cmp.Or(op.Target.FormerID, id), ""), made("AddSubUser", "", op.Target.Name)}
	case audit.CreateKey:
		return []deed{made("CreateKey", "", op.Target.Name)}
	case audit.EditKey:
		return []deed{made("UpdateKey", id, intent.Description)}
	case audit.DeleteKey:
		return []deed{made("DeleteKey", id, "")}
	case audit.ChangeKeyRoles:
		return roleDeeds("RemoveKeyRoles", "SetKeyRoles", id, intent, "")
	case audit.ForceSubuserRoles:
		return roleDeeds("RemoveSubUserRoles", "SetSubUserRoles", id, intent, " force")
	default:
		return roleDeeds("RemoveSubUserRoles", "SetSubUserRoles", id, intent, "")
	}
}

func made(method, target, rest string) deed { return deed(method + " " + target + "|" + rest) }

// roleDeeds are the calls of a change of roles. What SetKeyRoles is sent is checked by itself: all that is wanted, or
// only what is missing.
func roleDeeds(remove, set, id string, intent operations.Intent, force string) []deed {
	var all []deed
	if len(intent.Revoke) > 0 {
		all = append(all, made(remove, id, roleIDs(intent.Revoke)+force))
	}
	switch {
	case len(intent.Grant) == 0:
	case set == "SetKeyRoles":
		all = append(all, made(set, id, ""))
	default:
		all = append(all, made(set, id, roleIDs(intent.Grant)))
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

// deedOf is what the ledger says was committed.
func deedOf(e voxsim.LedgerEntry) deed {
	id := e.KeyID
	if e.SubuserID != 0 {
		id = strconv.FormatInt(e.SubuserID, 10)
	}
	switch text, _ := directory.SplitTag(e.Params["description"]); e.Method {
	case "AddSubUser":
		return made(e.Method, "", e.Effect.Login)
	case "CreateKey":
		return made(e.Method, "", e.Params["key_name"])
	case "SetSubUserInfo":
		if _, password := e.Params["description"]; !password {
			return made(e.Method, id, "password")
		}
		return made(e.Method, id, "text "+text)
	case "UpdateKey":
		return made(e.Method, id, text)
	case "DelSubUser", "DeleteKey", "SetKeyRoles":
		return made(e.Method, id, "")
	default:
		return made(e.Method, id, sentRoles(e)+forced(e))
	}
}

func sentRoles(e voxsim.LedgerEntry) string {
	ids := strings.Split(e.Params["role_id"], ";")
	slices.Sort(ids)
	return strings.Join(ids, ";")
}

func forced(e voxsim.LedgerEntry) string {
	if e.Params["force"] == "true" {
		return " force"
	}
	return ""
}

// callName is how the simulator's list of requests names the call: what is created has no target yet.
func (d deed) callName() string {
	name, _, _ := strings.Cut(string(d), "|")
	return strings.TrimSpace(name)
}

// checkKeyRoles fails when SetKeyRoles was sent a role that no intent for that key wanted.
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
	for _, e := range w.ours() {
		for _, id := range strings.Split(e.Params["role_id"], ";") {
			if e.Method == "SetKeyRoles" && !wanted[e.KeyID+" "+id] {
				t.Errorf("key %s was given role %s, which no intent wanted", e.KeyID, id)
			}
		}
	}
}
