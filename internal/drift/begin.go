package drift

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/directory"
)

// begun is what was known when a reading began. Clocks are set back, and those of two servers differ: what came
// before a reading is told by this.
type begun struct {
	readings map[string]int64 // by kind, how many had been compared: none of these overlaps with this one
	seq      int64            // the record's newest event: what has a later last event may not be in this reading yet
}

// Begin is called before an account is read, as [directory.Directory.Watch] does, and answers what compares the
// reading with what is expected. What goes wrong is logged, and the next reading is compared instead.
func (s *Service) Begin(ctx context.Context, account int64) (check func(context.Context, directory.Listing)) {
	limited, done := context.WithTimeout(ctx, beginLimit)
	defer done()
	b, err := s.begin(limited, account)
	if err != nil {
		s.Logger.Warn("a reading will not be compared with what is expected", "error", err)
		return nil
	}
	return func(ctx context.Context, l directory.Listing) {
		ctx, done := context.WithTimeout(ctx, checkLimit)
		defer done()
		for _, seen := range shown(l) {
			if err := s.check(ctx, l, b, seen); err != nil {
				s.Logger.Warn("a reading could not be compared with what is expected", "kind", seen.kind, "error", err)
			}
		}
	}
}

// begin reads the number of readings first: what was looked at of the record for the last of them is then no newer than
// this one's newest event.
func (s *Service) begin(ctx context.Context, account int64) (begun, error) {
	b := begun{readings: map[string]int64{}}
	rows, err := s.DB.SQL().QueryContext(ctx, `SELECT kind, readings FROM drift_checks WHERE account = ?`, account)
	if err != nil {
		return b, fmt.Errorf("reading what was last compared: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var readings int64
		if err := rows.Scan(&kind, &readings); err != nil {
			return b, fmt.Errorf("reading what was last compared: %w", err)
		}
		b.readings[kind] = readings
	}
	if err := rows.Err(); err != nil {
		return b, fmt.Errorf("reading what was last compared: %w", err)
	}
	b.seq, err = s.Record.Newest(ctx)
	return b, err
}
