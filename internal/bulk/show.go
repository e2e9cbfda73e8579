package bulk

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

const (
	defaultPerPage = 100
	listMax        = 50
)

// Show answers a run, for who made it and for those who may see the whole record. It fails with policy.Denied or
// ErrNotFound.
func (s *Service) Show(ctx context.Context, o operator.Operator, id string) (Run, error) {
	r, err := s.visible(ctx, o, id)
	if err != nil {
		return Run{}, err
	}
	return s.count(ctx, r)
}

// visible answers a run if the operator may see it.
func (s *Service) visible(ctx context.Context, o operator.Operator, id string) (storedRun, error) {
	if !s.Policy.May(o, policy.RecordOwn) && !s.Policy.May(o, policy.RecordView) {
		return storedRun{}, &policy.Denied{Permission: policy.RecordView}
	}
	r, err := s.stored(ctx, id)
	if err != nil {
		return storedRun{}, err
	}
	if !s.Policy.MaySeeOperation(o, r.Operator.ID()) {
		return storedRun{}, &policy.Denied{Permission: policy.RecordView}
	}
	return r, nil
}

// List answers the runs of an account that the operator may see, the newest first: at most 50, without the drafts of
// others. It fails with policy.Denied.
func (s *Service) List(ctx context.Context, o operator.Operator, account int64) ([]Run, error) {
	condition, args := `account = ? AND actor_id = ?`, []any{account, o.ID()}
	switch {
	case s.Policy.May(o, policy.RecordView):
		condition, args = `account = ? AND (actor_id = ? OR state <> ?)`, append(args, Draft)
	case !s.Policy.May(o, policy.RecordOwn):
		return nil, &policy.Denied{Permission: policy.RecordOwn}
	}
	found, err := s.storedRuns(ctx, condition+` ORDER BY created_at DESC, id LIMIT ?`, append(args, listMax)...)
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(found))
	for _, r := range found {
		counted, err := s.count(ctx, r)
		if err != nil {
			return nil, err
		}
		runs = append(runs, counted)
	}
	return runs, nil
}

// Rows answers a page of a run's rows, each with its operation's present word. Errors as for Show.
func (s *Service) Rows(ctx context.Context, o operator.Operator, id string, f RowFilter) (RowPage, error) {
	r, err := s.visible(ctx, o, id)
	if err != nil {
		return RowPage{}, err
	}
	marks, err := s.marks(ctx, r, `1 = 1`)
	if err != nil {
		return RowPage{}, err
	}
	marks = slices.DeleteFunc(marks, func(m mark) bool { return !m.is(f.Only, r.Ended()) })
	page := RowPage{Matches: len(marks)}
	var from, to int
	page.Page, page.Pages, from, to = directory.Paginate(len(marks), f.Page, f.PerPage, defaultPerPage)
	page.Rows, err = s.rowsOf(ctx, r, marks[from:to])
	return page, err
}

// rowsOf reads the rows that marks, in order, are about.
func (s *Service) rowsOf(ctx context.Context, r storedRun, marks []mark) ([]Row, error) {
	if len(marks) == 0 {
		return nil, nil
	}
	found, err := storedRows(
		ctx,
		s.DB.SQL(),
		`run_id = ? AND n BETWEEN ? AND ? ORDER BY n`,
		r.ID,
		marks[0].n,
		marks[len(marks)-1].n,
	)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(marks))
	for _, row := range found {
		m := marks[len(rows)]
		if row.N != m.n {
			continue
		}
		row.State, row.OperationID, row.Result, row.Open = m.state, m.operationID, m.result, m.open
		rows = append(rows, row)
		if len(rows) == len(marks) {
			break
		}
	}
	return rows, nil
}
