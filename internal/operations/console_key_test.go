package operations_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// consoleKeyAttempt is an operation that could delete the console key or revoke its Owner.
type consoleKeyAttempt struct {
	name string
	try  func(t *testing.T, w *apptest.World) error
	// Not checked here, since the vendor refuses it with code 439 when the key has a revoked role.
	refusedByVendor bool
	isBulk          bool // other keys are changed
}

// consoleKeyAttempts returns all attempts. In each world the key belongs to team_two, the only subuser with Owner.
func consoleKeyAttempts() []consoleKeyAttempt {
	consoleKey := func(grant, revoke []string) func(t *testing.T, w *apptest.World) error {
		return func(t *testing.T, w *apptest.World) error {
			_, err := changeKeyRoles(t, w, w.ConsoleKey(), grant, revoke)
			return err
		}
	}
	return []consoleKeyAttempt{
		{name: "deleting the key", try: func(t *testing.T, w *apptest.World) error {
			_, err := deleteKeyByID(t, w, w.ConsoleKey())
			return err
		}},
		{name: "revoking its Owner", try: consoleKey(nil, []string{"Owner"})},
		{name: "revoking its Owner, granting others", try: consoleKey([]string{"Admin", "Support"}, []string{"Owner"})},
		{name: "deleting the subuser that it belongs to", try: func(t *testing.T, w *apptest.World) error {
			_, err := deleteSubuserByLogin(t, w, "team_two")
			return err
		}},
		{name: "re-issuing the subuser that it belongs to", try: func(t *testing.T, w *apptest.World) error {
			_, err := reissueSubuser(t, w, "team_two")
			return err
		}},
		{name: "revoking Owner from that subuser by force", try: func(t *testing.T, w *apptest.World) error {
			c, err := changeRolesCommand(t, w, "team_two", nil, []string{"Owner"})
			if err != nil {
				return err
			}
			c.Force, c.Warned = true, allWarnings()
			_, err = w.Operations.ChangeRoles(t.Context(), c)
			return err
		}},
		{
			name:            "revoking Owner from that subuser without force",
			refusedByVendor: true,
			try: func(t *testing.T, w *apptest.World) error {
				_, err := changeRoles(t, w, "team_two", nil, []string{"Owner"})
				return err
			},
		},
		{name: "deleting all in a bulk change", refusedByVendor: true, try: deleteAll(access.Subuser)},
		{
			name:            "revoking Owner from all in a bulk change",
			refusedByVendor: true,
			try:             revokeOwnerFromAll(access.Subuser),
		},
		{name: "deleting all keys in a bulk change", isBulk: true, try: deleteAll(access.Key)},
		{name: "revoking Owner from all keys in a bulk change", isBulk: true, try: revokeOwnerFromAll(access.Key)},
	}
}

// deleteAll deletes all principals of a kind in a bulk change.
func deleteAll(kind access.Kind) func(t *testing.T, w *apptest.World) error {
	return func(t *testing.T, w *apptest.World) error {
		return runBulkChange(t, w, func(request operations.Request) (bulk.Change, error) {
			return w.Bulk.PlanDelete(t.Context(), request, bulk.Targets{Kind: kind, All: true})
		})
	}
}

// revokeOwnerFromAll revokes Owner from all principals of a kind in a bulk change, and grants Payer.
func revokeOwnerFromAll(kind access.Kind) func(t *testing.T, w *apptest.World) error {
	return func(t *testing.T, w *apptest.World) error {
		return runBulkChange(t, w, func(request operations.Request) (bulk.Change, error) {
			targets := bulk.Targets{Kind: kind, All: true}
			return w.Bulk.PlanRoles(t.Context(), request, targets, roleIDsNamed(w, "Payer"), roleIDsNamed(w, "Owner"))
		})
	}
}

