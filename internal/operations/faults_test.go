package operations_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// admin may do everything.
func admin() operations.Act {
	return operations.Act{Operator: apptest.Operator("admin", policy.Admin), RequestID: "test"}
}

// TestEveryFaultUnderEveryVariant runs every act against each fault of each of its calls and each variant of the
// vendor. Once the dust has settled, the record must say what the ledger says.
func TestEveryFaultUnderEveryVariant(t *testing.T) {
	t.Parallel()
	variants := append([]voxsim.NamedVariant{{Name: "default"}}, voxsim.AllVariants()...)
	for at, variant := range variants {
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			faults, acts := voxsim.AllFaultKinds(), allActs()
			for i, fault := range faults {
				for j, act := range acts {
					if !isTried(at, i, j, len(faults), len(acts)) {
						continue
					}
					t.Run(fmt.Sprintf("%s on %s", fault, act.name), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { oneFault(t, variant, fault, act) })
					})
				}
			}
		})
	}
}

// every says how many of the combinations are tried: one in so many, each variant and each fault among them.
var every = flag.Int("every", 5, "try one in so many combinations of fault and variant; 1 tries each with each")

// isTried says whether a variant is tried with a fault of an act, all by their place. The vendor as it is by default,
// 0, meets every fault of every act. When time is short, each act, each fault and each variant is met once.
func isTried(variant, fault, act, faults, acts int) bool {
	switch {
	case testing.Short() && variant == 0:
		return fault%acts == act || act%faults == fault
	case testing.Short():
		return variant%faults == fault && variant%acts == act
	case variant == 0:
		return true
	default:
		return (variant+fault+act)%*every == 0
	}
}

// anAct is an act of which one call goes wrong.
type anAct struct {
	name   string
	method string // the call
	run    func(t *testing.T, w *apptest.World) (operations.Outcome, error)
}

// allActs are all acts, those of several calls once for each.
func allActs() []anAct {
	return []anAct{
		{"create", "AddSubUser", func(t *testing.T, w *apptest.World) (operations.Outcome, error) {
			return create(t, w, "newcomer", "Support")
		}},
		{"grant", "SetSubUserRoles", swapRoles},
		{"revoke", "RemoveSubUserRoles", swapRoles},
		{"force", "RemoveSubUserRoles", force},
		{"edit", "SetSubUserInfo", edit},
		{"password", "SetSubUserInfo", password},
		{"delete", "DelSubUser", remove},
		{"re-issue, deleting", "DelSubUser", reissue},
		{"re-issue, creating", "AddSubUser", reissue},
		{"create key", "CreateKey", createKey},
		{"edit key", "UpdateKey", editKey},
		{"grant to key", "SetKeyRoles", swapKeyRoles},
		{"revoke from key", "RemoveKeyRoles", swapKeyRoles},
		{"delete key", "DeleteKey", removeKey},
	}
}

// oneFault makes one act while one call of it goes wrong, waits until everything is settled, and compares.
func oneFault(t *testing.T, variant voxsim.NamedVariant, kind voxsim.FaultKind, act anAct) {
	w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(false), Variants: variant.Variants})
	defer w.Close()
	w.Sim.AddFault(voxsim.Fault{Method: act.method, Kind: kind, Delay: 8 * time.Second})
	if out, err := act.run(t, w); err == nil {
		checkAnswer(t, w, out)
	}
	w.Reconcile(t, 3*time.Hour)
	agreement := w.CheckAgreement(t)
	for _, op := range agreement.Open {
		mustBeUndecidable(t, w, variant, op)
	}
}

// checkAnswer compares what the page would say at once with what the vendor has committed by then: applied must
// be there, and refused or not sent must not.
func checkAnswer(t *testing.T, w *apptest.World, out operations.Outcome) {
	t.Helper()
	committed := len(w.Sim.Ledger())
	switch out.Result {
	case audit.Applied, audit.PartlyApplied:
		if committed == 0 {
			t.Errorf("answered %s, but nothing was committed", out.Result)
		}
	case audit.Refused, audit.NotSent, audit.NotApplied:
		if committed != 0 {
			t.Errorf("answered %s, but the vendor committed", out.Result)
		}
	}
	if out.Confirmed && !out.Read {
		t.Error("confirmed without having been read")
	}
}

