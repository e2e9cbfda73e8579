package bulk

import (
	"cmp"
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// pendingCondition picks the rows whose result may still change: the record is asked about their operations.
const pendingCondition = `operation_id <> '' AND final = FALSE`

// itemStatus is what became of a row.
type itemStatus struct {
	n           int
	state       ItemState
	operationID string
	result      audit.Result
	final       bool // result will not change
	code        int
	open        bool // the operation waits to be settled
}

// itemStatuses reads what became of those rows of a run that a condition picks, by the record's present word.
func (s *Service) itemStatuses(ctx context.Context, r storedChange, condition string) ([]itemStatus, error) {
	found, err := s.DB.SQL().
		QueryContext(
			ctx,
			`SELECT n, state, operation_id, result, final, code FROM bulk_items WHERE bulk_id = $1 AND `+condition+` ORDER BY n`,
			r.ID,
		)
	if err != nil {
		return nil, fmt.Errorf("reading what became of a run: %w", err)
	}
	defer found.Close()
	var (
		statuses []itemStatus
		ids      []string
	)
	for found.Next() {
		var m itemStatus
		if err := found.Scan(&m.n, &m.state, &m.operationID, &m.result, &m.final, &m.code); err != nil {
			return nil, fmt.Errorf("reading what became of a run: %w", err)
		}
		statuses = append(statuses, m)
		if m.operationID != "" && !m.final {
			ids = append(ids, m.operationID)
		}
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("reading what became of a run: %w", err)
	}
	results, err := s.AuditLog.CurrentResults(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range statuses {
		statuses[i].applyCurrentResult(results, r.isLive(s.Now()))
	}
	return statuses, nil
}

// applyCurrentResult takes the record's word on the row's operation. An operation that the record does not have was
// never begun.
func (m *itemStatus) applyCurrentResult(results map[string]audit.CurrentResult, live bool) {
	if m.operationID == "" || m.final {
		return
	}
	current, found := results[m.operationID]
	if !found {
		m.operationID = ""
	}
	switch {
	case m.state == InProgress && live:
	case found:
		m.state, m.result, m.open = Finished, cmp.Or(current.Result, audit.Unknown), current.Open
	case m.state == InProgress:
		m.state = Waiting
	}
}

// matches says whether a row is one of RowFilter.Only. ended says that its run has ended.
func (m itemStatus) matches(only string, ended bool) bool {
	switch only {
	case OnlyProblems:
		return m.state == Skipped
	case OnlyNotSent:
		limited := operations.IsRateLimit(m.code) && (m.result == audit.Refused || m.result == audit.PartlyApplied)
		return m.state == Waiting && ended || m.state == Finished && (m.result == audit.NotSent || limited)
	case OnlyFailed:
		return m.state == Finished && (m.result == audit.Refused || m.result == audit.PartlyApplied ||
			m.result == audit.NotApplied)
	case OnlyOpen:
		return m.state == Finished && m.result == audit.Unknown
	default:
		return true
	}
}

// count fills in the run's counts.
func (s *Service) count(ctx context.Context, r storedChange) (Change, error) {
	r.Counts = Counts{}
	pendingItems, err := s.itemStatuses(ctx, r, pendingCondition)
	if err != nil {
		return Change{}, err
	}
	for _, m := range pendingItems {
		r.Counts.add(m.state, m.result, 1)
	}
	found, err := s.DB.SQL().
		QueryContext(
			ctx,
			`SELECT state, result, COUNT(*) FROM bulk_items WHERE bulk_id = $1 AND NOT (`+pendingCondition+
				`) GROUP BY state, result`,
			r.ID,
		)
	if err != nil {
		return Change{}, fmt.Errorf("counting the rows of a run: %w", err)
	}
	defer found.Close()
	for found.Next() {
		var (
			state  ItemState
			result audit.Result
			rows   int
		)
		if err := found.Scan(&state, &result, &rows); err != nil {
			return Change{}, fmt.Errorf("counting the rows of a run: %w", err)
		}
		r.Counts.add(state, result, rows)
	}
	if err := found.Err(); err != nil {
		return Change{}, fmt.Errorf("counting the rows of a run: %w", err)
	}
	return r.Change, nil
}

// add counts rows that have come to the same.
func (c *Counts) add(state ItemState, result audit.Result, items int) {
	c.Total += items
	switch state {
	case Waiting:
		c.Waiting += items
	case InProgress:
		c.InProgress += items
	case Unchanged:
		c.Unchanged += items
	case Skipped:
		c.Skipped += items
	default:
		c.addResult(result, items)
	}
}

func (c *Counts) addResult(result audit.Result, items int) {
	switch result {
	case audit.Applied:
		c.Applied += items
	case audit.Refused:
		c.Refused += items
	case audit.NotSent:
		c.NotSent += items
	case audit.PartlyApplied:
		c.PartlyApplied += items
	case audit.NotApplied:
		c.NotApplied += items
	default:
		c.Unknown += items
	}
}
