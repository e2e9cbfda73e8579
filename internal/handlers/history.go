package handlers

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationLister lists operations of the audit log.
type operationLister interface {
	Operations(ctx context.Context, f audit.Filter) ([]audit.Operation, error)
}

// operationViews returns operations as lines of a list, each with what this operator may see.
func (a *App) operationViews(o operator.Operator, ops []audit.Operation) []page.Operation {
	views := make([]page.Operation, 0, len(ops))
	for _, op := range ops {
		views = append(views, a.operationView(o, op))
	}
	return views
}

// unresolvedBanners returns a banner for each open operation, which blocks other changes of its target.
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
		ID:         op.ID,
		ActionName: descriptorOf(op).Label,
		TargetName: op.Target.Name,
		TargetHref: targetPath(op.Target),
		Actor:      op.Actor.Display(),
		At:         op.CreatedAt,
		Result:     page.Result(op.Result),
		Confirmed:  op.Confirmed,
		Open:       op.Open,
		Summary:    intendedChange(op).Summary(),
	}
	if a.Policy.MaySeeOperation(o, op.Actor.ID()) {
		view.Linked, view.Reason = true, op.Reason
	}
	return view
}
