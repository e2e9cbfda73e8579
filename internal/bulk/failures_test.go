package bulk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestRetriesAfterRateLimit(t *testing.T) {
	tests := []struct {
		name    string
		fault   voxsim.Fault
		want    string
		refused int // refused operations of the second item
		least   time.Duration
	}{
		{
			"twice, on the write",
			voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Count: 2},
			"done, 4 applied",
			2,
			40 * time.Second,
		},
		{
			"more often than it is retried",
			voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Count: 4},
			"done, 3 applied, 1 refused",
			4,
			100 * time.Second,
		},
		{
			"on the reading before the write",
			voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Count: 4},
			"done, 4 applied",
			0,
			10 * time.Second,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(4)}, func(t *testing.T, d fixture) {
				defer d.startWorkers()()
				change := d.draftRoles([]string{"Accountant"}, nil)
				test.fault.Kind, test.fault.Code = voxsim.Refuse, 340
				d.Sim.AddFault(test.fault)
				began := time.Now()
				d.start(change)
				end := d.waitUntilEnded(change.ID)
				wantSummary(t, end, test.want)
				if took := end.EndedAt.Sub(began); took < test.least || took > test.least+10*time.Second {
					t.Errorf("took %v", took)
				}
				refused := 0
				for _, op := range must[[]audit.Operation](t)(d.AuditLog.Operations(t.Context(), audit.Filter{TargetID: "1002"})) {
					if op.Result == audit.Refused {
						refused++
					}
				}
				if refused != test.refused {
					t.Errorf("%d operations refused", refused)
				}
				d.checkAgreement()
				if end.Counts.Refused == 0 {
					return
				}
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
				d.start(again)
				wantSummary(t, d.waitUntilEnded(again.ID), "done, 1 applied")
				d.checkAgreement()
			})
		})
	}
}

func TestSharedFailuresStopChange(t *testing.T) {
	tests := []struct {
		name   string
		fault  voxsim.Fault
		want   string
		reason string
	}{
		{
			"no response to readings",
			voxsim.Fault{Kind: voxsim.HangBeforeCommit},
			"stopped, 5 waiting, 3 not sent",
			"Voximplant did not answer in time.",
		},
		{"the console key is refused", voxsim.Fault{Kind: voxsim.Refuse, Code: 104}, "stopped, 5 waiting, 3 not sent", "key"},
		{
			"the console key can only read",
			voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Code: 104},
			"stopped, 5 waiting, 3 refused",
			"key",
		},
		{
			"the responses are lost",
			voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.HangThenCommit, Delay: 20 * time.Second},
			"stopped, 5 waiting, 3 unknown",
			"responses were lost",
		},
		{
			"the changes are reported and not visible",
			voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.StaleReads, Delay: 20 * time.Second},
			"stopped, 5 waiting, 3 unknown",
			"does not show the changes",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
				defer startLoops(d.Bulk.Run)()
				change := d.draftRoles([]string{"Accountant"}, nil)
				test.fault.Count = -1
				d.Sim.AddFault(test.fault)
				d.start(change)
				end := d.waitUntilEnded(change.ID)
				wantSummary(t, end, test.want)
				if !strings.HasPrefix(end.StopReason, "Three items in a row failed") ||
					!strings.Contains(end.StopReason, test.reason) {
					t.Errorf("the stop reason is %q", end.StopReason)
				}
				d.Sim.ClearFaults()
				d.Reconcile(t, time.Hour)
				unknown := end.Counts.Unknown
				if end = d.show(change.ID); end.Counts.Applied != unknown || end.Counts.Unknown != 0 {
					t.Errorf("after reconciling: %s", summary(end))
				}
				again := must[bulk.Change](t)(d.Bulk.Retry(t.Context(), d.request(admin()), change.ID))
				d.start(again)
				if end = d.waitUntilEnded(again.ID); end.Counts.Applied != again.Counts.Waiting || end.State != bulk.Done {
					t.Errorf("after the retry: %s", summary(end))
				}
				d.checkAgreement()
			})
		})
	}
}

