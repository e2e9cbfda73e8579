package operations_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
)

// startBulk lets this process run bulk changes until stopBulk is called.
func (p *player) startBulk() {
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.w.Bulk.Run(ctx)
	}()
	p.stopBulk = func() {
		cancel()
		<-done
	}
}

// startBulkChange starts a bulk change: roles of all subusers or keys, a deletion of one, or an import of a few.
func (p *player) startBulkChange() {
	ctx, request := p.t.Context(), p.request()
	request.ID = ""
	var change bulk.Change
	var err error
	switch roles := p.w.Sim.State().Roles; p.random.IntN(7) {
	case 0:
		// Only a few, so that subusers remain for the steps that follow.
		subusers := p.w.Sim.State().Subusers
		if len(subusers) == 0 || p.mayOwnConsoleKey(subusers[0]) {
			return
		}
		targets := bulk.Targets{Kind: access.Subuser, Refs: []access.Ref{access.SubuserRef(subusers[0].ID)}}
		change, err = p.w.Bulk.PlanDelete(ctx, request, targets)
	case 1:
		var file strings.Builder
		file.WriteString("login,roles\n")
		for range 1 + p.random.IntN(3) {
			p.created++
			fmt.Fprintf(&file, "person_%d,Support\n", p.created)
		}
		change, err = p.w.Bulk.PlanImport(ctx, request, bulk.ImportFile{Content: []byte(file.String())})
	case 2:
		keys := p.w.Sim.State().Keys
		if len(keys) == 0 {
			return
		}
		targets := bulk.Targets{Kind: access.Key, Refs: []access.Ref{access.KeyRef(keys[p.random.IntN(len(keys))].ID)}}
		change, err = p.w.Bulk.PlanDelete(ctx, request, targets)
	default:
		grant, revoke := roles[p.random.IntN(len(roles))].ID, roles[p.random.IntN(len(roles))].ID
		if grant == revoke {
			return
		}
		targets := bulk.Targets{Kind: access.Kinds()[p.random.IntN(2)], All: true}
		change, err = p.w.Bulk.PlanRoles(ctx, request, targets, []int64{grant}, []int64{revoke})
	}
	if err != nil {
		return // nothing to plan from, or nothing to change
	}
	count, _ := change.Confirmation()
	if started, err := p.w.Bulk.Start(ctx, request, change.ID, bulk.StartForm{
		Confirm: fmt.Sprint(count),
		Warned:  change.Warnings,
		Reason:  "because",
	}); err == nil {
		p.handedOut.addBulkChange(p.t, started)
	}
	if p.random.IntN(4) == 0 {
		_, _ = p.w.Bulk.Stop(ctx, request.Operator, change.ID)
	}
}
