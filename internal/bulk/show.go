package bulk

import (
	"context"
	"slices"

	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
)

const (
	defaultPerPage = 100
	listMax        = 50
)

// Show answers a run, for who made it and for those who may see the whole record. It fails with policy.Denied or
// ErrNotFound.
func (s *Service) Show(ctx context.Context, o operator.Operator, id string) (Change, error) {
	r, err := s.visible(ctx, o, id)
	if err != nil {
		return Change{}, err
	}
	return s.count(ctx, r)
}

// visible answers a run if the operator may see it.
func (s *Service) visible(ctx context.Context, o operator.Operator, id string) (storedChange, error) {
	if !s.Policy.May(o, policy.AuditOwn) && !s.Policy.May(o, policy.AuditView) {
		return storedChange{}, &policy.Denied{Permission: policy.AuditView}
	}
	r, err := s.stored(ctx, id)
	if err != nil {
		return storedChange{}, err
	}
	if !s.Policy.MaySeeOperation(o, r.Operator.ID()) {
		return storedChange{}, &policy.Denied{Permission: policy.AuditView}
	}
	return r, nil
}

// List answers the runs of an account that the operator may see, the newest first: at most 50, without the drafts of
// others. It fails with policy.Denied.
func (s *Service) List(ctx context.Context, o operator.Operator, account int64) ([]Change, error) {
	var args store.Args
	condition := `account = ` + args.Add(account)
	switch {
	case s.Policy.May(o, policy.AuditView):
		condition += ` AND (actor_id = ` + args.Add(o.ID()) + ` OR state <> ` + args.Add(Draft) + `)`
	case s.Policy.May(o, policy.AuditOwn):
		condition += ` AND actor_id = ` + args.Add(o.ID())
	default:
		return nil, &policy.Denied{Permission: policy.AuditOwn}
	}
	found, err := s.storedChanges(ctx, condition+` ORDER BY created_at DESC, id LIMIT `+args.Add(listMax), args...)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, 0, len(found))
	for _, r := range found {
		counted, err := s.count(ctx, r)
		if err != nil {
			return nil, err
		}
		changes = append(changes, counted)
	}
	return changes, nil
}

// Items answers a page of a run's rows, each with its operation's present word. Errors as for Show.
func (s *Service) Items(ctx context.Context, o operator.Operator, id string, f ItemFilter) (ItemPage, error) {
	r, err := s.visible(ctx, o, id)
	if err != nil {
		return ItemPage{}, err
	}
	statuses, err := s.itemStatuses(ctx, r, `1 = 1`)
	if err != nil {
		return ItemPage{}, err
	}
	statuses = slices.DeleteFunc(statuses, func(m itemStatus) bool { return !m.matches(f.Only, r.Ended()) })
	page := ItemPage{Matches: len(statuses)}
	var from, to int
	page.Page, page.Pages, from, to = directory.Paginate(len(statuses), f.Page, f.PerPage, defaultPerPage)
	page.Items, err = s.readItems(ctx, r, statuses[from:to])
	return page, err
}

// readItems reads the rows that marks, in order, are about.
func (s *Service) readItems(ctx context.Context, r storedChange, statuses []itemStatus) ([]Item, error) {
	if len(statuses) == 0 {
		return nil, nil
	}
	found, err := storedItems(
		ctx,
		s.DB.SQL(),
		`bulk_id = $1 AND n BETWEEN $2 AND $3 ORDER BY n`,
		r.ID,
		statuses[0].n,
		statuses[len(statuses)-1].n,
	)
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(statuses))
	for _, item := range found {
		m := statuses[len(items)]
		if item.N != m.n {
			continue
		}
		item.State, item.OperationID, item.Result, item.Open = m.state, m.operationID, m.result, m.open
		items = append(items, item)
		if len(items) == len(statuses) {
			break
		}
	}
	return items, nil
}
