package handlers

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationLister reads lines of the record.
type operationLister interface {
	Operations(ctx context.Context, f audit.Filter) ([]audit.Operation, error)
}

// history shows operations as lines, each with what this operator may see of it.
func (a *App) history(o operator.Operator, ops []audit.Operation) []page.Operation {
	lines := make([]page.Operation, 0, len(ops))
	for _, op := range ops {
		lines = append(lines, a.line(o, op))
	}
	return lines
}

// unsettled says which of a target's operations are in the way of others.
func unsettled(lines []page.Operation) (banners []ui.Banner) {
	for _, line := range lines {
		if line.Open {
			banners = append(banners, page.UnresolvedBanner(line))
		}
	}
	return banners
}

func (a *App) line(o operator.Operator, op audit.Operation) page.Operation {
	line := page.Operation{
		ID: op.ID, ActionName: actName(op.Action), TargetName: op.Target.Name, TargetHref: targetPath(op.Target),
		Actor: op.Actor.Display(), At: op.CreatedAt, Result: page.Result(op.Result), Confirmed: op.Confirmed, Open: op.Open,
		Summary: changeOf(op).Summary(),
	}
	if a.Policy.MaySeeOperation(o, op.Actor.ID()) {
		line.Linked, line.Reason = true, op.Reason
	}
	return line
}
