package bulk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Whom runs are tried on. In the world of apptest.StrictPolicy, Owner is privileged, ACDManager contains what is, and
// UserRead and UserUpdate together come to what is.
const (
	noRoles        int64 = 300
	plain          int64 = 301
	halfPrivileged int64 = 302 // of what comes to a privileged role
	owner          int64 = 303
	container      int64 = 304
	bothHalves     int64 = 305
	withKey        int64 = 306 // plain, and a key belongs to them
)

// privilegeCompany are all of them, with one more Owner; whoever has a role also has CallHistory.
func privilegeCompany() voxsim.Company {
	company := agents(0)
	for id, roles := range [][]string{
		nil,
		{"Developer"},
		{"UserUpdate"},
		{"Owner"},
		{"ACDManager"},
		{"UserRead", "UserUpdate"},
		{"Developer"},
	} {
		if roles != nil {
			roles = append(roles, "CallHistory")
		}
		company.Subusers = append(
			company.Subusers,
			voxsim.Subuser{ID: noRoles + int64(id), Login: fmt.Sprintf("holder_%d", id), Roles: roles},
		)
	}
	company.Keys = append(
		company.Keys,
		voxsim.Key{
			ID:      "11111111-1111-4111-8111-111111111111",
			Name:    "wallboard",
			Subuser: fmt.Sprintf("holder_%d", withKey-noRoles),
		},
	)
	return company
}

func allIDs() []int64 {
	return []int64{noRoles, plain, halfPrivileged, owner, container, bothHalves, withKey}
}

// inPrivilegeWorld runs a test in a world with all of them.
func inPrivilegeWorld(t *testing.T, test func(t *testing.T, d fixture)) {
	t.Helper()
	inWorld(t, apptest.Options{Company: privilegeCompany(), Policy: apptest.StrictPolicy()}, test)
}

// operatorNamed is somebody by the name above.
func operatorNamed(name string) operator.Operator {
	all := apptest.Callers()
	return all[slices.IndexFunc(all, func(p apptest.Caller) bool { return p.Name == name })].Operator
}

// signedInAgo gives somebody a sign-in with OIDC, and groups, of so long ago.
func signedInAgo(o operator.Operator, signIn, groups time.Duration) operator.Operator {
	o.Method, o.ProvenAt, o.GroupsAt = operator.OIDC, time.Now().Add(-signIn), time.Now().Add(-groups)
	return o
}

// tryStart starts a draft as its page would, everything confirmed.
func (d fixture) tryStart(o operator.Operator, r bulk.Change) error {
	count, _ := r.Confirmation()
	_, err := d.Bulk.Start(d.t.Context(), d.request(o), r.ID, bulk.StartForm{
		Confirm: fmt.Sprint(count),
		Warned:  r.Warnings,
	})
	return err
}

// mustStart is send for who may.
func (d fixture) mustStart(o operator.Operator, r bulk.Change) {
	d.t.Helper()
	if err := d.tryStart(o, r); err != nil {
		d.t.Fatal(err)
	}
}

// refusal is what became of a call: "" when it was done, else why not.
func refusal(err error) string {
	if _, denied := errors.AsType[*policy.Denied](err); denied {
		return "denied"
	}
	if stale, ok := errors.AsType[*policy.StaleSignIn](err); ok {
		return map[bool]string{true: "sign in again", false: "groups again"}[stale.Reauthenticate]
	}
	if err != nil {
		return "? " + err.Error()
	}
	return ""
}

// checkUntouched fails if anything was asked of the vendor, or begun in the record.
func (d fixture) checkUntouched() {
	d.t.Helper()
	var begun int
	if err := d.DB.SQL().QueryRowContext(d.t.Context(), `SELECT COUNT(*) FROM operations`).Scan(&begun); err != nil {
		d.t.Fatal(err)
	}
	ours := slices.DeleteFunc(d.Sim.Ledger(), func(e voxsim.LedgerEntry) bool { return e.Actor == voxsim.ExternalActor })
	if begun != 0 || d.writeCount() != 0 || len(ours) != 0 {
		d.t.Errorf("%d operations were begun, %d requests sent: %+v", begun, d.writeCount(), ours)
	}
}

// changeCount counts the runs that there are, drafts too.
func (d fixture) changeCount() (count int) {
	d.t.Helper()
	if err := d.DB.SQL().QueryRowContext(d.t.Context(), `SELECT COUNT(*) FROM bulk_changes`).Scan(&count); err != nil {
		d.t.Fatal(err)
	}
	return count
}
