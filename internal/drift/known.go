package drift

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/access"
)

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
