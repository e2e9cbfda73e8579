package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/views/page"
)

// csvSeparator returns the separator of the exported table that a request asks for: a comma, or a semicolon with
// separator=semicolon.
func csvSeparator(r *http.Request) rune {
	if r.URL.Query().Get("separator") == page.SemicolonSeparator {
		return csvsafe.Semicolon
	}
	return csvsafe.Comma
}

// writeCSV writes a response with a table as a file.
func writeCSV(w http.ResponseWriter, r *http.Request, name string, lines [][]string) error {
	var body bytes.Buffer
	if err := csvsafe.NewWriter(&body, csvSeparator(r)).WriteAll(lines); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	_, _ = w.Write(body.Bytes()) // fails only when the browser is gone
	return nil
}

// exportFilename returns the name of an exported file. It contains "incomplete" when the list may lack rows: a filter
// by roles does not find principals with unknown roles.
func (a *App) exportFilename(what string, list directory.Page, f directory.Filter) string {
	name := fmt.Sprintf("%s-%d-%s", what, a.Account, list.Status.AsOf.UTC().Format("20060102T150405Z"))
	if list.Status.Incomplete || f.ByRoles() && list.Status.RolesUnknown > 0 {
		name += "-incomplete"
	}
	return name + ".csv"
}
