package operations_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// adminRequest returns a request of an admin.
func adminRequest() operations.Request {
	return operations.Request{Operator: apptest.Operator("admin", policy.Admin), RequestID: "test", Reason: "because"}
}

// TestFaultsUnderVariants runs actions with a fault of one of their calls under a variant of the vendor: all
// combinations with the default variant, and a sample of the others; -every 1 runs all. When everything is reconciled,
// the audit log must agree with the simulator's ledger.
func TestFaultsUnderVariants(t *testing.T) {
	t.Parallel()
	variants := append([]voxsim.NamedVariant{{Name: "default"}}, voxsim.AllVariants()...)
	for at, variant := range variants {
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			faults, actions := voxsim.AllFaultKinds(), actionCases()
			for i, fault := range faults {
				for j, action := range actions {
					if !isSampled(at, i, j, len(faults), len(actions)) {
						continue
					}
					if !testing.Short() && !action.differsUnder(variant.Variants) {
						continue
					}
					t.Run(fmt.Sprintf("%s on %s", fault, action.name), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { testFault(t, variant, fault, action) })
					})
				}
			}
		})
	}
}

// sampleEvery is the sampling rate: one in this many combinations runs, with each variant and each fault among them.
var sampleEvery = flag.Int("every", 5, "run one in this many combinations of action, fault and variant; 1 runs all")

// isSampled reports whether a combination of variant, fault and action runs, by their indexes. The default variant, 0,
// runs with every fault of every action. With -short, each action, each fault and each variant runs once.
func isSampled(variant, fault, action, faults, actions int) bool {
	switch {
	case testing.Short() && variant == 0:
		return fault%actions == action || action%faults == fault
	case testing.Short():
		return variant%faults == fault && variant%actions == action
	case variant == 0:
		return true
	default:
		return (variant+fault+action)%*sampleEvery == 0
	}
}

// actionCase is an action of which one call fails.
type actionCase struct {
	name   string
	method string // the failing call
	other  string // the other call of the action; "" for none
	run    func(t *testing.T, w *apptest.World) (operations.Outcome, error)
}

// differsUnder reports whether the variant can matter to the action. Without an effect of another action's method, the
// vendor behaves as with the default variant.
func (a actionCase) differsUnder(v voxsim.Variants) bool {
	return v.NoEffect == "" || v.NoEffect.Covers(a.method) || v.NoEffect.Covers(a.other)
}

// actionCases returns all actions, those with several calls once for each call.
func actionCases() []actionCase {
	return []actionCase{
		{"create", "AddSubUser", "", func(t *testing.T, w *apptest.World) (operations.Outcome, error) {
			return create(t, w, "newcomer", "Support")
		}},
		{"grant", "SetSubUserRoles", "RemoveSubUserRoles", swapRoles},
		{"revoke", "RemoveSubUserRoles", "SetSubUserRoles", swapRoles},
		{"force", "RemoveSubUserRoles", "", force},
		{"edit", "SetSubUserInfo", "", edit},
		{"password", "SetSubUserInfo", "", password},
		{"delete", "DelSubUser", "", deleteSubuser},
		{"re-issue, deleting", "DelSubUser", "AddSubUser", reissue},
		{"re-issue, creating", "AddSubUser", "DelSubUser", reissue},
		{"create key", "CreateKey", "", createKey},
		{"edit key", "UpdateKey", "", editKey},
		{"grant to key", "SetKeyRoles", "RemoveKeyRoles", swapKeyRoles},
		{"revoke from key", "RemoveKeyRoles", "SetKeyRoles", swapKeyRoles},
		{"delete key", "DeleteKey", "", deleteKey},
	}
}

// testFault runs an action with one failing call, waits until everything is reconciled, and compares.
func testFault(t *testing.T, variant voxsim.NamedVariant, kind voxsim.FaultKind, action actionCase) {
	w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(false), Variants: variant.Variants})
	defer w.Close()
	w.Sim.AddFault(voxsim.Fault{Method: action.method, Kind: kind, Delay: 8 * time.Second})
	if out, err := action.run(t, w); err == nil {
		checkOutcome(t, w, out)
	}
	w.Reconcile(t, 3*time.Hour)
	agreement := w.CheckAgreement(t)
	for _, op := range agreement.Open {
		checkUndecidable(t, w, variant, op)
	}
}