// runBulkChange plans a bulk change, starts it with every confirmation, and runs it.
func runBulkChange(t *testing.T, w *apptest.World, plan func(request operations.Request) (bulk.Change, error)) error {
	t.Helper()
	request := adminRequestWithID(w)
	request.ID = ""
	change, err := plan(request)
	if err != nil {
		return err
	}
	count, _ := change.Confirmation()
	if _, err := w.Bulk.Start(t.Context(), request, change.ID, bulk.StartForm{
		Confirm: fmt.Sprint(count),
		Warned:  change.Warnings,
		Reason:  "because",
	}); err != nil {
		return err
	}
	working, stop := context.WithCancel(t.Context())
	var loop sync.WaitGroup
	loop.Go(func() { w.Bulk.Run(working) })
	time.Sleep(time.Hour)
	stop()
	loop.Wait()
	return nil
}

// roleIDsNamed reads the simulator's state directly.
func roleIDsNamed(w *apptest.World, name string) []int64 {
	for _, r := range w.Sim.State().Roles {
		if r.Name == name {
			return []int64{r.ID}
		}
	}
	return nil
}

// checkConsoleKeyOwner fails when the console key is gone or has lost Owner.
func checkConsoleKeyOwner(t *testing.T, w *apptest.World) {
	t.Helper()
	key, exists := w.Sim.State().Key(w.ConsoleKey())
	if !exists || !slices.Contains(key.RoleIDs, roleIDsNamed(w, "Owner")[0]) {
		t.Errorf("the console key is %+v", key)
	}
}

func TestConsoleKeyIsProtected(t *testing.T) {
	t.Parallel()
	for _, r := range consoleKeyAttempts() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
				defer w.Close()
				err := r.try(t, w)
				checkConsoleKeyOwner(t, w)
				if r.refusedByVendor || r.isBulk {
					if err != nil {
						t.Errorf("it was not attempted: %v", err)
					}
					return
				}
				if guarded, ok := errors.AsType[*operations.ConsoleKeyProtected](err); !ok || guarded.Message == "" {
					t.Errorf("the error is %v", err)
				}
				if len(w.Sim.Ledger()) != 0 {
					t.Errorf("the vendor was called: %+v", w.Sim.Ledger())
				}
			})
		})
	}
}

// The key keeps Owner under every variant of the vendor. Where the vendor does not report the owner of the key, only
// the warning protects it; see TestConsoleKeyOwnerUnknownNeedsWarning.
func TestConsoleKeyIsProtectedUnderEveryVariant(t *testing.T) {
	t.Parallel()
	variants := append(
		voxsim.AllVariants(),
		voxsim.NamedVariant{
			Name:     "parents not listed, and roles replaced",
			Variants: voxsim.Variants{RoleList: voxsim.RoleListLeaves, SetKeyRolesReplaces: true},
		},
		voxsim.NamedVariant{
			Name:     "children not listed, and roles replaced",
			Variants: voxsim.Variants{RoleList: voxsim.RoleListDirect, SetKeyRolesReplaces: true},
		},
	)
	attempts := append(consoleKeyAttempts(), consoleKeyAttempt{
		name: "granting it another role",
		try: func(t *testing.T, w *apptest.World) error {
			_, err := changeKeyRoles(t, w, w.ConsoleKey(), []string{"Payer"}, nil)
			return err
		},
	})
	for at, variant := range variants {
		if variant.Variants.KeySubuser == voxsim.KeySubuserAbsent {
			continue
		}
		t.Run(variant.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for i, r := range attempts {
					if testing.Short() && i != at%len(attempts) {
						continue // one attempt for each variant, in turn
					}
					w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true), Variants: variant.Variants})
					_ = r.try(t, w) // only the state of the key matters
					checkConsoleKeyOwner(t, w)
					w.Close()
				}
			})
		})
	}
}

