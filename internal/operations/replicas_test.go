package operations_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// gate blocks reads by id until it is opened.
type gate struct {
	operations.Directory
	reached chan struct{}
	open    chan struct{}
}

func (g gate) ByID(ctx context.Context, account int64, ref access.Ref) (access.Principal, error) {
	select {
	case g.reached <- struct{}{}:
	case <-g.open:
	}
	select {
	case <-g.open:
	case <-ctx.Done():
		return access.Principal{}, ctx.Err()
	}
	return g.Directory.ByID(ctx, account, ref)
}

// replica is a process that reconciles.
type replica struct {
	gate        gate
	lockResults chan bool // for each pass: whether this replica has the job
	stop        func()    // returns when it has stopped
}

// startReconciler starts a replica with an open or a closed gate.
func startReconciler(w *apptest.World, open bool) replica {
	o := w.Operations.Options
	r := replica{
		gate:        gate{Directory: o.Directory, reached: make(chan struct{}), open: make(chan struct{})},
		lockResults: make(chan bool),
	}
	if open {
		close(r.gate.open)
	}
	o.Directory = r.gate
	tryLock := o.Exclusive
	o.Exclusive = func(ctx context.Context, job string) (func(), bool, error) {
		release, ok, err := tryLock(ctx, job)
		select {
		case r.lockResults <- ok:
		case <-ctx.Done():
		}
		return release, ok, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { operations.New(o).Run(ctx) })
	r.stop = func() { cancel(); running.Wait() }
	return r
}

// TestOneReplicaReconcilesAtATime stops one replica in the middle of a pass. No other replica reconciles until it has
// stopped or lost the connection that holds the job. In the second case it does not notice, and comes to the same
// result later.
func TestOneReplicaReconcilesAtATime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		database storetest.Fresh
		cut      bool
	}{
		{"SQLite, the replica stops", storetest.SQLite, false},
		{"PostgreSQL, the replica stops", storetest.Postgres, false},
		{"PostgreSQL, the connection is cut", storetest.Postgres, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := apptest.Options{Company: smallTeam(), Database: test.database(t)}
			synctest.Test(t, func(t *testing.T) { testTwoReconcilers(t, o, test.cut) })
		})
	}
}

func testTwoReconcilers(t *testing.T, o apptest.Options, cut bool) {
	w := apptest.NewWorld(t, o)
	defer w.Close()
	other, end := w.Replica()
	defer end()
	w.Sim.AddFault(voxsim.Fault{Method: "SetSubUserRoles", Kind: voxsim.ResetThenCommit, Delay: time.Minute})
	out, err := changeRoles(t, w, "team_one", []string{"Accountant"}, nil)
	if err != nil || out.Result != audit.Unknown {
		t.Fatalf("%+v, %v", out, err)
	}
	time.Sleep(2 * time.Minute) // the vendor has committed it

	first := startReconciler(w, false)
	defer first.stop()
	if !<-first.lockResults {
		t.Fatal("no other replica reconciles, and it does not have the job")
	}
	<-first.gate.reached
	second := startReconciler(other, true)
	defer second.stop()
	for range 3 {
		if <-second.lockResults {
			t.Fatal("two replicas reconcile at once")
		}
	}
	if op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID); err != nil || !op.Open {
		t.Fatalf("no replica has read, and it is reconciled: %+v, %v", op, err)
	}
	if cut {
		storetest.DropJobLocks(t, w.DB)
	} else {
		first.stop()
	}
	acquired := <-second.lockResults
	if !acquired { // that pass may have started before
		acquired = <-second.lockResults
	}
	if !acquired {
		t.Fatal("the replica with the job is gone, and no other takes it")
	}
	<-second.lockResults // the pass has ended
	op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
	if err != nil || op.Open || op.Result != audit.Applied {
		t.Fatalf("after the pass of the other replica: %+v, %v", op, err)
	}
	if cut {
		close(first.gate.open)
		<-first.lockResults // its pass has ended, too
	}
	events, err := w.AuditLog.Events(t.Context(), op.ID)
	if err != nil || len(events) != 3 || events[2].Kind != audit.ResolutionEvent {
		t.Errorf("its events: %+v, %v", events, err)
	}
}
