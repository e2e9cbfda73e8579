// Package kill tests that the audit log and the vendor agree after consoles were killed at random moments: every
// operation that a console acknowledged is in the audit log, the audit log reports no change that the vendor does not
// have, and no change was made twice.
package kill

import (
	"errors"
	"flag"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var (
	kills          = flag.Int("kills", 20, "how many times a console is killed")
	seed           = flag.Uint64("seed", 1, "the seed of the random moments")
	waitReconciled = flag.Bool("reconcile", false, "wait until every operation is reconciled, which takes minutes")
)

// TestKilledConsoles runs two replicas over one database and kills a random one again and again. Three admins make
// changes of every kind without a pause, directly and through a proxy that repeats requests. In between, the vendor
// fails in one of its ways, the database is cut off or locked, and old operations are pruned.
func TestKilledConsoles(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the half minute of starting and killing processes")
	}
	t.Parallel()
	storetest.EachEmpty(t, killConsoles)
}

func killConsoles(t *testing.T, database string) {
	// The vendor delays each response, so that consoles are often killed during a call.
	c := process.New(t, process.Options{Database: database, Latency: 15 * time.Millisecond})
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	auditLog, err := audit.Open(db, audit.Options{Keys: []config.Secret{config.NewSecret(process.AuditKey)}})
	if err != nil {
		t.Fatal(err)
	}
	addOldOperations(t, auditLog, c.Sim.AccountID())
	consoles := []*process.Console{c.Start(t), c.Start(t)}
	proxy := startRetryingProxy(t, consoles)
	addresses := func() []string { return []string{consoles[0].Address, consoles[1].Address, proxy} }
	workers, stop := []*worker{}, make(chan struct{})
	var working sync.WaitGroup
	for n := range 3 {
		w := newWorker(n+1, addresses, *seed)
		workers = append(workers, w)
		working.Go(func() { w.run(stop) })
	}
	random := rand.New(rand.NewPCG(*seed, 0))
	for range *kills {
		disturb(t, c, random, db)
		<-time.After(time.Duration(50+random.IntN(400)) * time.Millisecond)
		replica := consoles[random.IntN(len(consoles))]
		_ = replica.Stop(syscall.SIGKILL)
		if err := replica.Start(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	working.Wait()
	c.Sim.ClearFaults()
	if *waitReconciled {
		waitUntilReconciled(t, auditLog)
	}
	for _, replica := range consoles {
		if err := replica.Stop(syscall.SIGTERM); err != nil {
			t.Errorf("a console ended with %v: %s", err, replica.Log())
		}
	}
	world := &apptest.World{Sim: c.Sim, Account: c.Sim.AccountID(), DB: db, AuditLog: auditLog}
	agreement := world.CheckAgreement(t)
	done := checkAcknowledged(t, auditLog, workers)
	report, err := auditLog.Verify(t.Context(), nil)
	if err != nil || !report.Intact() {
		t.Errorf("the audit log is not intact: %v, %v", report.Findings, err)
	}
	started := 0
	for _, w := range workers {
		started += w.bulkStarted
	}
	t.Logf(
		"%d kills, %d changes at the vendor, %d acknowledged, %d bulk changes started, %d operations still unknown",
		*kills,
		len(c.Sim.Ledger()),
		done,
		started,
		len(agreement.Open),
	)
	if done < *kills/2 {
		t.Errorf("only %d changes were acknowledged, which is too few for %d kills", done, *kills)
	}
	if t.Failed() {
		t.Log(world.Timeline(t))
	}
}

// checkAcknowledged fails the test for every acknowledged operation that has no outcome in the audit log. It returns
// the number of acknowledged operations.
func checkAcknowledged(t *testing.T, auditLog *audit.Log, workers []*worker) (acknowledged int) {
	t.Helper()
	for _, w := range workers {
		for _, id := range w.acknowledged {
			acknowledged++
			op, err := auditLog.Operation(t.Context(), id)
			switch {
			case errors.Is(err, audit.ErrNotFound):
				t.Errorf("%s was acknowledged and is not in the audit log", id)
			case err != nil:
				t.Fatal(err)
			case op.Result == "":
				t.Errorf("%s was acknowledged and has no outcome", id)
			}
		}
	}
	return acknowledged
}

// waitUntilReconciled waits until no operation is open. The console reconciles an interrupted operation once its token
// has expired, since it cannot be committed later.
func waitUntilReconciled(t *testing.T, auditLog *audit.Log) {
	t.Helper()
	for deadline := time.Now().Add(8 * time.Minute); ; {
		open, err := auditLog.Operations(t.Context(), audit.Filter{Open: true, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(open) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d operations are still open, the first since %s: %s", len(open), open[0].CreatedAt, open[0].ID)
		}
		<-time.After(2 * time.Second)
	}
}
