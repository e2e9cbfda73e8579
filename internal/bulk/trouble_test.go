package bulk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/apptest"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/storetest"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

func TestTheRateLimitIsWaitedFor(t *testing.T) {
	tests := []struct {
		name    string
		fault   voxsim.Fault
		want    string
		refused int // operations of the second row that the record has as refused
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
			"for too long",
			voxsim.Fault{Method: "SetSubUserRoles", Nth: 2, Count: 4},
			"done, 3 applied, 1 refused",
			4,
			100 * time.Second,
		},
		{
			"on the reading before it",
			voxsim.Fault{Method: "GetSubUserRoles", Nth: 3, Count: 4},
			"done, 4 applied",
			0,
			10 * time.Second,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{Company: agents(4)}, func(t *testing.T, d desk) {
				defer d.work()()
				r := d.planned([]string{"Accountant"}, nil)
				test.fault.Kind, test.fault.Code = voxsim.Refuse, 340
				d.Sim.AddFault(test.fault)
				began := time.Now()
				d.start(r)
				end := d.ended(r.ID)
				want(t, end, test.want)
				if took := end.EndedAt.Sub(began); took < test.least || took > test.least+10*time.Second {
					t.Errorf("it took %v", took)
				}
				refused := 0
				for _, op := range must[[]audit.Operation](t)(d.Record.Operations(t.Context(), audit.Filter{TargetID: "1002"})) {
					if op.Result == audit.Refused {
						refused++
					}
				}
				if refused != test.refused {
					t.Errorf("%d operations were refused", refused)
				}
				d.agree()
				if end.Counts.Refused == 0 {
					return
				}
				again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
				d.start(again)
				want(t, d.ended(again.ID), "done, 1 applied")
				d.agree()
			})
		})
	}
}

func TestTroubleThatTheNextRowWouldShareStopsTheRun(t *testing.T) {
	tests := []struct {
		name  string
		fault voxsim.Fault
		want  string
		says  string
	}{
		{
			"no answer to reading",
			voxsim.Fault{Kind: voxsim.HangBeforeCommit},
			"stopped, 5 waiting, 3 not sent",
			"Voximplant did not answer in time.",
		},
		{"the key is refused", voxsim.Fault{Kind: voxsim.Refuse, Code: 104}, "stopped, 5 waiting, 3 not sent", "key"},
		{
			"the key may read only",
			voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.Refuse, Code: 104},
			"stopped, 5 waiting, 3 refused",
			"key",
		},
		{
			"the answers are lost",
			voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.HangThenCommit, Delay: 20 * time.Second},
			"stopped, 5 waiting, 3 unknown",
			"The answers were lost",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
				defer loops(d.Bulk.Run)()
				r := d.planned([]string{"Accountant"}, nil)
				test.fault.Count = -1
				d.Sim.AddFault(test.fault)
				d.start(r)
				end := d.ended(r.ID)
				want(t, end, test.want)
				if !strings.HasPrefix(end.Note, "Three rows in a row failed") || !strings.Contains(end.Note, test.says) {
					t.Errorf("it says %q", end.Note)
				}
				d.Sim.ClearFaults()
				d.Settle(t, time.Hour)
				unknown := end.Counts.Unknown
				if end = d.show(r.ID); end.Counts.Applied != unknown || end.Counts.Unknown != 0 {
					t.Errorf("after settling: %s", counts(end))
				}
				again := must[bulk.Run](t)(d.Bulk.Retry(t.Context(), d.act(admin()), r.ID))
				d.start(again)
				if end = d.ended(again.ID); end.Counts.Applied != again.Counts.Waiting || end.State != bulk.Done {
					t.Errorf("after trying again: %s", counts(end))
				}
				d.agree()
			})
		})
	}
}

