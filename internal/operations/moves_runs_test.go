package operations_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/voxwarden/voxwarden/internal/bulk"
)

// startRuns lets this process work off runs, until stopRuns is called.
func (p *player) startRuns() {
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.w.Bulk.Run(ctx)
	}()
	p.stopRuns = func() {
		cancel()
		<-done
	}
}

// startRun does one thing to everybody: roles, a deletion, or an import of a few.
func (p *player) startRun() {
	ctx, act := p.t.Context(), p.act()
	act.ID = ""
	var run bulk.Change
	var err error
	switch roles := p.w.Sim.State().Roles; p.random.IntN(6) {
	case 0:
		// Only a few, so that somebody is left for the moves that follow.
		people := p.w.Sim.State().Subusers
		if len(people) == 0 || p.keepsConsole(people[0]) {
			return
		}
		run, err = p.w.Bulk.PlanDelete(ctx, act, bulk.Targets{IDs: []int64{people[0].ID}})
	case 1:
		var file strings.Builder
		file.WriteString("login,roles\n")
		for range 1 + p.random.IntN(3) {
			p.created++
			fmt.Fprintf(&file, "person_%d,Support\n", p.created)
		}
		run, err = p.w.Bulk.PlanImport(ctx, act, []byte(file.String()))
	default:
		grant, revoke := roles[p.random.IntN(len(roles))].ID, roles[p.random.IntN(len(roles))].ID
		if grant == revoke {
			return
		}
		run, err = p.w.Bulk.PlanRoles(ctx, act, bulk.Targets{All: true}, []int64{grant}, []int64{revoke})
	}
	if err != nil {
		return // nothing to plan from, or nothing to do
	}
	count, _ := run.Confirmation()
	if started, err := p.w.Bulk.Start(ctx, act, run.ID, bulk.StartForm{
		Confirm: fmt.Sprint(count),
		Warned:  run.Warnings,
	}); err == nil {
		p.shown.run(p.t, started)
	}
	if p.random.IntN(4) == 0 {
		_, _ = p.w.Bulk.Stop(ctx, act.Operator, run.ID)
	}
}
