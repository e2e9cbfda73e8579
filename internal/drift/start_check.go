package drift

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// checkStart is what was known when a reading began. Clocks are set back, and those of two servers differ: what came
// before a reading is told by this.
type checkStart struct {
	comparisons map[access.Kind]int64 // by kind, how many had been compared: none of these overlaps with this one
	newestSeq   int64                 // of the audit log: what has a later last event may not be in this reading yet
}

// StartCheck is called before an account is read, as [directory.Directory.Watch] does, and answers what compares the
// reading with what is expected. What goes wrong is logged, and the next reading is compared instead.
func (s *Service) StartCheck(ctx context.Context, account int64) (check func(context.Context, directory.Listing)) {
	startCtx, done := context.WithTimeout(ctx, startTimeout)
	defer done()
	b, err := s.loadStart(startCtx, account)
	if err != nil {
		s.Logger.Warn("a reading will not be compared with what is expected", "error", err)
		return nil
	}
	return func(ctx context.Context, l directory.Listing) {
		ctx, done := context.WithTimeout(ctx, checkTimeout)
		defer done()
		for _, listed := range listedKinds(l) {
			if err := s.check(ctx, l, b, listed); err != nil {
				s.Logger.Warn("a reading could not be compared with what is expected", "kind", listed.kind, "error", err)
			}
		}
	}
}

// loadStart reads the number of readings first: what was looked at of the record for the last of them is then no
// newer than this one's newest event.
func (s *Service) loadStart(ctx context.Context, account int64) (checkStart, error) {
	b := checkStart{comparisons: map[access.Kind]int64{}}
	rows, err := s.DB.SQL().QueryContext(ctx, `SELECT kind, comparisons FROM drift_checks WHERE account = $1`, account)
	if err != nil {
		return b, fmt.Errorf("reading what was last compared: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind access.Kind
		var readings int64
		if err := rows.Scan(&kind, &readings); err != nil {
			return b, fmt.Errorf("reading what was last compared: %w", err)
		}
		b.comparisons[kind] = readings
	}
	if err := rows.Err(); err != nil {
		return b, fmt.Errorf("reading what was last compared: %w", err)
	}
	b.newestSeq, err = s.AuditLog.NewestSeq(ctx)
	return b, err
}
