package bulk_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

var everyCombination = flag.Bool("all", false, "try every combination of kind and fault on PostgreSQL too")

// TestEveryFaultDuringEveryKind injects each fault into one item of each kind of bulk change, with and without a crash
// of the process at that moment. After reconciling, the audit log must agree with the ledger, the items with the audit
// log, and no principal may have been changed twice.
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
		{"roles of keys", "SetKeyRoles", func(d fixture) bulk.Change {
			targets := bulk.Targets{Kind: access.Key, All: true}
			return must[bulk.Change](d.t)(
				d.Bulk.PlanRoles(d.t.Context(), d.request(admin()), targets, d.roleIDs("Payer"), d.roleIDs("Support")),
			)
		}},
		{"delete keys", "DeleteKey", func(d fixture) bulk.Change {
			return d.draftDelete(bulk.Targets{Kind: access.Key, All: true})
		}},
		{"create", "AddSubUser", func(d fixture) bulk.Change {
			return d.draftImport(admin(), "login,roles\nanna_k,Support\nbob_kk,Support\ncarl_k,\n")
		}},
	}
	for i, kind := range kinds {
		for j, fault := range voxsim.AllFaultKinds() {
			options, sampled := apptest.Options{Company: faultsCompany()}, j%len(kinds) == i // each fault in one kind
			if testing.Short() && !sampled {
				continue
			}
			for _, crash := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, crash: %v", kind.name, fault, crash), func(t *testing.T) {
					if !sampled && !*everyCombination {
						options.Database = storetest.SQLite(t)
					}
					inWorld(t, options, func(t *testing.T, d fixture) {
						end := d.startWorkers()
						change := kind.plan(d)
						d.Sim.AddFault(voxsim.Fault{Method: kind.method, Nth: 2, Kind: fault, Delay: 8 * time.Second})
						d.start(change)
						if crash {
							d.waitUntil(change.ID, func(c bulk.Change) bool { return c.Counts.Waiting < 2 })
							d.Restart()
							defer end()
							end = d.startWorkers()
						}
						d.waitUntilEnded(change.ID)
						end()
						d.Reconcile(t, 3*time.Hour)
						d.checkItems(change.ID)
						d.checkAgreement()
					})
				})
			}
		}
	}
}

// faultsCompany returns a company of three agents and three keys besides the console key.
func faultsCompany() voxsim.Company {
	company := agents(3)
	company.Keys = append(company.Keys, keyCompany().Keys[1:]...)
	for i := range company.Keys {
		company.Keys[i].Subuser = ""
	}
	return company
}

// checkItems compares each item with its operation.
func (d fixture) checkItems(id string) {
	d.t.Helper()
	for _, item := range d.items(id, "") {
		if item.OperationID == "" {
			if item.State == bulk.Finished && item.Result != audit.NotSent {
				d.t.Errorf("%s is %s without an operation", item.Name, item.Result)
			}
			continue
		}
		op := must[audit.Operation](d.t)(d.AuditLog.Operation(d.t.Context(), item.OperationID))
		if item.State != bulk.Finished || item.Result != op.Result || item.Open != op.Open {
			d.t.Errorf(
				"%s is %s, %s, open %v; the audit log has %s, open %v",
				item.Name,
				item.State,
				item.Result,
				item.Open,
				op.Result,
				op.Open,
			)
		}
	}
}
