package handlers

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/runs"
	"github.com/voxwarden/voxwarden/views/ui"
)

const (
	runRefresh = 2           // seconds after which the page of a run that is under way asks for itself again
	lastWord   = time.Minute // an operation takes less: what a run that was stopped has under way ends within it
	runPerPage = 100         // rows on a page
)

// showRun shows a run: its preview, its progress, or what came of it.
func (a *App) showRun(s Runs) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := runInPath(r)
		if err != nil {
			return err
		}
		run, err := s.Show(r.Context(), visitOf(r).operator, id)
		if err != nil {
			return err
		}
		m, err := a.runPage(w, r, s, run)
		if err != nil {
			return err
		}
		return a.render(w, r, http.StatusOK, runs.ShowPage(m))
	}
}

// runPage shows a run in words.
func (a *App) runPage(w http.ResponseWriter, r *http.Request, s Runs, run bulk.Change) (runs.Show, error) {
	o, q := visitOf(r).operator, r.URL.Query()
	filter := bulk.ItemFilter{Only: q.Get("only"), PerPage: runPerPage, Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 {
		filter.Page = n
	}
	list, err := s.Items(r.Context(), o, run.ID, filter)
	if err != nil {
		return runs.Show{}, err
	}
	c := run.Counts
	m := runs.Show{
		Frame: a.subuserFrame(
			w,
			r,
			runTitle(run),
		),
		ID:             run.ID,
		Title:          runTitle(run),
		State:          runs.State(run.State),
		Actor:          run.Operator.Display(),
		CreatedAt:      run.CreatedAt,
		StartedAt:      run.StartedAt,
		EndedAt:        run.EndedAt,
		Reason:         run.Reason,
		Note:           run.StopReason,
		ShowsPasswords: run.Kind == bulk.Create,
		Dangerous:      run.Kind == bulk.Delete,
		Counts:         tally(c).ResultCounts(runs.State(run.State)),
		Finished:       c.Finished(),
		InProgress:     c.InProgress,
		ToSend:         c.Finished() + c.Waiting + c.InProgress,
		RetryOf:        run.RetryOf,
		Filter:         filter.Only,
		ReasonRequired: a.RequireReason,
	}
	m.Frame.Crumbs = append(m.Frame.Crumbs, runs.ListLink())
	mine := run.Operator.ID() == o.ID() && a.Policy.May(o, policy.BulkStart)
	m.MayStart = run.State == bulk.Draft && mine && c.Waiting > 0
	m.MayStop = run.State == bulk.Running && a.Policy.May(o, policy.BulkStart)
	m.MayRetry = run.Ended() && a.Policy.May(o, policy.BulkStart) && c.Waiting+c.NotSent > 0
	if run.State == bulk.Draft {
		m.WarningIDs, m.Warnings = runWarnings(run)
		m.StartText = runs.Kind(run.Kind).StartText(c.Waiting)
		if count, needed := run.Confirmation(); needed {
			m.ConfirmNumber = count
		}
	}
	if run.State == bulk.Running || c.InProgress > 0 && a.Now().Sub(run.EndedAt) < lastWord {
		m.Frame.AutoRefresh = runRefresh
	}
	for _, row := range list.Items {
		m.Items = append(m.Items, runRow(run, row))
	}
	if run.State == bulk.Draft {
		m.Code = a.code(runCode(run, list.Items))
	}
	m.Pager = runPager(run.ID, filter.Only, list)
	return m, nil
}

// runTitle is what a run does, in words.
func runTitle(run bulk.Change) string { return runs.Kind(run.Kind).Title(run.Counts.Total) }

// tally are the rows by what became of them.
func tally(c bulk.Counts) runs.Totals {
	return runs.Totals{
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

// runWarnings say what must be known before a run starts, each with the word by which the form says that it was shown.
func runWarnings(run bulk.Change) (warned []string, banners []ui.Banner) {
	for _, warning := range run.Warnings {
		warned, banners = append(warned, string(warning)), append(banners, runs.WarningBanner(page.Warning(warning)))
	}
	if run.Incomplete {
		banners = append(banners, runs.ListIncompleteBanner())
	}
	if len(run.IgnoredColumns) > 0 {
		banners = append(banners, runs.UnusedColumnsBanner(run.IgnoredColumns))
	}
	return warned, banners
}

// runRow shows one row.
func runRow(run bulk.Change, row bulk.Item) runs.Item {
	shown := runs.Item{
		Number: row.N, Line: row.Line, Login: row.Login, Description: row.Description, Roles: refNames(row.Roles),
		Change: page.Difference{Grant: refNames(row.Grant), Revoke: refNames(row.Revoke)}, OperationID: row.OperationID,
	}
	if row.TargetID != 0 {
		shown.Href = subuserPath(row.TargetID)
	}
	switch {
	case row.Problem != "":
		shown.Problem, shown.Message = true, row.Problem
	case row.State == bulk.Finished:
		shown.HasResult, shown.Result, shown.Message = true, page.Result(row.Result), row.Message
	case row.State == bulk.InProgress:
		shown.State, shown.Message = runs.ItemInProgress, row.Note
	case row.State == bulk.Unchanged:
		shown.State = cmp.Or(row.Note, runs.ItemUnchanged)
	case run.State == bulk.Draft:
		shown.Message = row.Note
	case run.Ended():
		shown.State, shown.Message = runs.ItemNeverSent, row.Message
	default:
		shown.State = runs.ItemWaiting
	}
	if row.State != bulk.Finished {
		shown.OperationID = "" // there may be none in the record yet
	}
	return shown
}

// codeRows is of how many rows a preview shows the calls: enough to see what they are like.
const codeRows = 5

// runCode is what the first rows of a run are as calls of the Management API.
func runCode(run bulk.Change, rows []bulk.Item) []operations.VendorCall {
	var calls []operations.VendorCall
	shown := 0
	for _, row := range rows {
		if row.State != bulk.Waiting || shown == codeRows {
			continue
		}
		shown++
		switch run.Kind {
		case bulk.Delete:
			calls = append(calls, operations.DeleteSubuser{SubuserID: row.TargetID}.Code()...)
		case bulk.Create:
			roles := refIDs(row.Roles)
			calls = append(
				calls,
				operations.CreateSubuser{Login: row.Login, Description: row.Description, Roles: roles, Offered: roles}.Code()...)
		default:
			grant, revoke := refIDs(row.Grant), refIDs(row.Revoke)
			calls = append(
				calls,
				operations.ChangeSubuserRoles{
					SubuserID: row.TargetID,
					Base:      revoke,
					Offered:   append(grant, revoke...),
					Ticked:    grant,
				}.Code()...)
		}
	}
	return calls
}

// runPager is the way through the rows.
func runPager(id, only string, list bulk.ItemPage) ui.PagerProps {
	href := func(n int) string {
		q := url.Values{}
		if only != "" {
			q.Set("only", only)
		}
		if n > 1 {
			q.Set("page", strconv.Itoa(n))
		}
		if len(q) == 0 {
			return runPath(id)
		}
		return runPath(id) + "?" + q.Encode()
	}
	p := ui.PagerProps{Page: list.Page, Pages: list.Pages}
	if list.Page > 1 {
		p.First, p.Prev = href(1), href(list.Page-1)
	}
	if list.Page < list.Pages {
		p.Next, p.Last = href(list.Page+1), href(list.Pages)
	}
	return p
}
