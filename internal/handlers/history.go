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

// operationViews shows operations as lines, each with what this operator may see of it.
func (a *App) operationViews(o operator.Operator, ops []audit.Operation) []page.Operation {
	views := make([]page.Operation, 0, len(ops))
	for _, op := range ops {
		views = append(views, a.operationView(o, op))
	}
	return views
}

// unresolvedBanners says which of a target's operations are in the way of others.
func unresolvedBanners(operations []page.Operation) (banners []ui.Banner) {
	for _, line := range operations {
		if line.Open {
			banners = append(banners, page.UnresolvedBanner(line))
		}
	}
	return banners
}

func (a *App) operationView(o operator.Operator, op audit.Operation) page.Operation {
	view := page.Operation{
		ID: op.ID, ActionName: descriptorOf(op).Label, TargetName: op.Target.Name, TargetHref: targetPath(op.Target),
		Actor: op.Actor.Display(), At: op.CreatedAt, Result: page.Result(op.Result), Confirmed: op.Confirmed, Open: op.Open,
		Summary: intendedChange(op).Summary(),
	}
	if a.Policy.MaySeeOperation(o, op.Actor.ID()) {
		view.Linked, view.Reason = true, op.Reason
	}
	return view
}
