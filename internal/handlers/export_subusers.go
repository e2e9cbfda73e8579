package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// subuserExporter answers all subusers that match.
type subuserExporter interface {
	Subusers(ctx context.Context, account int64, f directory.SubuserFilter) (directory.SubuserPage, error)
}

// coldExport is the error of an export that would be empty because nothing was read yet.
type coldExport struct{ loaded int }

func (*coldExport) Error() string { return "nothing was read yet that could be exported" }

// exportSubusers writes exactly what the list is filtered to, on all pages, in the list's order. The name of the
// file says when it was read, and whether it may lack rows: whoever keeps the file for a review sees it there.
func (a *App) exportSubusers(d subuserExporter) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		filter := subuserFilter(r.URL.Query())
		filter.Page, filter.PerPage = 1, -1
		list, err := d.Subusers(r.Context(), a.Account, filter)
		if err != nil {
			return err
		}
		if list.Status.Cold() {
			return &coldExport{loaded: list.Status.LoadedRows}
		}
		body, err := subusersCSV(list.Rows)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="`+exportName(a.Account, filter, list.Status)+`"`)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the browser may have gone
		return nil
	}
}

// exportName names the file. A list of one role lacks those whose roles the vendor did not tell.
func exportName(account int64, f directory.SubuserFilter, s directory.Status) string {
	name := fmt.Sprintf("subusers-%d-%s", account, s.AsOf.UTC().Format("20060102T150405Z"))
	if s.Incomplete || f.Role != "" && s.RolesUnknown > 0 {
		name += "-incomplete"
	}
	return name + ".csv"
}

// subusersCSV writes subusers as a table. What is not known is written as "not known", never as nothing.
func subusersCSV(rows []directory.Subuser) ([]byte, error) {
	var body bytes.Buffer
	table := csv.NewWriter(&body)
	table.UseCRLF = true
	lines := [][]string{{"id", "login", "description", "direct roles", "inherited roles", "keys"}}
	for _, s := range rows {
		direct, inherited := "not known", "not known"
		if s.RolesKnown {
			direct, inherited = joinRoles(s.Roles, true), joinRoles(s.Roles, false)
		}
		keys := strconv.Itoa(len(s.Keys))
		if !s.KeysKnown {
			keys = "not known"
		}
		lines = append(lines, []string{strconv.FormatInt(s.ID, 10), cell(s.Login), cell(s.Description), cell(direct), cell(inherited), keys})
	}
	if err := table.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("writing a table: %w", err)
	}
	return body.Bytes(), nil
}

func joinRoles(roles []directory.HeldRole, direct bool) string {
	var names []string
	for _, role := range roles {
		if role.Direct == direct {
			names = append(names, role.Name)
		}
	}
	return strings.Join(names, "; ")
}

// cell makes a text safe to open in a spreadsheet: one that would be taken for a formula gets an apostrophe in
// front, which spreadsheets do not show. Spreadsheets skip what cannot be seen, and take the wide forms of the signs
// as well.
func cell(text string) string {
	seen := strings.TrimLeftFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || unicode.Is(unicode.Cf, c)
	})
	first, _ := utf8.DecodeRuneInString(seen)
	if strings.ContainsRune("=+-@|＝＋－＠", first) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") || strings.HasPrefix(text, "\n") {
		return "'" + text
	}
	return text
}
