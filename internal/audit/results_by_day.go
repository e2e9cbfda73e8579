package audit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"
)

// DayResults is the number of operations that were begun on a day and have a result now.
type DayResults struct {
	Day    time.Time // its beginning, in UTC
	Result Result    // "" while under way
	Count  int
}

const microsPerDay = int64(24 * time.Hour / time.Microsecond)

// resultsByDayQuery reads nothing but an index: see operations_by_time.
const resultsByDayQuery = `SELECT created_at / $1, result, COUNT(*) FROM operations
	WHERE account = $2 AND created_at >= $3 GROUP BY 1, 2 ORDER BY 1, 2`

// oldestChangedQuery finds the oldest operation with an event after a number.
const oldestChangedQuery = `SELECT MIN(created_at) FROM operations
	WHERE account + 0 = $1 AND id IN (SELECT operation_id FROM events WHERE seq > $2)`

// dayResultsMemory is the last answer of ResultsByDay. It is safe for concurrent use.
type dayResultsMemory struct {
	mu      sync.Mutex
	account int64
	from    time.Time
	seq     int64 // the newest event then, 0 for no answer; every change of a result adds one
	days    []DayResults
}

// ResultsByDay returns the results of the operations of an account by day, oldest first. from is the beginning of the
// first day. After the first call it counts only the days from the oldest operation that has a new event.
func (r *Log) ResultsByDay(ctx context.Context, account int64, from time.Time) ([]DayResults, error) {
	seq, err := r.NewestSeq(ctx)
	if err != nil {
		return nil, err
	}
	m := &r.dayResults
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.account == account && m.from.Equal(from) && m.seq != 0 && m.seq <= seq {
		err = r.recountDays(ctx, m, seq)
	} else {
		var days []DayResults
		if days, err = r.countResultsByDay(ctx, account, from); err == nil {
			m.account, m.from, m.seq, m.days = account, from, seq, days
		}
	}
	if err != nil {
		return nil, fmt.Errorf("counting operations by day: %w", err)
	}
	return slices.Clone(m.days), nil
}

// recountDays brings the memory up to an event.
func (r *Log) recountDays(ctx context.Context, m *dayResultsMemory, seq int64) error {
	if seq == m.seq {
		return nil
	}
	var oldest sql.NullInt64
	if err := r.db.SQL().QueryRowContext(ctx, oldestChangedQuery, m.account, m.seq).Scan(&oldest); err != nil {
		return err
	}
	if oldest.Valid {
		since := time.UnixMicro(oldest.Int64).UTC().Truncate(24 * time.Hour)
		if since.Before(m.from) {
			since = m.from
		}
		days, err := r.countResultsByDay(ctx, m.account, since)
		if err != nil {
			return err
		}
		unchanged := slices.DeleteFunc(m.days, func(d DayResults) bool { return !d.Day.Before(since) })
		m.days = append(unchanged, days...)
	}
	m.seq = seq
	return nil
}

func (r *Log) countResultsByDay(ctx context.Context, account int64, from time.Time) ([]DayResults, error) {
	rows, err := r.db.SQL().QueryContext(ctx, resultsByDayQuery, microsPerDay, account, from.UnixMicro())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var days []DayResults
	for rows.Next() {
		var (
			d   DayResults
			day int64
		)
		if err := rows.Scan(&day, &d.Result, &d.Count); err != nil {
			return nil, err
		}
		d.Day = time.UnixMicro(day * microsPerDay).UTC()
		days = append(days, d)
	}
	return days, rows.Err()
}