func TestAVendorThatIsDownStopsTheRun(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, nil)
		file := d.planImport(admin(), "login\nanna_k\nbob_kk\ncarl_k\ndora_k\n")
		d.VendorDown()
		d.start(r)
		d.start(file)
		for _, id := range []string{r.ID, file.ID} {
			end := d.ended(id)
			if end.State != bulk.Stopped || end.Counts.NotSent != 3 || !strings.Contains(end.Note, "reach") {
				t.Errorf("%s: %q", counts(end), end.Note)
			}
		}
	})
}

func TestATargetThatIsHeldIsWaitedFor(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer loops(d.Bulk.Run)() // nothing is settled
		r := d.planned([]string{"Accountant"}, nil)
		d.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.HangBeforeCommit})
		act := d.act(admin())
		act.ID = d.Operations.NewID()
		supervisor, support := d.roles("Supervisor"), d.roles("Support")
		out, err := d.Operations.ChangeSubuserRoles(
			t.Context(),
			operations.ChangeSubuserRoles{Act: act, SubuserID: 1002, Base: support, Offered: supervisor, Ticked: supervisor},
		)
		if err != nil || out.Result != audit.Unknown {
			t.Fatalf("%+v, %v", out, err)
		}
		began := time.Now()
		d.start(r)
		end := d.ended(r.ID)
		want(t, end, "done, 7 applied, 1 not sent")
		if took := end.EndedAt.Sub(began); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("it waited for %v", took)
		}
		if answer := d.rows(r.ID, bulk.OnlyNotSent)[0].Answer; !strings.Contains(answer, "admin") ||
			!strings.Contains(answer, act.ID) {
			t.Errorf("it says %q", answer)
		}
	})
}

// faulty is a writer that has a fault over one subuser.
type faulty struct{ operations.Writer }

func (f faulty) SetSubUserRoles(ctx context.Context, account, id int64, roles []int64) error {
	if id == 1002 {
		panic("a fault")
	}
	return f.Writer.SetSubUserRoles(ctx, account, id, roles)
}

func TestAFaultOverOneRowDoesNotEndTheOthers(t *testing.T) {
	inWorld(
		t,
		apptest.Options{Writer: func(w operations.Writer) operations.Writer { return faulty{w} }},
		func(t *testing.T, d desk) {
			defer d.work()()
			r := d.planned([]string{"Accountant"}, nil)
			d.start(r)
			want(t, d.ended(r.ID), "done, 7 applied, 1 unknown")
			want(t, d.until(r.ID, func(r bulk.Run) bool { return r.Counts.Unknown == 0 }), "done, 7 applied, 1 not applied")
			d.agree()
		},
	)
}

// TestARecordThatCannotBeWritten makes the writer of the database unavailable to intents, but not to runs.
func TestARecordThatCannotBeWritten(t *testing.T) {
	onBoth(t, apptest.Options{}, func(t *testing.T, d desk) {
		defer d.work()()
		r := d.planned([]string{"Accountant"}, nil)
		storetest.Refuse(t, d.DB, "INSERT", "operations")
		d.start(r)
		end := d.ended(r.ID)
		want(t, end, "stopped, 5 waiting, 3 not sent")
		if !strings.Contains(end.Note, "The record could not be written") || d.writes() != 0 {
			t.Errorf("it says %q; %d writes", end.Note, d.writes())
		}
		if answer := d.rows(r.ID, "")[0].Answer; strings.Contains(answer, "disk is full") {
			t.Errorf("a row shows an error's own text: %q", answer)
		}
	})
}

func TestNothingCanBePlannedBeforeTheAccountWasRead(t *testing.T) {
	inWorld(t, apptest.Options{}, func(t *testing.T, d desk) {
		d.Sim.AddFault(voxsim.Fault{Method: "GetSubUsers", Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		_, err := d.Bulk.PlanDelete(t.Context(), d.act(admin()), everybody())
		if _, cold := errors.AsType[*bulk.Cold](err); !cold {
			t.Errorf("%v", err)
		}
	})
}