func TestVendorDownStopsChange(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		file := d.draftImport(admin(), "login\nanna_k\nbob_kk\ncarl_k\ndora_k\n")
		d.VendorDown()
		d.start(change)
		d.start(file)
		for _, id := range []string{change.ID, file.ID} {
			end := d.waitUntilEnded(id)
			if end.State != bulk.Stopped || end.Counts.NotSent != 3 || !strings.Contains(end.StopReason, "reach") {
				t.Errorf("%s: %q", summary(end), end.StopReason)
			}
		}
	})
}

func TestRetriesLockedTarget(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer startLoops(d.Bulk.Run)() // nothing is reconciled
		change := d.draftRoles([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.HangBeforeCommit})
		request := d.request(admin())
		request.ID = d.Operations.NewID()
		supervisor, support := d.roleIDs("Supervisor"), d.roleIDs("Support")
		out, err := d.Operations.ChangeRoles(t.Context(), operations.ChangeRoles{
			Request: request,
			Ref:     access.SubuserRef(1002),
			Base:    support,
			Offered: supervisor,
			Ticked:  supervisor,
		})
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		began := time.Now()
		d.start(change)
		end := d.waitUntilEnded(change.ID)
		wantSummary(t, end, "done, 7 applied, 1 not sent")
		if took := end.EndedAt.Sub(began); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("waited %v", took)
		}
		if message := d.items(change.ID, bulk.OnlyNotSent)[0].Message; !strings.Contains(message, "admin") ||
			!strings.Contains(message, request.ID) {
			t.Errorf("the message is %q", message)
		}
	})
}

// panickingWriter panics for one subuser.
type panickingWriter struct{ operations.Writer }

func (f panickingWriter) SetSubUserRoles(ctx context.Context, account, id int64, roles []int64) error {
	if id == 1002 {
		panic("a bug")
	}
	return f.Writer.SetSubUserRoles(ctx, account, id, roles)
}

func TestPanicDuringItem(t *testing.T) {
	inWorld(
		t,
		apptest.Options{Writer: func(w operations.Writer) operations.Writer { return panickingWriter{w} }},
		func(t *testing.T, d fixture) {
			defer d.startWorkers()()
			change := d.draftRoles([]string{"Accountant"}, nil)
			d.start(change)
			wantSummary(t, d.waitUntilEnded(change.ID), "done, 7 applied, 1 unknown")
			wantSummary(
				t,
				d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Unknown == 0 }),
				"done, 7 applied, 1 not applied",
			)
			d.checkAgreement()
		},
	)
}

// TestAuditLogNotWritable refuses the writes of intents, but not those of bulk changes.
func TestAuditLogNotWritable(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		defer d.startWorkers()()
		change := d.draftRoles([]string{"Accountant"}, nil)
		storetest.RefuseWrites(t, d.DB, "INSERT", "operations")
		d.start(change)
		end := d.waitUntilEnded(change.ID)
		wantSummary(t, end, "stopped, 5 waiting, 3 not sent")
		if !strings.Contains(end.StopReason, "the audit log could not be written") || d.writeCount() != 0 {
			t.Errorf("the stop reason is %q; %d writes", end.StopReason, d.writeCount())
		}
		if message := d.items(change.ID, "")[0].Message; strings.Contains(message, "disk is full") {
			t.Errorf("an item shows the text of an error: %q", message)
		}
	})
}

func TestPlanBeforeAccountLoaded(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d fixture) {
		d.Sim.AddFault(voxsim.Fault{Method: "GetSubUsers", Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		_, err := d.Bulk.PlanDelete(t.Context(), d.request(admin()), allAgents())
		if _, cold := errors.AsType[*bulk.NotLoaded](err); !cold {
			t.Errorf("%v", err)
		}
	})
}
