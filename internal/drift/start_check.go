package drift

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// checkStart is the state of the database when a listing was begun. It tells earlier from later events, because clocks
// are set back and differ between servers.
type checkStart struct {
	comparisons map[access.Kind]int64 // the number of comparisons so far: none of these overlaps with the listing
	newestSeq   int64                 // the audit log's newest event: the listing may lack the effect of later ones
}

// StartCheck is called before an account is read, see [directory.Directory.OnListing]. It returns the function that
// compares the listing with the expected state, or nil when the database cannot be read. Errors are logged, and the
// next listing is compared instead.
func (s *Service) StartCheck(ctx context.Context, account int64) (check func(context.Context, directory.Listing)) {
	startCtx, done := context.WithTimeout(ctx, startTimeout)
	defer done()
	start, err := s.loadStart(startCtx, account)
	if err != nil {
		s.Logger.Warn("a listing will not be compared with the expected state", "error", err)
		return nil
	}
	return func(ctx context.Context, l directory.Listing) {
		ctx, done := context.WithTimeout(ctx, checkTimeout)
		defer done()
		for _, kind := range access.Kinds() {
			if _, complete := l.Principals[kind]; !complete {
				continue
			}
			if err := s.check(ctx, l, start, kind); err != nil {
				s.Logger.Warn("a listing could not be compared with the expected state", "kind", kind, "error", err)
			}
		}
	}
}

// loadStart reads the numbers of comparisons first: the events that those processed are then no newer than newestSeq.
func (s *Service) loadStart(ctx context.Context, account int64) (checkStart, error) {
	start := checkStart{comparisons: map[access.Kind]int64{}}
	rows, err := s.DB.SQL().QueryContext(ctx, `SELECT kind, comparisons FROM drift_checks WHERE account = $1`, account)
	if err != nil {
		return start, fmt.Errorf("reading the last comparisons: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind access.Kind
		var comparisons int64
		if err := rows.Scan(&kind, &comparisons); err != nil {
			return start, fmt.Errorf("reading the last comparisons: %w", err)
		}
		start.comparisons[kind] = comparisons
	}
	if err := rows.Err(); err != nil {
		return start, fmt.Errorf("reading the last comparisons: %w", err)
	}
	start.newestSeq, err = s.AuditLog.NewestSeq(ctx)
	return start, err
}