// A bulk change checks each item again when it runs, so a console key that changed after the preview is protected too.
func TestConsoleKeyChangedAfterPreview(t *testing.T) {
	t.Parallel()
	subuser := func(t *testing.T, w *apptest.World) access.Ref {
		return access.SubuserRef(subuserID(t, w, "team_three"))
	}
	key := func(*testing.T, *apptest.World) access.Ref { return access.KeyRef(wallboard) }
	for _, test := range []struct {
		name    string
		target  func(t *testing.T, w *apptest.World) access.Ref
		grant   string // "" deletes
		message string
	}{
		{"deleting the subuser that it belongs to", subuser, "", "The console key belongs to team_three"},
		{"deleting it", key, "", "This is the console key"},
		{"granting it a role", key, "Payer", "This is the console key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
				defer w.Close()
				var change bulk.Change
				err := runBulkChange(t, w, func(request operations.Request) (planned bulk.Change, err error) {
					ref := test.target(t, w)
					targets := bulk.Targets{Kind: ref.Kind, Refs: []access.Ref{ref}}
					if test.grant == "" {
						change, err = w.Bulk.PlanDelete(t.Context(), request, targets)
					} else {
						change, err = w.Bulk.PlanRoles(t.Context(), request, targets, roleIDsNamed(w, test.grant), nil)
					}
					w.Operations.ConsoleKeyID = func() string { return wallboard }
					return change, err
				})
				if err != nil || len(w.Sim.Ledger()) != 0 {
					t.Fatalf("%v; the vendor was called: %+v", err, w.Sim.Ledger())
				}
				items, err := w.Bulk.Items(t.Context(), adminRequestWithID(w).Operator, change.ID, bulk.ItemFilter{})
				if err != nil || !strings.Contains(items.Items[0].Message, test.message) {
					t.Errorf("%+v, %v", items.Items, err)
				}
			})
		})
	}
}

// Changes that do not revoke Owner are allowed, as for any key.
func TestConsoleKeyAllowsOtherChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(t, apptest.Options{Company: teamWithKeys(true)})
		defer w.Close()
		if out, err := changeKeyRoles(t, w, w.ConsoleKey(), []string{"Payer"}, nil); err != nil || !out.Confirmed {
			t.Errorf("granting: %+v, %v", out, err)
		}
		if out, err := changeKeyRoles(t, w, w.ConsoleKey(), nil, []string{"Payer"}); err != nil || !out.Confirmed {
			t.Errorf("revoking: %+v, %v", out, err)
		}
		c, err := changeRolesCommand(t, w, "team_two", []string{"Payer"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := w.Operations.ChangeRoles(t.Context(), c); err != nil || !out.Confirmed {
			t.Errorf("changing the owner of the console key: %+v, %v", out, err)
		}
	})
}

// When the vendor does not report the owner of the console key, the page must warn before any subuser is deleted.
func TestConsoleKeyOwnerUnknownNeedsWarning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.NewWorld(
			t,
			apptest.Options{Company: teamWithKeys(true), Variants: voxsim.Variants{KeySubuser: voxsim.KeySubuserAbsent}},
		)
		defer w.Close()
		id := subuserID(t, w, "team_one")
		form, err := w.Operations.DeleteForm(t.Context(), adminRequest().Operator, w.Account, access.SubuserRef(id))
		if err != nil || form.BlockedReason != "" || !strings.Contains(
			joinWarnings(form),
			string(operations.WarnConsoleKeyOwnerUnknown),
		) {
			t.Fatalf("%+v, %v", form, err)
		}
		c := operations.Delete{
			Request: adminRequestWithID(w),
			Ref:     access.SubuserRef(id),
			Base:    form.Principal.DirectRoleIDs(),
			Confirm: "team_one",
		}
		_, err = w.Operations.Delete(t.Context(), c)
		if outdated, ok := errors.AsType[*operations.FormOutdated](err); !ok || len(outdated.Form.Warnings) == 0 ||
			len(w.Sim.Ledger()) != 0 {
			t.Errorf("without the warning: %v, %+v", err, w.Sim.Ledger())
		}
		c.Request, c.Warned = adminRequestWithID(w), form.Warnings
		if out, err := w.Operations.Delete(t.Context(), c); err != nil || !out.Gone {
			t.Errorf("with it: %+v, %v", out, err)
		}
	})
}

func joinWarnings(f operations.Form) string {
	var all []string
	for _, w := range f.Warnings {
		all = append(all, string(w))
	}
	return strings.Join(all, " ")
}
