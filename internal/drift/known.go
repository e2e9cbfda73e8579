package drift

import (
	"context"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Compared returns when the listing was read that was compared last, for each kind of an account that ever was.
func (s *Service) Compared(ctx context.Context, account int64) (map[access.Kind]time.Time, error) {
	rows, err := s.DB.SQL().QueryContext(ctx, `SELECT kind, as_of FROM drift_checks WHERE account = $1`, account)
	if err != nil {
		return nil, fmt.Errorf("reading the last comparisons: %w", err)
	}
	defer rows.Close()
	compared := map[access.Kind]time.Time{}
	for rows.Next() {
		var kind access.Kind
		var asOf int64
		if err := rows.Scan(&kind, &asOf); err != nil {
			return nil, fmt.Errorf("reading the last comparisons: %w", err)
		}
		compared[kind] = time.UnixMicro(asOf).UTC()
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the last comparisons: %w", err)
	}
	return compared, nil
}

// KnownPrincipals returns principals that the newest comparison found in an account, at most limit.
func (s *Service) KnownPrincipals(
	ctx context.Context,
	account int64,
	kind access.Kind,
	limit int,
) (known []access.Ref, err error) {
	rows, err := s.DB.SQL().QueryContext(
		ctx,
		`SELECT id FROM drift_expected WHERE account = $1 AND kind = $2 ORDER BY id LIMIT $3`,
		account,
		kind,
		limit,
	)
	if err != nil {
		return nil, fmt.Errorf("reading known principals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		ref := access.Ref{Kind: kind}
		if err := rows.Scan(&ref.ID); err != nil {
			return nil, fmt.Errorf("reading known principals: %w", err)
		}
		known = append(known, ref)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading known principals: %w", err)
	}
	return known, nil
}
