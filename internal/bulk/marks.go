package bulk

import (
	"cmp"
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// rateLimitCode is the vendor's code for too many calls; nothing was done then.
const rateLimitCode = 340

// pending picks the rows whose result may still change: the record is asked about their operations.
const pending = `operation_id <> '' AND final = FALSE`

// mark is what became of a row.
type mark struct {
	n           int
	state       RowState
	operationID string
	result      audit.Result
	final       bool // result will not change
	code        int
	open        bool // the operation waits to be settled
}

// marks reads what became of those rows of a run that a condition picks, by the record's present word.
func (s *Service) marks(ctx context.Context, r storedRun, condition string) ([]mark, error) {
	found, err := s.DB.SQL().
		QueryContext(
			ctx,
			`SELECT n, state, operation_id, result, final, code FROM run_rows WHERE run_id = ? AND `+condition+` ORDER BY n`,
			r.ID,
		)
	if err != nil {
		return nil, fmt.Errorf("reading what became of a run: %w", err)
	}
	defer found.Close()
	var (
		marks []mark
		ids   []string
	)
	for found.Next() {
		var m mark
		if err := found.Scan(&m.n, &m.state, &m.operationID, &m.result, &m.final, &m.code); err != nil {
			return nil, fmt.Errorf("reading what became of a run: %w", err)
		}
		marks = append(marks, m)
		if m.operationID != "" && !m.final {
			ids = append(ids, m.operationID)
		}
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("reading what became of a run: %w", err)
	}
	words, err := s.Record.Results(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range marks {
		marks[i].hear(words, r.live(s.Now()))
	}
	return marks, nil
}

// hear takes the record's word on the row's operation. An operation that the record does not have was never begun.
func (m *mark) hear(words map[string]audit.LastWord, live bool) {
	if m.operationID == "" || m.final {
		return
	}
	word, found := words[m.operationID]
	if !found {
		m.operationID = ""
	}
	switch {
	case m.state == Busy && live:
	case found:
		m.state, m.result, m.open = Ended, cmp.Or(word.Result, audit.Unknown), word.Open
	case m.state == Busy:
		m.state = Waiting
	}
}

// is says whether a row is one of RowFilter.Only. ended says that its run has ended.
func (m mark) is(only string, ended bool) bool {
	switch only {
	case OnlyProblems:
		return m.state == Skipped
	case OnlyNotSent:
		limited := m.code == rateLimitCode && (m.result == audit.Refused || m.result == audit.Partly)
		return m.state == Waiting && ended || m.state == Ended && (m.result == audit.NotSent || limited)
	case OnlyFailed:
		return m.state == Ended && (m.result == audit.Refused || m.result == audit.Partly || m.result == audit.NotApplied)
	case OnlyOpen:
		return m.state == Ended && m.result == audit.Unknown
	default:
		return true
	}
}

// count fills in the run's counts.
func (s *Service) count(ctx context.Context, r storedRun) (Run, error) {
	r.Counts = Counts{}
	unsettled, err := s.marks(ctx, r, pending)
	if err != nil {
		return Run{}, err
	}
	for _, m := range unsettled {
		r.Counts.add(m.state, m.result, 1)
	}
	found, err := s.DB.SQL().
		QueryContext(
			ctx,
			`SELECT state, result, COUNT(*) FROM run_rows WHERE run_id = ? AND NOT (`+pending+`) GROUP BY state, result`,
			r.ID,
		)
	if err != nil {
		return Run{}, fmt.Errorf("counting the rows of a run: %w", err)
	}
	defer found.Close()
	for found.Next() {
		var (
			state  RowState
			result audit.Result
			rows   int
		)
		if err := found.Scan(&state, &result, &rows); err != nil {
			return Run{}, fmt.Errorf("counting the rows of a run: %w", err)
		}
		r.Counts.add(state, result, rows)
	}
	if err := found.Err(); err != nil {
		return Run{}, fmt.Errorf("counting the rows of a run: %w", err)
	}
	return r.Run, nil
}

// add counts rows that have come to the same.
func (c *Counts) add(state RowState, result audit.Result, rows int) {
	c.Total += rows
	switch state {
	case Waiting:
		c.Waiting += rows
	case Busy:
		c.Busy += rows
	case Idle:
		c.Idle += rows
	case Skipped:
		c.Skipped += rows
	default:
		c.addResult(result, rows)
	}
}

func (c *Counts) addResult(result audit.Result, rows int) {
	switch result {
	case audit.Applied:
		c.Applied += rows
	case audit.Refused:
		c.Refused += rows
	case audit.NotSent:
		c.NotSent += rows
	case audit.Partly:
		c.Partly += rows
	case audit.NotApplied:
		c.NotApplied += rows
	default:
		c.Unknown += rows
	}
}
