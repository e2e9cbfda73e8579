package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/runs"
	"github.com/voxwarden/voxwarden/views/ui"
)

// showImport shows the form for a file with new subusers.
func (a *App) showImport(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, runs.ImportPage(a.importPage(w, r)))
}

func (a *App) importPage(w http.ResponseWriter, r *http.Request) runs.Import {
	return runs.Import{Frame: a.subuserFrame(w, r, runs.ImportHeading), ReasonRequired: a.RequireReason}
}

// importTemplate is a file to begin with.
func (a *App) importTemplate(w http.ResponseWriter, _ *http.Request) error {
	return writeCSV(w, "subusers.csv", runs.TemplateRows())
}

// checkImport checks every row of a file, and leads to the preview. Nothing is sent to the vendor.
func (a *App) checkImport(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := stateOf(r).form
		file, field := stateOf(r).file, "file"
		if pasted := f.exact("rows"); len(file) == 0 && strings.TrimSpace(pasted) != "" {
			file, field = []byte(pasted), "rows"
		}
		change, err := s.PlanImport(r.Context(), a.operationRequest(r), file)
		if err == nil {
			return redirect(w, r, bulkPath(change.ID))
		}
		var problems []ui.FieldError
		if bad, ok := errors.AsType[*bulk.FileProblem](err); ok {
			problems = []ui.FieldError{{Field: field, Text: runs.AtLine(bad.Line, bad.Text)}}
			if len(file) == 0 {
				problems[0].Text = runs.FileRequired
			}
		} else if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			problems = asFormErrors(fieldErrors(invalid.Fields))
		} else {
			return err
		}
		m := a.importPage(w, r)
		m.Rows, m.Reason, m.Frame.Failed, m.FormFeedback = f.exact("rows"), f.text("reason"), true, page.FormFeedback{Errors: problems}
		return a.render(w, r, http.StatusUnprocessableEntity, runs.ImportPage(m))
	}
}
