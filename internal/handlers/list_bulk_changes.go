package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
)

// listBulkChanges shows the bulk changes that the operator may see.
func (a *App) listBulkChanges(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, err := s.List(r.Context(), stateOf(r).operator, a.Account)
		if err != nil {
			return err
		}
		m := bulkview.List{Frame: a.kindFrame(r, access.Subuser, bulkview.ListHeading)}
		m.Frame.Banners = append(m.Frame.Banners, a.mismatchBanners(r)...)
		for _, change := range list {
			m.Changes = append(m.Changes, bulkview.ListRow{
				ID:       change.ID,
				Title:    bulkTitle(change),
				Actor:    change.Operator.Display(),
				At:       change.CreatedAt,
				State:    bulkview.State(change.State),
				Progress: bulkProgress(change),
			})
		}
		return a.render(w, r, http.StatusOK, bulkview.ListPage(m))
	}
}

// bulkProgress returns the progress of a bulk change in words.
func bulkProgress(change bulk.Change) string {
	if change.State == bulk.Draft {
		return ""
	}
	c := change.Counts
	return bulkview.Progress(c.Applied, c.Finished()+c.Waiting+c.InProgress)
}
