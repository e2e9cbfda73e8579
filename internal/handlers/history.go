package handlers

import (
	"context"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// operationLister lists operations of the audit log, and its newest entries.
type operationLister interface {
	Operations(ctx context.Context, f audit.Filter) ([]audit.Operation, error)
	Latest(ctx context.Context, account int64, limit int) (audit.Page, error)
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
		if op.BulkID != "" {
			view.BulkHref = bulkPath(op.BulkID)
		}
	}
	return view
}

// entryViews returns the entries of a page of the audit log, with a bulk change as one of them. A bulk change of which
// one operation matches is shown as this operation. all returns the path of the list of the operations of a bulk
// change.
func (a *App) entryViews(o operator.Operator, p audit.Page, all func(bulkID string) string) []page.Operation {
	views := a.operationViews(o, p.Operations)
	for i, op := range p.Operations {
		entry := p.Bulk[op.BulkID]
		if entry.Count < 2 {
			continue
		}
		shown := page.BulkEntry{Count: entry.Count, Shown: a.operationViews(o, entry.Operations)}
		for j := range shown.Shown {
			shown.Shown[j].Actor, shown.Shown[j].Reason = "", "" // those of the entry
		}
		for _, result := range append(audit.Results(), "") {
			if n := entry.Results[result]; n > 0 {
				shown.Results = append(shown.Results, page.ResultCount{Result: page.Result(result), Count: n})
			}
		}
		if views[i].Linked && entry.Count > len(entry.Operations) {
			shown.AllHref = all(op.BulkID)
		}
		views[i].Entry = &shown
	}
	return views
}