// checkOutcome compares the immediate outcome with what the simulator has committed by then: applied changes must be
// committed, refused and unsent ones must not.
func checkOutcome(t *testing.T, w *apptest.World, out operations.Outcome) {
	t.Helper()
	committed := len(w.Sim.Ledger())
	switch out.Result {
	case audit.Applied, audit.PartlyApplied:
		if committed == 0 && !(out.Unreadable && !out.Confirmed && w.Sim.Variants().NoEffect.Covers("SetSubUserInfo")) {
			t.Errorf("result %s, but nothing was committed", out.Result)
		}
	case audit.Refused, audit.NotSent, audit.NotApplied:
		if committed != 0 {
			t.Errorf("result %s, but the vendor committed", out.Result)
		}
	}
	if out.Confirmed && !out.ReadBack {
		t.Error("confirmed without having been read")
	}
}

// checkUndecidable fails unless an operation stays open for a reason that no reading can resolve.
func checkUndecidable(t *testing.T, w *apptest.World, variant voxsim.NamedVariant, op audit.Operation) {
	t.Helper()
	_, finding, err := w.Operations.ReconcileNow(t.Context(), adminRequest().Operator, op.ID)
	if err != nil || finding == "" {
		t.Errorf("%s stays open without a reason: %q, %v", op.ID, finding, err)
	}
	listsAreUseless := variant.Variants.OffsetIgnored || variant.Variants.OrderUnstable
	held := variant.Variants.RoleList
	listsHideParents := held == voxsim.RoleListLeaves || held == voxsim.RoleListDirect || variant.Variants.WithRolesIgnored
	switch op.Action {
	case audit.ChangeSubuserPassword: // no reading shows a password
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

// smallTeam returns a company with few subusers, so that a world starts fast.
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

// teamWithKeys returns the small team with keys beside the console key, which belongs to a subuser when owned.
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

// create creates a subuser with the named roles.
func create(t *testing.T, w *apptest.World, login string, roles ...string) (operations.Outcome, error) {
	t.Helper()
	request := adminRequest()
	request.Account = w.Account
	form, err := w.Operations.NewForm(t.Context(), request.Operator, w.Account, access.Subuser)
	if err != nil {
		return operations.Outcome{}, err
	}
	request.ID = form.ID
	return w.Operations.CreateSubuser(t.Context(), operations.CreateSubuser{
		Request:     request,
		Login:       login,
		Description: "A newcomer",
		Roles:       roleIDs(form.Catalogue, roles),
		Offered:     form.Offered(),
	})
}

// changeRoles grants and revokes roles by name, with a form that was just built.
func changeRoles(t *testing.T, w *apptest.World, login string, grant, revoke []string) (operations.Outcome, error) {
	t.Helper()
	cmd, err := changeRolesCommand(t, w, login, grant, revoke)
	if err != nil {
		return operations.Outcome{}, err
	}
	return w.Operations.ChangeRoles(t.Context(), cmd)
}

// changeRolesCommand returns the request that the form sends.
func changeRolesCommand(
	t *testing.T,
	w *apptest.World,
	login string,
	grant, revoke []string,
) (operations.ChangeRoles, error) {
	t.Helper()
	request := adminRequest()
	request.Account = w.Account
	ref := access.SubuserRef(subuserID(t, w, login))
	form, err := w.Operations.RolesForm(t.Context(), request.Operator, w.Account, ref)
	if err != nil {
		return operations.ChangeRoles{}, err
	}
	request.ID = form.ID
	c := operations.ChangeRoles{
		Request: request,
		Ref:     form.Principal.Ref,
		Base:    form.Base,
		Offered: form.Offered(),
		Confirm: login,
	}
	revoked := roleIDs(form.Catalogue, revoke)
	for _, id := range append(form.Base, roleIDs(form.Catalogue, grant)...) {
		if !slices.Contains(revoked, id) {
			c.Ticked = append(c.Ticked, id)
		}
	}
	return c, nil
}

// subuserID reads the simulator's state directly, so that no call of ours is needed.
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

// roleIDs returns the ids of roles by name.
func roleIDs(c directory.Catalogue, names []string) []int64 {
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