// mustBeUndecidable fails unless the reason why an operation stays open is one that nobody can help.
func mustBeUndecidable(t *testing.T, w *apptest.World, variant voxsim.NamedVariant, op audit.Operation) {
	t.Helper()
	_, finding, err := w.Operations.SettleNow(t.Context(), admin().Operator, op.ID)
	if err != nil || finding == "" {
		t.Errorf("%s stays open without a reason: %q, %v", op.ID, finding, err)
	}
	listsAreUseless := variant.Variants.OffsetIgnored || variant.Variants.OrderUnstable
	held := variant.Variants.RoleList
	listsHideParents := held == voxsim.RoleListLeaves || held == voxsim.RoleListDirect || variant.Variants.WithRolesIgnored
	switch op.Action {
	case audit.ChangeSubuserPassword: // no reading can tell
	case audit.CreateSubuser, audit.ReissueSubuser, audit.CreateKey:
		if !listsAreUseless {
			t.Errorf("%s %s stays %s: %s", op.Action, op.ID, op.Result, finding)
		}
	case audit.ChangeSubuserRoles, audit.ForceSubuserRoles, audit.ChangeKeyRoles:
		if !listsHideParents {
			t.Errorf("%s %s stays %s: %s", op.Action, op.ID, op.Result, finding)
		}
	default:
		t.Errorf("%s %s stays %s: %s", op.Action, op.ID, op.Result, finding)
	}
}

// smallTeam is a company of a few people, so that a world starts fast.
func smallTeam() voxsim.Company {
	company := voxsim.SmallCompany()
	company.Subusers = []voxsim.Subuser{
		{ID: 201, Login: "team_one", Description: "First of the team", Roles: []string{"Support"}},
		{ID: 202, Login: "team_two", Description: "Second of the team", Roles: []string{"Owner"}},
		{ID: 203, Login: "team_three", Roles: []string{"Developer", "Supervisor"}},
	}
	company.Keys = slices.Clone(company.Keys[:1])
	return company
}

// teamWithKeys is the small team with keys beside the console's own, which is a subuser's when owned.
func teamWithKeys(owned bool) voxsim.Company {
	company := smallTeam()
	if owned {
		company.Keys[0].Subuser = "team_two"
	}
	company.Keys = append(
		company.Keys,
		voxsim.Key{
			ID:          "11111111-1111-4111-8111-111111111111",
			Name:        "wallboard",
			Description: "The wallboard in the hall",
			Subuser:     "team_three",
			Roles:       []string{"Supervisor"},
		},
		voxsim.Key{ID: "22222222-2222-4222-8222-222222222222", Name: "dialler", Roles: []string{"Developer", "Support"}},
	)
	return company
}

// create lets a newcomer in with the roles named.
func create(t *testing.T, w *apptest.World, login string, roles ...string) (operations.Outcome, error) {
	t.Helper()
	act := admin()
	act.Account = w.Account
	form, err := w.Operations.NewSubuserForm(t.Context(), act.Operator, w.Account)
	if err != nil {
		return operations.Outcome{}, err
	}
	act.ID = form.ID
	return w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{
		Act: act, Login: login, Description: "A newcomer", Roles: ids(form.Catalogue, roles), Offered: form.Offered(),
	})
}

// change grants and revokes roles by name, as a form that was drawn just now does.
func change(t *testing.T, w *apptest.World, login string, grant, revoke []string) (operations.Outcome, error) {
	t.Helper()
	command, err := command(t, w, login, grant, revoke)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.ChangeSubuserRoles(t.Context(), command)
}

// command is what the form sends.
func command(
	t *testing.T,
	w *apptest.World,
	login string,
	grant, revoke []string,
) (operations.ChangeSubuserRoles, error) {
	t.Helper()
	act := admin()
	act.Account = w.Account
	form, err := w.Operations.SubuserRolesForm(t.Context(), act.Operator, w.Account, subuserID(t, w, login))
	if err != nil {
		return operations.ChangeSubuserRoles{}, err
	}
	act.ID = form.ID
	c := operations.ChangeSubuserRoles{
		Act:       act,
		SubuserID: form.Subuser.ID,
		Base:      form.Base,
		Offered:   form.Offered(),
		Confirm:   login,
	}
	taken := ids(form.Catalogue, revoke)
	for _, id := range append(form.Base, ids(form.Catalogue, grant)...) {
		if !slices.Contains(taken, id) {
			c.Ticked = append(c.Ticked, id)
		}
	}
	return c, nil
}

// subuserID asks the simulator itself, so that no call of ours is needed.
func subuserID(t *testing.T, w *apptest.World, login string) int64 {
	t.Helper()
	for _, s := range w.Sim.State().Subusers {
		if s.Login == login {
			return s.ID
		}
	}
	t.Fatalf("the simulator has no subuser %s", login)
	return 0
}

// ids finds roles by name.
func ids(c directory.Catalogue, names []string) []int64 {
	var out []int64
	for _, name := range names {
		for _, r := range c.Roles {
			if r.Name == name {
				out = append(out, r.ID)
			}
		}
	}
	return out
}
