package handlers

import (
	"net/http"
	"strings"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// exportKeys writes exactly what the list of keys is filtered to, on all pages, in the list's order.
func (a *App) exportKeys(d keyLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		filter := keyFilter(r.URL.Query())
		filter.Page, filter.PerPage = 1, directory.Everything
		list, err := d.KeyPage(r.Context(), a.Account, filter)
		if err != nil {
			return err
		}
		if list.Status.Cold() {
			return &exportNotReadyError{loadedRows: list.Status.LoadedRows}
		}
		lines := [][]string{{"id", "name", "description", "direct roles", "inherited roles", "owner"}}
		for _, k := range list.Rows {
			lines = append(lines, keyCSVRow(k))
		}
		status := list.Status
		status.Incomplete = status.Incomplete || !list.Known
		a.writeExportNotice(r, "keys", len(list.Rows), filter.Query, filter.Role)
		return writeCSV(w, exportFilename("keys", a.Account, status, false), lines)
	}
}

// keyCSVRow is one key as cells. What is not known is written as "not known", never as nothing.
func keyCSVRow(k directory.Key) []string {
	direct, inherited, owner := "not known", "not known", "not known"
	if k.RolesKnown {
		direct, inherited = joinRoles(k.Roles, true), joinRoles(k.Roles, false)
	}
	if k.OwnerKnown {
		owner = k.OwnerLogin
	}
	return []string{
		csvsafe.Escape(k.ID),
		csvsafe.Escape(strings.TrimSpace(k.Name)),
		csvsafe.Escape(k.Description),
		csvsafe.Escape(direct),
		csvsafe.Escape(inherited),
		csvsafe.Escape(owner),
	}
}
