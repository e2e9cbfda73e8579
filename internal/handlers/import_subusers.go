package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// showImport shows the form for a file with new subusers.
func (a *App) showImport(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, bulkview.ImportPage(a.importPage(r)))
}

func (a *App) importPage(r *http.Request) bulkview.Import {
	return bulkview.Import{
		Frame:          a.kindFrame(r, access.Subuser, bulkview.ImportHeading),
		ReasonRequired: a.RequireReason,
	}
}

// importTemplate writes a file to begin with.
func (a *App) importTemplate(w http.ResponseWriter, _ *http.Request) error {
	return writeCSV(w, "subusers.csv", bulkview.TemplateRows())
}

// checkImport checks every row of a file and leads to the preview. Nothing is sent to the vendor.
func (a *App) checkImport(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := stateOf(r).form
		file, field := stateOf(r).file, "file"
		stateOf(r).file = nil // it is large, and the change takes as much again
		if pasted := f.exact("rows"); len(file) == 0 && strings.TrimSpace(pasted) != "" {
			file, field = []byte(pasted), "rows"
		}
		change, err := s.PlanImport(r.Context(), a.operationRequest(r), file)
		if err == nil {
			return redirect(w, r, bulkPath(change.ID))
		}
		var problems []ui.FieldError
		if bad, ok := errors.AsType[*bulk.FileProblem](err); ok {
			problems = []ui.FieldError{{Field: field, Text: bulkview.AtLine(bad.Line, bad.Text)}}
			if len(file) == 0 {
				problems[0].Text = bulkview.FileRequired
			}
		} else if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			problems = asFormErrors(fieldErrors(invalid.Fields))
		} else {
			return err
		}
		m := a.importPage(r)
		m.Rows = f.exact("rows")
		m.Reason = f.text("reason")
		m.Frame.Failed = true
		m.FormFeedback = page.FormFeedback{Errors: problems}
		return a.render(w, r, http.StatusUnprocessableEntity, bulkview.ImportPage(m))
	}
}
