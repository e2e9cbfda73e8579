package handlers

import (
	"errors"
	"net/http"
	"slices"
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
func (a *App) importTemplate(w http.ResponseWriter, r *http.Request) error {
	return writeCSV(w, r, "subusers.csv", bulkview.TemplateRows())
}

// checkImport checks every row of a file and leads to the preview, or to the form about how the file is read. Nothing
// is sent to the vendor.
func (a *App) checkImport(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := stateOf(r).form
		file, field, err := importedFile(r)
		if err != nil {
			return err
		}
		change, err := s.PlanImport(r.Context(), a.operationRequest(r), file)
		if err == nil {
			return redirect(w, r, bulkPath(change.ID))
		}
		m := a.importPage(r)
		m.Rows, m.Ask = f.exact("rows"), file.Ask
		m.Reason = f.text("reason")
		if doubt, ok := errors.AsType[*bulk.ReadingDoubt](err); ok {
			m.Rows = ""
			m.Reading = readingForm(doubt)
			m.Frame.Failed = file.Columns != nil
			return a.render(w, r, http.StatusOK, bulkview.ReadingPage(m))
		}
		var problems []ui.FieldError
		if bad, ok := errors.AsType[*bulk.FileProblem](err); ok {
			problems = []ui.FieldError{{Field: field, Text: bulkview.AtLine(bad.Line, bad.Text)}}
			if len(file.Content) == 0 && file.ID == "" {
				problems[0].Text = bulkview.FileRequired
			}
		} else if invalid, ok := errors.AsType[*operations.Invalid](err); ok {
			problems = asFormErrors(fieldErrors(invalid.Fields))
		} else {
			return err
		}
		m.Frame.Failed = true
		m.FormFeedback = page.FormFeedback{Errors: problems}
		return a.render(w, r, http.StatusUnprocessableEntity, bulkview.ImportPage(m))
	}
}

// importedFile returns the file of a form, what the operator chose about it, and the field that has it. The form about
// how a file is read names the stored file. The columns that were chosen count for the encoding and the separator
// with which they were shown; after a change of these, the form is shown again.
func importedFile(r *http.Request) (file bulk.ImportFile, field string, err error) {
	f := stateOf(r).form
	file.Content, field = stateOf(r).file, "file"
	stateOf(r).file = nil // it is large, and the change takes as much again
	file.Ask = f.text("ask") != ""
	stored := f.text("file_id")
	switch pasted := f.exact("rows"); {
	case len(file.Content) > 0:
	case stored != "":
		file.ID = stored
		file.Encoding, file.Separator = bulk.Encoding(f.text("encoding")), f.exact("separator")
		if !slices.Contains(bulk.Encodings(), file.Encoding) {
			return bulk.ImportFile{}, "", errInvalidForm
		}
		file.Ask = true
		if f.text("encoding") == f.text("shown_encoding") && file.Separator == f.exact("shown_separator") {
			file.Columns = []bulk.ColumnUse{}
			for _, use := range f.values["column"] {
				if !slices.Contains(bulk.ColumnUses(), bulk.ColumnUse(use)) {
					return bulk.ImportFile{}, "", errInvalidForm
				}
				file.Columns = append(file.Columns, bulk.ColumnUse(use))
			}
		}
	case strings.TrimSpace(pasted) != "":
		file.Content, field = []byte(pasted), "rows"
	}
	return file, field, nil
}

// readingForm returns the form about how a file is read.
func readingForm(doubt *bulk.ReadingDoubt) *bulkview.Reading {
	reading := doubt.Reading
	m := &bulkview.Reading{
		FileID:    doubt.FileID,
		Encoding:  string(reading.Encoding),
		Separator: reading.Separator,
		Doubts:    reading.Doubts,
		Rows:      reading.Rows,
		Lines:     doubt.Lines.All,
		Problems:  doubt.Lines.Problems,
		Unread:    doubt.Lines.Unread,
	}
	for _, e := range bulk.Encodings() {
		m.Encodings = append(m.Encodings, string(e))
	}
	for _, c := range reading.Columns {
		m.Columns = append(m.Columns, bulkview.ReadingColumn{Name: c.Name, Use: string(c.Use)})
	}
	return m
}
