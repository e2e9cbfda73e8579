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

// The subusers of privilegeCompany. With apptest.StrictPolicy, Owner is privileged, ACDManager contains a privileged
// role, and UserRead and UserUpdate together are all roles that a privileged one contains.
const (
	noRoles        int64 = 300
	plain          int64 = 301
	halfPrivileged int64 = 302 // has some roles that a privileged one contains
	owner          int64 = 303
	container      int64 = 304
	bothHalves     int64 = 305
	withKey        int64 = 306 // like plain, and a key belongs to it
)

// privilegeCompany returns a company of these subusers, a key with the same roles as each of them, and another Owner.
// All but noRoles also have CallHistory.
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
			voxsim.Subuser{ID: noRoles + int64(id), Login: fmt.Sprintf("subuser_%d", id), Roles: roles},
		)
		company.Keys = append(
			company.Keys,
			voxsim.Key{ID: keyID(noRoles + int64(id)), Name: fmt.Sprintf("key_%d", id), Roles: roles},
		)
	}
	company.Keys = append(
		company.Keys,
		voxsim.Key{
			ID:      "11111111-1111-4111-8111-111111111111",
			Name:    "wallboard",
			Subuser: fmt.Sprintf("subuser_%d", withKey-noRoles),
		},
	)
	return company
}

func allIDs() []int64 {
	return []int64{noRoles, plain, halfPrivileged, owner, container, bothHalves, withKey}
}

// inPrivilegeWorld is inWorld with privilegeCompany and a strict policy.
func inPrivilegeWorld(t *testing.T, test func(t *testing.T, d fixture)) {
	t.Helper()
	inWorld(t, apptest.Options{Company: privilegeCompany(), Policy: apptest.StrictPolicy()}, test)
}

// operatorNamed returns the operator of a caller by name.
func operatorNamed(name string) operator.Operator {
	all := apptest.Callers()
	return all[slices.IndexFunc(all, func(p apptest.Caller) bool { return p.Name == name })].Operator
}

// signedInAgo returns the operator with an OIDC sign-in and groups of these ages.
func signedInAgo(o operator.Operator, signIn, groups time.Duration) operator.Operator {
	o.Method, o.ProvenAt, o.GroupsAt = operator.OIDC, time.Now().Add(-signIn), time.Now().Add(-groups)
	return o
}

// tryStart starts a draft with everything confirmed.
func (d fixture) tryStart(o operator.Operator, change bulk.Change) error {
	return d.tryStartFor(o, change, "because")
}

// tryStartFor is tryStart with a reason.
func (d fixture) tryStartFor(o operator.Operator, change bulk.Change, reason string) error {
	count, _ := change.Confirmation()
	_, err := d.Bulk.Start(d.t.Context(), d.request(o), change.ID, bulk.StartForm{
		Confirm:      fmt.Sprint(count),
		Warned:       change.Warnings,
		Reason:       reason,
		WithoutRoles: change.WithoutRoles.Count > 0,
	})
	return err
}

// mustStart is tryStart for an operator that can start it.
func (d fixture) mustStart(o operator.Operator, change bulk.Change) {
	d.t.Helper()
	if err := d.tryStart(o, change); err != nil {
		d.t.Fatal(err)
	}
}

// refusal returns why a call was refused, "" when it was not.
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

// checkUntouched fails when an operation was begun or a writing request was sent.
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

// changeCount returns the number of bulk changes, including drafts.
func (d fixture) changeCount() (count int) {
	d.t.Helper()
	if err := d.DB.SQL().QueryRowContext(d.t.Context(), `SELECT COUNT(*) FROM bulk_changes`).Scan(&count); err != nil {
		d.t.Fatal(err)
	}
	return count
}
