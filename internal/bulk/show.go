package bulk

import (
	"context"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
)

const (
	defaultPerPage = 100
	listMax        = 50
)

// Show returns a bulk change to the operator that drafted it and to operators with the permission AuditView. It returns
// *policy.Denied or ErrNotFound.
func (s *Service) Show(ctx context.Context, o operator.Operator, id string) (Change, error) {
	c, err := s.visible(ctx, o, id)
	if err != nil {
		return Change{}, err
	}
	change, err := s.count(ctx, c)
	if err != nil || change.State != Running {
		return change, err
	}
	change.Remaining, err = s.remaining(ctx, change)
	return change, err
}

// An estimate follows the pace of the latest items, and needs some.
const (
	paceItems    = 20
	minPaceItems = 5
)

// remaining estimates the time until the last item is processed: the time since the latest items were begun, for each
// of them and each that is left. So an estimate grows while the vendor's rate limit holds an item up.
func (s *Service) remaining(ctx context.Context, c Change) (time.Duration, error) {
	latest, err := s.AuditLog.Operations(ctx, audit.Filter{Account: c.Account, BulkID: c.ID, Limit: paceItems})
	if err != nil {
		return 0, err
	}
	finished := len(latest) - c.Counts.InProgress
	if finished < minPaceItems {
		return 0, nil
	}
	spent := s.Now().Sub(latest[len(latest)-1].CreatedAt)
	left := c.Counts.Waiting + c.Counts.InProgress
	return max(0, spent/time.Duration(finished)*time.Duration(left)), nil
}

// visible returns a bulk change without its counts if the operator can see it. Errors as for Show.
func (s *Service) visible(ctx context.Context, o operator.Operator, id string) (storedChange, error) {
	if !s.Policy.May(o, policy.AuditOwn) && !s.Policy.May(o, policy.AuditView) {
		return storedChange{}, &policy.Denied{Permission: policy.AuditView}
	}
	c, err := s.stored(ctx, id)
	if err != nil {
		return storedChange{}, err
	}
	if !s.Policy.MaySeeOperation(o, c.Operator.ID()) {
		return storedChange{}, &policy.Denied{Permission: policy.AuditView}
	}
	return c, nil
}

// List returns the newest bulk changes of an account that the operator can see, newest first: at most 50, without other
// operators' drafts. It returns *policy.Denied.
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
	stored, err := s.storedChanges(ctx, condition+` ORDER BY created_at DESC, id LIMIT `+args.Add(listMax), args...)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, 0, len(stored))
	for _, c := range stored {
		counted, err := s.count(ctx, c)
		if err != nil {
			return nil, err
		}
		changes = append(changes, counted)
	}
	return changes, nil
}

// Items returns a page of a bulk change's items with the current results of their operations. Errors as for Show.
func (s *Service) Items(ctx context.Context, o operator.Operator, id string, f ItemFilter) (ItemPage, error) {
	c, err := s.visible(ctx, o, id)
	if err != nil {
		return ItemPage{}, err
	}
	statuses, err := s.itemStatuses(ctx, c, `1 = 1`)
	if err != nil {
		return ItemPage{}, err
	}
	statuses = slices.DeleteFunc(statuses, func(i itemStatus) bool { return !i.matches(f.Only, c.Ended()) })
	page := ItemPage{Matches: len(statuses)}
	var from, to int
	page.Page, page.Pages, from, to = directory.Paginate(len(statuses), f.Page, f.PerPage, defaultPerPage)
	page.Items, err = s.readItems(ctx, c, statuses[from:to])
	return page, err
}

// readItems returns the items of the given statuses, which must be in order.
func (s *Service) readItems(ctx context.Context, c storedChange, statuses []itemStatus) ([]Item, error) {
	if len(statuses) == 0 {
		return nil, nil
	}
	stored, err := storedItems(
		ctx,
		s.DB.SQL(),
		`bulk_id = $1 AND n BETWEEN $2 AND $3 ORDER BY n`,
		c.ID,
		statuses[0].n,
		statuses[len(statuses)-1].n,
	)
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(statuses))
	for _, item := range stored {
		status := statuses[len(items)]
		if item.N != status.n {
			continue
		}
		item.State, item.OperationID, item.Result, item.Open = status.state, status.operationID, status.result, status.open
		items = append(items, item)
		if len(items) == len(statuses) {
			break
		}
	}
	return items, nil
}
