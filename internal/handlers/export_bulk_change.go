package handlers

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
)

// exportBulkChange writes the items of a bulk change that the filter of its page selects, with their results.
func (a *App) exportBulkChange(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathBulkID(r)
		if err != nil {
			return err
		}
		o, filter := stateOf(r).operator, bulk.ItemFilter{Only: r.URL.Query().Get("only"), PerPage: directory.Everything}
		change, err := s.Show(r.Context(), o, id)
		if err != nil {
			return err
		}
		list, err := s.Items(r.Context(), o, id, filter)
		if err != nil {
			return err
		}
		lines := [][]string{bulkCSVHeads()}
		for _, item := range list.Items {
			lines = append(lines, bulkCSVCells(change, item))
		}
		a.writeNotice(r, audit.Exported{
			Actor:     a.actor(r),
			Resource:  "bulk change " + id,
			Rows:      len(list.Items),
			Filter:    filter.Only,
			RequestID: stateOf(r).requestID,
		})
		return writeCSV(w, r, "bulk-change-"+id+".csv", lines)
	}
}

// bulkCSVHeads returns the heads of the columns. Programs read them: they never change.
func bulkCSVHeads() []string {
	return []string{
		"item", "line", "kind", "id", "name", "description", "roles granted", "roles revoked", "result", "message",
		"operation",
	}
}

// bulkCSVCells returns the cells of an item.
func bulkCSVCells(change bulk.Change, item bulk.Item) []string {
	line := ""
	if item.Line > 0 {
		line = strconv.Itoa(item.Line)
	}
	operation := item.OperationID
	if item.State != bulk.Finished {
		operation = "" // may not be in the audit log yet
	}
	return []string{
		strconv.Itoa(item.N),
		line,
		string(change.PrincipalKind),
		item.Target.ID,
		item.Name,
		item.Description,
		strings.Join(append(roleRefNames(item.Grant), roleRefNames(item.Roles)...), "; "),
		strings.Join(roleRefNames(item.Revoke), "; "),
		bulkCSVResult(change, item),
		cmp.Or(item.Problem, item.Message, item.Note),
		operation,
	}
}

// bulkCSVResult returns the result of an item, or why it has none, in the words of the page.
func bulkCSVResult(change bulk.Change, item bulk.Item) string {
	switch {
	case item.State == bulk.Finished:
		return strings.ToLower(page.Result(item.Result).Text())
	case item.State == bulk.InProgress:
		return bulkview.ItemInProgress
	case item.State == bulk.Unchanged:
		return bulkview.ItemUnchanged
	case item.State == bulk.Skipped:
		return bulkview.ItemNotPossible
	case change.State == bulk.Draft:
		return bulkview.ItemWillBeSent
	case change.Ended():
		return bulkview.ItemNeverSent
	default:
		return bulkview.ItemWaiting
	}
}
