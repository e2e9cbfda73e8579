package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/views/runs"
)

// listBulkChanges shows the runs that the operator may see.
func (a *App) listBulkChanges(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, err := s.List(r.Context(), stateOf(r).operator, a.Account)
		if err != nil {
			return err
		}
		m := runs.List{Frame: a.subuserFrame(w, r, runs.ListHeading)}
		for _, change := range list {
			m.Changes = append(m.Changes, runs.ListRow{
				ID:       change.ID,
				Title:    bulkTitle(change),
				Actor:    change.Operator.Display(),
				At:       change.CreatedAt,
				State:    runs.State(change.State),
				Progress: bulkProgress(change),
			})
		}
		return a.render(w, r, http.StatusOK, runs.ListPage(m))
	}
}

// bulkProgress says how far a run is.
func bulkProgress(change bulk.Change) string {
	if change.State == bulk.Draft {
		return ""
	}
	c := change.Counts
	return runs.Progress(c.Applied, c.Finished()+c.Waiting+c.InProgress)
}
