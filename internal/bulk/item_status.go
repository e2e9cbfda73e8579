package bulk

import (
	"cmp"
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// pendingCondition selects the items with a result that may still change: the current one is read from the audit log.
const pendingCondition = `operation_id <> '' AND final = FALSE`

// itemStatus is the progress of an item.
type itemStatus struct {
	n           int
	state       ItemState
	operationID string
	result      audit.Result
	final       bool // the result cannot change any more
	code        int
	open        bool // the operation is not resolved yet
}

// itemStatuses returns the progress of the items that match an SQL condition, with the current results of their
// operations.
func (s *Service) itemStatuses(ctx context.Context, c storedChange, condition string) ([]itemStatus, error) {
	rows, err := s.DB.SQL().QueryContext(
		ctx,
		`SELECT n, state, operation_id, result, final, code FROM bulk_items WHERE bulk_id = $1 AND `+condition+` ORDER BY n`,
		c.ID,
	)
	if err != nil {
		return nil, fmt.Errorf("reading the progress of items: %w", err)
	}
	defer rows.Close()
	var (
		statuses []itemStatus
		ids      []string
	)
	for rows.Next() {
		var i itemStatus
		if err := rows.Scan(&i.n, &i.state, &i.operationID, &i.result, &i.final, &i.code); err != nil {
			return nil, fmt.Errorf("reading the progress of items: %w", err)
		}
		statuses = append(statuses, i)
		if i.operationID != "" && !i.final {
			ids = append(ids, i.operationID)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the progress of items: %w", err)
	}
	results, err := s.AuditLog.CurrentResults(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range statuses {
		statuses[i].applyCurrentResult(results, c.isLive(s.Now()))
	}
	return statuses, nil
}

// applyCurrentResult sets the result that the audit log has for the item's operation. An operation that the log does
// not have was never started. live reports that a process may be working on the bulk change.
func (i *itemStatus) applyCurrentResult(results map[string]audit.CurrentResult, live bool) {
	if i.operationID == "" || i.final {
		return
	}
	current, found := results[i.operationID]
	if !found {
		i.operationID = ""
	}
	switch {
	case i.state == InProgress && live:
	case found:
		i.state, i.result, i.open = Finished, cmp.Or(current.Result, audit.Unknown), current.Open
	case i.state == InProgress:
		i.state = Waiting
	}
}

// matches reports whether ItemFilter.Only selects the item. ended reports whether the bulk change has ended.
func (i itemStatus) matches(only string, ended bool) bool {
	switch only {
	case "":
		return true
	case OnlyNotSent:
		limited := operations.IsRateLimit(i.code) && (i.result == audit.Refused || i.result == audit.PartlyApplied)
		return i.state == Waiting && ended || i.state == Finished && (i.result == audit.NotSent || limited)
	default:
		return i.state != Finished && string(i.state) == only || i.state == Finished && string(i.result) == only
	}
}

// count returns the bulk change with its counts.
func (s *Service) count(ctx context.Context, c storedChange) (Change, error) {
	c.Counts = Counts{}
	pending, err := s.itemStatuses(ctx, c, pendingCondition)
	if err != nil {
		return Change{}, err
	}
	for _, i := range pending {
		c.Counts.add(i.state, i.result, 1)
	}
	rows, err := s.DB.SQL().QueryContext(
		ctx,
		`SELECT state, result, COUNT(*) FROM bulk_items WHERE bulk_id = $1 AND NOT (`+pendingCondition+
			`) GROUP BY state, result`,
		c.ID,
	)
	if err != nil {
		return Change{}, fmt.Errorf("counting items: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			state  ItemState
			result audit.Result
			items  int
		)
		if err := rows.Scan(&state, &result, &items); err != nil {
			return Change{}, fmt.Errorf("counting items: %w", err)
		}
		c.Counts.add(state, result, items)
	}
	if err := rows.Err(); err != nil {
		return Change{}, fmt.Errorf("counting items: %w", err)
	}
	return c.Change, nil
}
