package handlers

import (
	"net/http"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/views/runs"
)

// listRuns shows the runs that the operator may see.
func (a *App) listRuns(s Runs) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, err := s.List(r.Context(), visitOf(r).operator, a.Account)
		if err != nil {
			return err
		}
		m := runs.List{Frame: a.subuserFrame(w, r, runs.ListHeading)}
		for _, run := range list {
			m.Changes = append(m.Changes, runs.ListRow{
				ID:       run.ID,
				Title:    runTitle(run),
				Actor:    run.Operator.Display(),
				At:       run.CreatedAt,
				State:    runs.State(run.State),
				Progress: runSaid(run),
			})
		}
		return a.render(w, r, http.StatusOK, runs.ListPage(m))
	}
}

// runSaid says how far a run is.
func runSaid(run bulk.Change) string {
	if run.State == bulk.Draft {
		return ""
	}
	c := run.Counts
	return runs.Progress(c.Applied, c.Finished()+c.Waiting+c.InProgress)
}
