package handlers

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	auditview "github.com/voxwarden/voxwarden/views/audit"
	bulkview "github.com/voxwarden/voxwarden/views/bulk"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

const (
	bulkRefreshSeconds = 2           // how often the page of a running bulk change reloads
	inFlightGrace      = time.Minute // an operation takes less: the item of a stopped bulk change ends within it
	bulkItemsPerPage   = 100         // items on a page
)

// showBulkChange shows a bulk change: its preview, its progress or its outcome.
func (a *App) showBulkChange(s Bulk) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathBulkID(r)
		if err != nil {
			return err
		}
		change, err := s.Show(r.Context(), stateOf(r).operator, id)
		if err != nil {
			return err
		}
		m, err := a.bulkChangePage(r, s, change)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, bulkview.ShowPage(m))
	}
}

// bulkChangePage returns the page of a bulk change.
func (a *App) bulkChangePage(r *http.Request, s Bulk, change bulk.Change) (bulkview.Show, error) {
	o, q := stateOf(r).operator, r.URL.Query()
	filter := bulk.ItemFilter{Only: q.Get("only"), PerPage: bulkItemsPerPage, Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 {
		filter.Page = n
	}
	list, err := s.Items(r.Context(), o, change.ID, filter)
	if err != nil {
		return bulkview.Show{}, err
	}
	c := change.Counts
	m := bulkview.Show{
		Frame:          a.kindFrame(r, change.PrincipalKind, bulkTitle(change)),
		ID:             change.ID,
		Title:          bulkTitle(change),
		State:          bulkview.State(change.State),
		Actor:          change.Operator.Display(),
		CreatedAt:      change.CreatedAt,
		StartedAt:      change.StartedAt,
		EndedAt:        change.EndedAt,
		Reason:         change.Reason,
		Note:           change.StopReason,
		ShowsPasswords: change.Kind == bulk.Create,
		Dangerous:      change.Kind == bulk.Delete,
		Counts:         bulkTotals(c).ResultCounts(bulkview.State(change.State), filter.Only),
		Finished:       c.Finished(),
		InProgress:     c.InProgress,
		ToSend:         c.Finished() + c.Waiting + c.InProgress,
		RetryOf:        change.RetryOf,
		UndoOf:         change.UndoOf,
		LeftOut:        change.LeftOut,
		Remaining:      change.Remaining,
		Of:             change.PrincipalKind,
		ListHref:       bulkListHref(change),
		Filter:         filter.Only,
		ReasonRequired: a.RequireReason || len(change.PrivilegedGrants) > 0,
	}
	m.Frame.Crumbs = append(m.Frame.Crumbs, bulkview.ListLink())
	m.Frame.Banners = append(m.Frame.Banners, a.mismatchBanners(r)...)
	ownChange := change.Operator.ID() == o.ID() && a.Policy.May(o, policy.BulkStart)
	m.MayStart = change.State == bulk.Draft && ownChange && c.Waiting > 0
	m.MayStop = change.State == bulk.Running && a.Policy.May(o, policy.BulkStart)
	m.MayRetry = change.Ended() && a.Policy.May(o, policy.BulkStart) && c.Waiting+c.NotSent > 0
	m.CSVHref = bulkPath(change.ID) + ".csv"
	if filter.Only != "" {
		m.CSVHref += "?only=" + url.QueryEscape(filter.Only)
	}
	if change.State != bulk.Draft {
		m.AuditHref = auditview.BulkHref(change.ID)
	}
	var undone bulk.Undone
	if change.Ended() && c.InProgress == 0 && c.Applied+c.PartlyApplied > 0 {
		if undone, err = s.Undone(r.Context(), o, change.ID); err != nil {
			return bulkview.Show{}, err
		}
		m.Undone = a.undoneBulk(o, change, undone)
		reverse, possible := change.Reverse()
		if !possible {
			m.CannotUndo = bulkview.CannotBeUndone
		}
		m.MayUndo = possible && !undone.Whole && a.Policy.May(o, policy.BulkStart) &&
			a.may(o, reverse.PrincipalKind, operations.Verb(reverse.Kind))
	}
	if change.Ended() && a.Policy.May(o, policy.BulkStart) && change.Kind != bulk.Create {
		if m.SelectHref, err = a.sameSelectionHref(r, s, change); err != nil {
			return bulkview.Show{}, err
		}
	}
	if change.State == bulk.Draft {
		m.WarningIDs, m.Warnings = bulkWarnings(change)
		m.ConfirmWithoutRoles = change.WithoutRoles.Count
		m.StartText = bulkview.Kind(change.Kind).StartText(change.PrincipalKind, c.Waiting)
		catalogue := a.Directory.Catalogue(r.Context(), a.Account)
		if banner := privilegedGrantBanner(catalogue, roleRefIDs(change.PrivilegedGrants)); banner != nil {
			m.Warnings = append(m.Warnings, *banner)
		}
		if count, needed := change.Confirmation(); needed {
			m.ConfirmNumber = count
		}
	}
	if change.State == bulk.Running || c.InProgress > 0 && a.Now().Sub(change.EndedAt).Abs() < inFlightGrace {
		m.Frame.AutoRefresh = bulkRefreshSeconds
	}
	for _, item := range list.Items {
		m.Items = append(m.Items, a.bulkItem(o, change, item, undone))
	}
	if change.State == bulk.Draft {
		m.Code = a.curlCommands(bulkVendorCalls(list.Items))
	}
	m.Pager = bulkPager(change.ID, filter.Only, list)
	return m, nil
}

// maxSelected is the number of principals that an address can name.
const maxSelected = 500

// sameSelectionHref returns the path of the form for a bulk change of the same principals, "" for too many of them.
func (a *App) sameSelectionHref(r *http.Request, s Bulk, change bulk.Change) (string, error) {
	q := url.Values{}
	if change.Filter != nil {
		q = filteredListing(change.PrincipalKind, *change.Filter).FilterQuery()
		q.Set("all", "1")
	} else {
		if change.Counts.Total > maxSelected {
			return "", nil
		}
		all := bulk.ItemFilter{PerPage: directory.Everything}
		list, err := s.Items(r.Context(), stateOf(r).operator, change.ID, all)
		if err != nil {
			return "", err
		}
		for _, item := range list.Items {
			q.Add("id", item.Target.ID)
		}
	}
	if change.PrincipalKind != access.Subuser {
		q.Set("of", change.PrincipalKind.RouteSegment())
	}
	return "/bulk/new?" + q.Encode(), nil
}

// bulkListHref returns the path of the list that the principals were selected in. JavaScript keeps the selection there.
func bulkListHref(change bulk.Change) string {
	path := "/" + change.PrincipalKind.RouteSegment()
	if change.Filter == nil {
		return path
	}
	listing := filteredListing(change.PrincipalKind, *change.Filter)
	return (&url.URL{Path: path, RawQuery: listing.FilterQuery().Encode()}).String()
}

// bulkTitle returns what a bulk change does, in words.
func bulkTitle(change bulk.Change) string {
	return bulkview.Kind(change.Kind).Title(change.PrincipalKind, change.Counts.Total)
}

// bulkTotals returns the number of items by result.
func bulkTotals(c bulk.Counts) bulkview.Totals {
	return bulkview.Totals{
		Applied:       c.Applied,
		InProgress:    c.InProgress,
		Waiting:       c.Waiting,
		Refused:       c.Refused,
		PartlyApplied: c.PartlyApplied,
		NotApplied:    c.NotApplied,
		Unknown:       c.Unknown,
		NotSent:       c.NotSent,
		Skipped:       c.Skipped,
		Unchanged:     c.Unchanged,
	}
}

// bulkWarnings returns the banners before a start, and the values with which the form reports that it showed them.
func bulkWarnings(change bulk.Change) (warned []string, banners []ui.Banner) {
	for _, warning := range change.Warnings {
		warned, banners = append(warned, string(warning)), append(banners, bulkview.WarningBanner(page.Warning(warning)))
	}
	if change.Kind == bulk.Delete && change.PrincipalKind == access.Key {
		banners = append(banners, bulkview.DeleteKeysBanner())
	}
	if change.Incomplete {
		banners = append(banners, bulkview.ListIncompleteBanner(change.PrincipalKind))
	}
	if len(change.IgnoredColumns) > 0 {
		banners = append(banners, bulkview.UnusedColumnsBanner(change.IgnoredColumns, change.NoRolesColumn))
	}
	if without := change.WithoutRoles; without.Count > 0 {
		var rows []string
		for _, row := range without.First {
			rows = append(rows, bulkview.ImportedRow(row.Line, row.Login))
		}
		banners = append(banners, bulkview.WithoutRolesBanner(without.Count, rows))
	}
	return warned, banners
}

// bulkItem returns one row.
func (a *App) bulkItem(o operator.Operator, change bulk.Change, item bulk.Item, undone bulk.Undone) bulkview.Item {
	shown := bulkview.Item{
		Number:      item.N,
		Line:        item.Line,
		Login:       page.Name(access.Principal{Ref: item.Target, Name: item.Name}),
		Description: item.Description,
		Roles:       roleRefNames(item.Roles),
		Change: page.Difference{
			Grant:      roleRefNames(item.Grant),
			Revoke:     roleRefNames(item.Revoke),
			Privileged: roleRefNames(change.PrivilegedGrants),
		},
		OperationID: item.OperationID,
	}
	if change.Kind == bulk.Delete && item.State != bulk.Skipped {
		shown.Change.Lost = roleRefNames(item.Before)
	}
	if !item.Target.IsZero() {
		shown.Href = item.Target.Path()
	}
	switch {
	case item.Problem != "":
		shown.Problem, shown.Message = true, item.Problem
	case item.State == bulk.Finished:
		shown.HasResult, shown.Result, shown.Message = true, page.Result(item.Result), item.Message
	case item.State == bulk.InProgress:
		shown.State, shown.Message = bulkview.ItemInProgress, item.Note
	case item.State == bulk.Unchanged:
		shown.State = cmp.Or(item.Note, bulkview.ItemUnchanged)
	case change.State == bulk.Draft:
		shown.Message = item.Note
	case change.Ended():
		shown.State, shown.Message = bulkview.ItemNeverSent, item.Message
	default:
		shown.State = bulkview.ItemWaiting
	}
	if item.State != bulk.Finished {
		shown.OperationID = "" // may not be in the audit log yet
	}
	by, wasUndone := undone.By[item.OperationID]
	switch {
	case wasUndone:
		view := a.operationView(o, by)
		shown.UndoneBy = &view
	case !item.Open && (item.Result == audit.Applied || item.Result == audit.PartlyApplied):
		shown.UndoHref = a.undoItemHref(o, item)
	}
	return shown
}

// undoneBulk returns what of a bulk change was undone. It names the bulk change that undid all of that, if one did.
func (a *App) undoneBulk(o operator.Operator, change bulk.Change, undone bulk.Undone) bulkview.Undone {
	shown := bulkview.Undone{Count: len(undone.By), Of: change.Counts.Applied + change.Counts.PartlyApplied}
	if undone.Whole {
		shown.Of = shown.Count
	}
	paths := map[string]bool{}
	for _, by := range undone.By {
		shown.BulkHref = a.operationView(o, by).BulkHref
		paths[shown.BulkHref] = true
	}
	if len(paths) > 1 {
		shown.BulkHref = ""
	}
	return shown
}

// codePreviewItems is the number of items of a preview that are shown as vendor calls.
const codePreviewItems = 5

// bulkVendorCalls returns the vendor calls of the first items that will be sent.
func bulkVendorCalls(items []bulk.Item) []operations.VendorCall {
	var calls []operations.VendorCall
	shown := 0
	for _, item := range items {
		if item.State == bulk.Waiting && shown < codePreviewItems {
			shown++
			calls = append(calls, item.VendorCalls()...)
		}
	}
	return calls
}

// bulkPager returns the links to the other pages.
func bulkPager(id, only string, list bulk.ItemPage) ui.PagerProps {
	q := url.Values{}
	if only != "" {
		q.Set("only", only)
	}
	return pager(bulkPath(id), q, "page", list.Page, list.Pages)
}
