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

// gate stops whoever reads a subuser until it is opened.
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

// replica is a console that settles.
type replica struct {
	gate        gate
	lockResults chan bool // at the beginning of each round: whether it is this one's
	stop        func()    // returns when it has ended
}

// startReconciler starts a replica, whose gate is open or not.
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

// TestOneReplicaReconcilesAtATime stops one replica in the middle of a round. Nobody else settles until it has ended,
// or has lost the connection that the job is held on: then it is not told, and comes to the same conclusion later.
func TestOneReplicaReconcilesAtATime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		database storetest.Fresh
		cut      bool
	}{
		{"SQLite, it ends", storetest.SQLite, false},
		{"PostgreSQL, it ends", storetest.Postgres, false},
		{"PostgreSQL, its connection is cut", storetest.Postgres, true},
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
	time.Sleep(2 * time.Minute) // the vendor has done it

	first := startReconciler(w, false)
	defer first.stop()
	if !<-first.lockResults {
		t.Fatal("nobody else settles, and it is not its turn")
	}
	<-first.gate.reached
	second := startReconciler(other, true)
	defer second.stop()
	for range 3 {
		if <-second.lockResults {
			t.Fatal("two settle at once")
		}
	}
	if op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID); err != nil || !op.Open {
		t.Fatalf("nobody has read, and it is settled: %+v, %v", op, err)
	}
	if cut {
		storetest.DropJobLocks(t, w.DB)
	} else {
		first.stop()
	}
	acquired := <-second.lockResults
	if !acquired { // that round may have begun before
		acquired = <-second.lockResults
	}
	if !acquired {
		t.Fatal("the holder is gone, and nobody takes its place")
	}
	<-second.lockResults // that round is over
	op, err := w.AuditLog.Operation(t.Context(), out.Operation.ID)
	if err != nil || op.Open || op.Result != audit.Applied {
		t.Fatalf("after the other's round: %+v, %v", op, err)
	}
	if cut {
		close(first.gate.open)
		<-first.lockResults // its round is over too
	}
	events, err := w.AuditLog.Events(t.Context(), op.ID)
	if err != nil || len(events) != 3 || events[2].Kind != audit.ResolutionEvent {
		t.Errorf("its story: %+v, %v", events, err)
	}
}
