package bulk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestEveryFaultDuringEveryKind lets one row of each kind of run meet each fault, once left alone and once with
// the process cut off just then. Once the dust has settled, the record says what the ledger says, the rows say what the
// record says, and nobody was touched twice.
func TestEveryFaultDuringEveryKind(t *testing.T) {
	kinds := []struct {
		name, method string
		plan         func(d fixture) bulk.Change
	}{
		{
			"roles",
			"SetSubUserRoles",
			func(d fixture) bulk.Change { return d.draftRoles([]string{"Accountant"}, []string{"Support"}) },
		},
		{"delete", "DelSubUser", func(d fixture) bulk.Change { return d.draftDelete(allAgents()) }},
		{"create", "AddSubUser", func(d fixture) bulk.Change {
			return d.draftImport(admin(), "login,roles\nanna_k,Support\nbob_kk,Support\ncarl_k,\n")
		}},
	}
	for i, kind := range kinds {
		for j, fault := range voxsim.AllFaultKinds() {
			if testing.Short() && j%len(kinds) != i {
				continue // each fault in one kind of run
			}
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, cut off: %v", kind.name, fault, cut), func(t *testing.T) {
					inWorld(t, apptest.Options{Company: agents(3)}, func(t *testing.T, d fixture) {
						end := d.startWorkers()
						r := kind.plan(d)
						d.Sim.AddFault(voxsim.Fault{Method: kind.method, Nth: 2, Kind: fault, Delay: 8 * time.Second})
						d.start(r)
						if cut {
							d.waitUntil(r.ID, func(r bulk.Change) bool { return r.Counts.Waiting < 2 })
							d.Restart()
							defer end()
							end = d.startWorkers()
						}
						d.waitUntilEnded(r.ID)
						end()
						d.Reconcile(t, 3*time.Hour)
						d.checkItems(r.ID)
						d.checkAgreement()
					})
				})
			}
		}
	}
}

// checkItems compares each row of a run with its operation.
func (d fixture) checkItems(id string) {
	d.t.Helper()
	for _, row := range d.items(id, "") {
		if row.OperationID == "" {
			if row.State == bulk.Finished && row.Result != audit.NotSent {
				d.t.Errorf("%s is %s without an operation", row.Name, row.Result)
			}
			continue
		}
		op := must[audit.Operation](d.t)(d.AuditLog.Operation(d.t.Context(), row.OperationID))
		if row.State != bulk.Finished || row.Result != op.Result || row.Open != op.Open {
			d.t.Errorf(
				"%s is %s, %s, open %v; the record says %s, open %v",
				row.Name,
				row.State,
				row.Result,
				row.Open,
				op.Result,
				op.Open,
			)
		}
	}
}
