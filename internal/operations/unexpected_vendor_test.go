package operations_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// oddWriter breaks the vendor's contract.
type oddWriter struct {
	operations.Writer
	wrongID   int64  // what AddSubUser returns instead of the new id
	alongside func() // what else happens when roles are set
}

func (w oddWriter) AddSubUser(ctx context.Context, account int64, s voxapi.NewSubUser) (int64, error) {
	id, err := w.Writer.AddSubUser(ctx, account, s)
	if w.wrongID != 0 {
		id = w.wrongID
	}
	return id, err
}

func (w oddWriter) SetSubUserRoles(ctx context.Context, account, id int64, roles []int64) error {
	err := w.Writer.SetSubUserRoles(ctx, account, id, roles)
	if w.alongside != nil {
		w.alongside()
	}
	return err
}

func TestUnrequestedChanges(t *testing.T) {
	var w *apptest.World
	odd := func(real operations.Writer) operations.Writer {
		return oddWriter{Writer: real, alongside: func() {
			for _, external := range []voxsim.ExternalChange{
				{
					Kind:      voxsim.ExternalRemoveSubuserRoles,
					SubuserID: 203,
					RoleIDs:   roleIDs(w.Directory.Catalogue(context.Background(), w.Account), []string{"Developer"}),
				},
				{
					Kind:      voxsim.ExternalAddSubuserRoles,
					SubuserID: 203,
					RoleIDs:   roleIDs(w.Directory.Catalogue(context.Background(), w.Account), []string{"Payer"}),
				},
			} {
				if err := w.Sim.ApplyExternal(external); err != nil {
					t.Error(err)
				}
			}
		}}
	}
	inWorld(t, apptest.Options{Writer: odd}, func(t *testing.T, world *apptest.World) {
		w = world
		out, err := changeRoles(t, w, "team_three", []string{"Accountant"}, nil)
		if err != nil || out.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		if got := strings.Join(
			out.UnrequestedChanges.Lost,
			",",
		) + "/" + strings.Join(out.UnrequestedChanges.Gained, ","); got != "Developer/Payer" {
			t.Errorf("what else changed: %s", got)
		}
		events, err := w.AuditLog.Events(t.Context(), out.Operation.ID)
		if err != nil || !strings.Contains(events[1].Note, "lost Developer; gained Payer") {
			t.Errorf("the audit log: %+v, %v", events, err)
		}
	})
}

func TestNoUnrequestedChanges(t *testing.T) {
	for at, variant := range append(voxsim.AllVariants(), voxsim.NamedVariant{Name: "default"}) {
		if testing.Short() && at%4 != 0 {
			continue
		}
		t.Run(variant.Name, func(t *testing.T) {
			inWorld(t, apptest.Options{Variants: variant.Variants}, func(t *testing.T, w *apptest.World) {
				for _, step := range [][2][]string{
					{{"Owner"}, nil},
					{{"UserManager"}, {"Owner"}},
					{{"Accountant"}, {"UserManager"}},
				} {
					out, err := changeRoles(t, w, "team_three", step[0], step[1])
					if err == nil && out.UnrequestedChanges.Any() {
						t.Errorf("%v: %s", step, out.UnrequestedChanges.Message())
					}
				}
			})
		})
	}
}

func TestWrongIDIsNotAdopted(t *testing.T) {
	odd := func(real operations.Writer) operations.Writer { return oddWriter{Writer: real, wrongID: 202} }
	for _, tags := range []bool{true, false} {
		t.Run(map[bool]string{true: "with tags", false: "without tags"}[tags], func(t *testing.T) {
			inWorld(t, apptest.Options{Writer: odd, NoTags: !tags}, func(t *testing.T, w *apptest.World) {
				out, err := create(t, w, "newcomer")
				if err != nil || out.Principal.Name == "team_two" || out.Principal.SubuserID() == 202 || out.Password.Empty() {
					t.Fatalf("%+v, %v", out, err)
				}
				w.Reconcile(t, time.Hour)
				op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
				if err != nil || op.Target.ID == "202" || (op.Result == audit.Applied) != tags {
					t.Errorf("%+v, %v", op, err)
				}
			})
		})
	}
}

// The vendor reported success, and the subuser was deleted elsewhere before it could be read: the vendor's answer still
// counts.
func TestAppliedOperationWithDeletedTarget(t *testing.T) {
	var w *apptest.World
	odd := func(real operations.Writer) operations.Writer {
		return oddWriter{Writer: real, alongside: func() {
			if err := w.Sim.ApplyExternal(voxsim.ExternalChange{
				Kind:      voxsim.ExternalDeleteSubuser,
				SubuserID: 203,
			}); err != nil {
				t.Error(err)
			}
		}}
	}
	inWorld(t, apptest.Options{Writer: odd}, func(t *testing.T, world *apptest.World) {
		w = world
		out, err := changeRoles(t, w, "team_three", []string{"Accountant"}, nil)
		if err != nil || out.Result != audit.Applied || out.Confirmed || out.Call.Result != audit.Applied {
			t.Fatalf("%+v, %v", out, err)
		}
		w.Reconcile(t, time.Hour)
		op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
		if err != nil || op.Result != audit.Applied || op.Confirmed || op.Open {
			t.Errorf("%+v, %v", op, err)
		}
	})
}
