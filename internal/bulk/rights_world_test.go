package bulk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Whom runs are tried on. In the world of apptest.Strictly, Owner is privileged, ACDManager contains what is, and
// UserRead and UserUpdate together come to what is.
const (
	nothing   int64 = 300
	plain     int64 = 301
	half      int64 = 302 // of what comes to a privileged role
	owner     int64 = 303
	container int64 = 304
	together  int64 = 305
	withKey   int64 = 306 // plain, and a key belongs to them
)

// crowd are all of them, with one more Owner; whoever has a role also has CallHistory.
func crowd() voxsim.Company {
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
			voxsim.Subuser{ID: nothing + int64(id), Login: fmt.Sprintf("holder_%d", id), Roles: roles},
		)
	}
	company.Keys = append(
		company.Keys,
		voxsim.Key{
			ID:      "11111111-1111-4111-8111-111111111111",
			Name:    "wallboard",
			Subuser: fmt.Sprintf("holder_%d", withKey-nothing),
		},
	)
	return company
}

func everyone() []int64 { return []int64{nothing, plain, half, owner, container, together, withKey} }

// inCrowd runs a test in a world with all of them.
func inCrowd(t *testing.T, test func(t *testing.T, d desk)) {
	t.Helper()
	inWorld(t, apptest.Options{Company: crowd(), Policy: apptest.Strictly()}, test)
}

// who is somebody by the name above.
func who(name string) operator.Operator {
	all := apptest.People()
	return all[slices.IndexFunc(all, func(p apptest.Person) bool { return p.Name == name })].Operator
}

// proven gives somebody a sign-in with OIDC, and groups, of so long ago.
func proven(o operator.Operator, signIn, groups time.Duration) operator.Operator {
	o.Method, o.ProvenAt, o.GroupsAt = operator.OIDC, time.Now().Add(-signIn), time.Now().Add(-groups)
	return o
}

// send starts a draft as its page would, everything confirmed.
func (d desk) send(o operator.Operator, r bulk.Run) error {
	count, _ := r.Confirmation()
	_, err := d.Bulk.Start(d.t.Context(), d.act(o), r.ID, bulk.StartForm{Confirm: fmt.Sprint(count), Warned: r.Warnings})
	return err
}

// sent is send for who may.
func (d desk) sent(o operator.Operator, r bulk.Run) {
	d.t.Helper()
	if err := d.send(o, r); err != nil {
		d.t.Fatal(err)
	}
}

// word is what became of a call: "" when it was done, else why not.
func word(err error) string {
	if _, denied := errors.AsType[*policy.Denied](err); denied {
		return "denied"
	}
	if stale, ok := errors.AsType[*policy.Stale](err); ok {
		return map[bool]string{true: "sign in again", false: "groups again"}[stale.Again]
	}
	if err != nil {
		return "? " + err.Error()
	}
	return ""
}

// untouched fails if anything was asked of the vendor, or begun in the record.
func (d desk) untouched() {
	d.t.Helper()
	var begun int
	if err := d.DB.SQL().QueryRowContext(d.t.Context(), `SELECT COUNT(*) FROM operations`).Scan(&begun); err != nil {
		d.t.Fatal(err)
	}
	ours := slices.DeleteFunc(d.Sim.Ledger(), func(e voxsim.LedgerEntry) bool { return e.Actor == voxsim.ExternalActor })
	if begun != 0 || d.writes() != 0 || len(ours) != 0 {
		d.t.Errorf("%d operations were begun, %d requests sent: %+v", begun, d.writes(), ours)
	}
}

// runs counts the runs that there are, drafts too.
func (d desk) runs() (count int) {
	d.t.Helper()
	if err := d.DB.SQL().QueryRowContext(d.t.Context(), `SELECT COUNT(*) FROM runs`).Scan(&count); err != nil {
		d.t.Fatal(err)
	}
	return count
}
