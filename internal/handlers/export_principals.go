package handlers

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// exportNotReadyError is the error of an export of an account that was not read yet.
type exportNotReadyError struct{ loadedRows int }

func (*exportNotReadyError) Error() string { return "exporting: the account was not read yet" }

// exportPrincipals writes all principals of a kind that match the filter, in the order of the list. The name of the
// file contains when the list was read, and whether it may lack rows.
func (a *App) exportPrincipals(kind access.Kind, d principalLister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, filter, err := a.allMatching(r, kind, d)
		if err != nil {
			return err
		}
		columns := csvColumns(kind)
		var head []string
		for _, c := range columns {
			head = append(head, c.head)
		}
		lines := [][]string{head}
		for _, p := range list.Rows {
			var cells []string
			for _, c := range columns {
				cells = append(cells, c.cell(p))
			}
			lines = append(lines, cells)
		}
		name := kind.RouteSegment()
		a.writeExportNotice(r, name, len(list.Rows), filter)
		return writeCSV(w, r, a.exportFilename(name, list, filter), lines)
	}
}

// allMatching returns all principals that match the filter of a request, on one page.
func (a *App) allMatching(
	r *http.Request,
	kind access.Kind,
	d principalLister,
) (list directory.Page, filter directory.Filter, err error) {
	filter = listFilter(kind, r.URL.Query())
	filter.Page, filter.PerPage = 1, directory.Everything
	list, err = d.List(r.Context(), a.Account, kind, filter)
	if err == nil && list.Status.Cold() {
		err = &exportNotReadyError{loadedRows: list.Status.LoadedRows}
	}
	return list, filter, err
}

// csvColumn is one column of an exported list. Programs read the heads: they never change.
type csvColumn struct {
	head string
	cell func(access.Principal) string
}

// csvColumns returns the columns of a kind's file in their order. A fact that is not known is "not known", never empty.
func csvColumns(kind access.Kind) []csvColumn {
	nameHead, last := "login", csvColumn{"keys", keyCountCell}
	if kind == access.Key {
		nameHead, last = "name", csvColumn{"belongs to", belongsToCell}
	}
	columns := []csvColumn{
		{"id", func(p access.Principal) string { return p.ID }},
		{nameHead, func(p access.Principal) string { return strings.TrimSpace(p.Name) }},
		{"description", func(p access.Principal) string { return p.Description }},
		{"direct roles", func(p access.Principal) string { return rolesCell(p, true) }},
		{"inherited roles", func(p access.Principal) string { return rolesCell(p, false) }},
		last,
		{"created", func(p access.Principal) string {
			return factCell(p, func(f access.Facts) time.Time { return f.Created })
		}},
		{"first seen", func(p access.Principal) string {
			return factCell(p, func(f access.Facts) time.Time { return f.FirstSeen })
		}},
	}
	if kind == access.Key {
		columns = append(
			columns,
			csvColumn{"last belonged to", lastOwnerCell},
			csvColumn{"subuser gone since", ownerGoneCell},
		)
	}
	return columns
}

const notKnown = "not known"

func rolesCell(p access.Principal, direct bool) string {
	if !p.RolesKnown {
		return notKnown
	}
	var names []string
	for _, role := range p.Roles {
		if role.Direct == direct {
			names = append(names, role.Name)
		}
	}
	return strings.Join(names, "; ")
}

func keyCountCell(p access.Principal) string {
	if !p.KeysKnown {
		return notKnown
	}
	return strconv.Itoa(len(p.Keys))
}

// factCell returns the time of a fact, in a form that spreadsheets sort.
func factCell(p access.Principal, timeOf func(access.Facts) time.Time) string {
	if p.Facts == nil || timeOf(*p.Facts).IsZero() {
		return notKnown
	}
	return timeOf(*p.Facts).UTC().Format("2006-01-02 15:04:05")
}

func lastOwnerCell(p access.Principal) string {
	if p.LastOwner() == nil {
		return notKnown
	}
	return p.LastOwner().Name()
}

// ownerGoneCell is empty for a key of which the last known subuser may exist.
func ownerGoneCell(p access.Principal) string {
	if p.LastOwner() != nil && p.LastOwner().Until.IsZero() {
		return ""
	}
	return factCell(p, func(f access.Facts) time.Time {
		if f.LastOwner == nil {
			return time.Time{}
		}
		return f.LastOwner.Until
	})
}

func belongsToCell(p access.Principal) string {
	switch {
	case !p.OwnerKnown:
		return notKnown
	case p.BelongsTo == nil:
		return "no subuser"
	default:
		return cmp.Or(p.OwnerLogin, p.BelongsTo.ID)
	}
}
