package operations_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

func TestLastOwnerNeedsConfirmation(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		c, err := changeRolesCommand(t, w, "team_two", nil, []string{"Owner"})
		if err != nil {
			t.Fatal(err)
		}
		diff, err := w.Operations.PreviewRoles(t.Context(), c)
		if err != nil || !diff.LastOwner || strings.Join(diff.AlsoRevoked, ",") != "Support" || len(diff.AlsoGranted) > 0 {
			t.Fatalf("%+v, %v", diff, err)
		}
		for _, confirm := range []string{"", "team_one"} {
			c.Confirm = confirm
			_, err := w.Operations.ChangeRoles(t.Context(), c)
			if invalid, ok := errors.AsType[*operations.Invalid](err); !ok || invalid.Fields["confirm"] == "" {
				t.Errorf("confirmed with %q: %v", confirm, err)
			}
		}
		c.Confirm = " TEAM_two "
		if out, err := w.Operations.ChangeRoles(t.Context(), c); err != nil || out.Result != audit.Applied {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestOtherOwnerNeedsNoConfirmation(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		granting, err := changeRolesCommand(t, w, "team_three", []string{"Owner", "UserManager"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		diff, err := w.Operations.PreviewRoles(t.Context(), granting)
		if err != nil || strings.Join(diff.AlsoGranted, ",") != "Support,UserRead,UserUpdate" || len(diff.AlsoRevoked) > 0 {
			t.Fatalf("%+v, %v", diff, err)
		}
		if _, err := w.Operations.ChangeRoles(t.Context(), granting); err != nil {
			t.Fatal(err)
		}
		c, err := changeRolesCommand(t, w, "team_two", nil, []string{"Owner"})
		if err != nil {
			t.Fatal(err)
		}
		c.Confirm = ""
		if out, err := w.Operations.ChangeRoles(t.Context(), c); err != nil || out.Result != audit.Applied {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestConcurrentRevokesKeepOneOwner(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		if _, err := changeRoles(t, w, "team_one", []string{"Owner"}, nil); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for _, login := range []string{"team_one", "team_two"} {
			c, err := changeRolesCommand(t, w, login, nil, []string{"Owner"})
			if err != nil {
				t.Fatal(err)
			}
			c.Confirm = ""
			group.Go(func() { _, _ = w.Operations.ChangeRoles(t.Context(), c) })
		}
		group.Wait()
		if !strings.Contains(roleNames(w, "team_one")+roleNames(w, "team_two"), "Owner") {
			t.Error("the last Owner was revoked without a confirmation")
		}
	})
}
