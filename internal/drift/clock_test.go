package drift_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// clock is a clock with an offset.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *clock) set(offset time.Duration) { c.offset.Store(int64(offset)) }

// withClock runs a test in a world with a clock offset, after an own change of team_two's description was compared.
func withClock(t *testing.T, offset time.Duration, test func(t *testing.T, w *apptest.World, c *clock)) {
	t.Helper()
	c := &clock{}
	c.set(offset)
	withWorld(t, apptest.Options{Now: c.now}, func(t *testing.T, w *apptest.World) {
		requireEdit(t, w, "The first line")
		time.Sleep(2 * time.Minute)
		w.Refresh(t)
		test(t, w, c)
	})
}

// requireEdit changes the description of team_two in the console.
func requireEdit(t *testing.T, w *apptest.World, text string) {
	t.Helper()
	if out := edit(t, w, text); out.Result != audit.Applied {
		t.Fatalf("%+v", out)
	}
}

func edit(t *testing.T, w *apptest.World, text string) operations.Outcome {
	t.Helper()
	request := operations.Request{
		ID:        w.Operations.NewID(),
		Account:   w.Account,
		Operator:  apptest.Operator("admin", policy.Admin),
		RequestID: "test",
	}
	c := operations.Edit{Request: request, Ref: access.SubuserRef(202), Description: text}
	for _, s := range w.Sim.State().Subusers {
		if s.ID == c.Ref.SubuserID() {
			c.Base.Description = s.Description
		}
	}
	out, err := w.Operations.Edit(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestChangeIsFoundAfterClockIsSetBack(t *testing.T) {
	withClock(t, 5*time.Hour, func(t *testing.T, w *apptest.World, c *clock) {
		c.set(0)
		if err := w.Sim.ApplyExternal(voxsim.ExternalChange{
			Kind:        voxsim.ExternalSetSubuserDescription,
			SubuserID:   202,
			Description: "Night shift",
		}); err != nil {
			t.Fatal(err)
		}
		w.Refresh(t)
		if got := findingsSummary(t, w); got != "team_two described" {
			t.Errorf("found %q", got)
		}
		all, err := w.Drift.Findings(t.Context(), w.Account)
		if err != nil || len(all) != 1 || len(all[0].VendorHistory) == 0 {
			t.Errorf("no entry of the vendor's history: %+v, %v", all, err)
		}
	})
}

// The order of events decides which operations were compared, however the clock was set in between.
func TestOwnOperationsAreRecognisedUnderClockChanges(t *testing.T) {
	for name, test := range map[string]struct{ first, second, third time.Duration }{
		"set back":                          {5 * time.Hour, 0, 0},
		"set back between two operations":   {5 * time.Hour, 5 * time.Hour, 0},
		"set back by less than a minute":    {30 * time.Second, 0, 0},
		"set back again and again":          {5 * time.Hour, 2 * time.Hour, 0},
		"set ahead":                         {0, 5 * time.Hour, 5 * time.Hour},
		"set ahead between two operations":  {0, 0, 5 * time.Hour},
		"set ahead for a while":             {0, 5 * time.Hour, 0},
		"set ahead for a while, and longer": {0, 5 * time.Hour, -5 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			withClock(t, test.first, func(t *testing.T, w *apptest.World, c *clock) {
				c.set(test.second)
				requireEdit(t, w, "The second line")
				c.set(test.third)
				requireEdit(t, w, "The third line")
				for range 8 {
					time.Sleep(time.Hour)
					w.Refresh(t)
					if got := findingsSummary(t, w); got != "" {
						t.Fatalf("found %q", got)
					}
				}
				if ended, err := w.Drift.Decisions(t.Context(), w.Account, 10); err != nil || len(ended) != 0 {
					t.Errorf("found earlier: %+v, %v", ended, err)
				}
			})
		})
	}
}

// An operation that was resolved as not applied may still be applied for hours, also after a comparison by a server
// with a clock that is ahead.
func TestLateCommitIsRecognisedUnderClockChanges(t *testing.T) {
	withClock(t, 0, func(t *testing.T, w *apptest.World, c *clock) {
		w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserInfo", Kind: voxsim.ResetThenCommit, Delay: time.Hour})
		if out := edit(t, w, "Described late"); out.Result != audit.Unknown {
			t.Fatalf("%+v", out)
		}
		for range 20 {
			time.Sleep(2 * time.Minute)
			w.Operations.ReconcileAll(t.Context())
		}
		c.set(5 * time.Hour)
		w.Refresh(t)
		c.set(0)
		time.Sleep(time.Hour)
		for range 2 {
			w.Refresh(t)
			if got := findingsSummary(t, w); got != "" {
				t.Errorf("found %q", got)
			}
			time.Sleep(time.Minute)
		}
	})
}

// It is not known which of two overlapping listings is newer.
func TestOnlyOneOfOverlappingListingsIsCompared(t *testing.T) {
	t.Parallel()
	apptest.WithReplica(t, apptest.Options{Company: testCompany()}, func(t *testing.T, w, other *apptest.World) {
		w.Refresh(t)
		time.Sleep(time.Minute)
		w.Sim.AddFault(voxsim.Fault{Method: "GetKeys", Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
		w.Directory.Refresh(w.Account)
		time.Sleep(time.Second) // the subusers are read, the keys are not
		if err := w.Sim.ApplyExternal(outsideChanges(w)["change a description"].change); err != nil {
			t.Fatal(err)
		}
		other.Refresh(t)
		w.Refresh(t)
		ended, err := w.Drift.Decisions(t.Context(), w.Account, 10)
		if got := findingsSummary(t, w); err != nil || got != "team_two described" || len(ended) != 0 {
			t.Errorf("found %q, ended %+v, %v", got, ended, err)
		}
	})
}

// The listing is compared although a finding is accepted while it is read.
func TestAcceptDuringListing(t *testing.T) {
	withWorld(t, apptest.Options{}, func(t *testing.T, w *apptest.World) {
		for _, name := range []string{"change a description", "grant a role"} {
			if err := w.Sim.ApplyExternal(outsideChanges(w)[name].change); err != nil {
				t.Fatal(err)
			}
			all, err := w.Drift.Findings(t.Context(), w.Account)
			if err != nil {
				t.Fatal(err)
			}
			w.Sim.AddFault(voxsim.Fault{Method: "GetKeys", Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
			w.Directory.Refresh(w.Account)
			time.Sleep(time.Second)
			for _, f := range all {
				if _, err := w.Drift.Accept(t.Context(), acceptRequest(w, "Agreed on the phone"), f.ID); err != nil {
					t.Fatal(err)
				}
			}
			w.Refresh(t)
		}
		if got := findingsSummary(t, w); got != "team_two granted Accountant" {
			t.Errorf("found %q", got)
		}
	})
}

// An operation of another server during a listing is compared with the next listing, whatever the time on that server's
// clock.
func TestOperationOfReplicaWithDifferentClock(t *testing.T) {
	for name, offset := range map[string]time.Duration{
		"an hour behind":      -time.Hour,
		"five minutes behind": -5 * time.Minute,
		"the same time":       0,
		"five minutes ahead":  5 * time.Minute,
		"an hour ahead":       time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &clock{}
			o := apptest.Options{Company: testCompany(), Now: c.now}
			apptest.WithReplica(t, o, func(t *testing.T, w, other *apptest.World) {
				w.Refresh(t)
				time.Sleep(10 * time.Minute)
				w.Sim.AddFault(voxsim.Fault{Method: "GetKeys", Kind: voxsim.SlowDrip, Delay: 4 * time.Second})
				w.Directory.Refresh(w.Account)
				time.Sleep(2 * time.Second) // the subusers are read, the keys are not
				c.set(offset)
				requireEdit(t, other, "Changed by the other server")
				c.set(0)
				for range 2 {
					w.Refresh(t)
					if got := findingsSummary(t, w); got != "" {
						t.Errorf("found %q", got)
					}
					time.Sleep(7 * time.Minute)
				}
				if err := w.Sim.ApplyExternal(voxsim.ExternalChange{
					Kind:        voxsim.ExternalSetSubuserDescription,
					SubuserID:   202,
					Description: "Night shift",
				}); err != nil {
					t.Fatal(err)
				}
				w.Refresh(t)
				if got := findingsSummary(t, w); got != "team_two described" {
					t.Errorf("after the change outside: found %q", got)
				}
			})
		})
	}
}
