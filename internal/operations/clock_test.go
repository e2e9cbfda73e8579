package operations_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// A clock that is set back between two operations does not reverse their order.
func TestLaterOperationWithClockSetBack(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
		first, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil || first.Result != audit.Unknown {
			t.Fatalf("%+v, %v", first, err)
		}
		w.Reconcile(t, 30*time.Minute)
		slow := w.Operations.Options
		slow.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := operations.New(slow).ChangeRoles(t.Context(), c); err != nil ||
			second.Result != audit.Applied {
			t.Fatalf("%+v, %v", second, err)
		}
		w.Reconcile(t, time.Hour)
		if op, err := w.AuditLog.Operation(t.Context(), first.Operation.ID); err != nil || op.Result != audit.NotApplied {
			t.Errorf("the audit log attributes the change to the first operation: %+v, %v", op, err)
		}
	})
}

// TestUnknownOperationWithClockSetBack: the time that a lost call is waited for is measured, not read from a clock.
func TestUnknownOperationWithClockSetBack(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"in the same process": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			var ahead atomic.Int64
			ahead.Store(int64(time.Hour))
			now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			inWorld(t, apptest.Options{Now: now}, func(t *testing.T, w *apptest.World) {
				w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetBeforeCommit})
				out, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
				if err != nil || out.Result != audit.Unknown {
					t.Fatalf("%+v, %v", out, err)
				}
				ahead.Store(0)
				if restart {
					w.Restart()
				}
				w.Reconcile(t, 10*time.Minute)
				if op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID); err != nil || op.Result != audit.NotApplied {
					t.Errorf("%+v, %v", op, err)
				}
			})
		})
	}
}

// TestOperationOfKilledProcess: what a killed process has begun is read within 10 seconds after the restart, also when
// the clock was set back in between.
func TestOperationOfKilledProcess(t *testing.T) {
	t.Parallel()
	for name, setBack := range map[string]time.Duration{"clock kept": 0, "clock set back": time.Hour} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				ahead := &atomic.Int64{}
				ahead.Store(int64(setBack))
				o := apptest.Options{
					Company:  smallTeam(),
					Database: url,
					Now:      func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
				}
				synctest.Test(t, func(t *testing.T) {
					w := apptest.NewWorld(t, o)
					defer w.Close()
					w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.CommitThenHang})
					c, err := changeRolesCommand(t, w, "team_one", []string{"Accountant"}, nil)
					if err != nil {
						t.Fatal(err)
					}
					killed := make(chan struct{})
					before := w.Operations
					go func() { // its outcome cannot be written: the database is closed
						defer close(killed)
						_, _ = before.ChangeRoles(t.Context(), c)
					}()
					time.Sleep(time.Second)
					ahead.Store(0)
					w.Restart()
					ctx, cancel := context.WithCancel(t.Context())
					reconciled := make(chan struct{})
					go func() {
						defer close(reconciled)
						w.Operations.Run(ctx)
					}()
					time.Sleep(10 * time.Second)
					op, err := w.AuditLog.Operation(t.Context(), c.ID)
					if err != nil || op.Result != audit.Applied || op.Open {
						t.Errorf("after 10 seconds: %+v, %v", op, err)
					}
					cancel()
					<-reconciled
					<-killed
				})
			})
		})
	}
}
