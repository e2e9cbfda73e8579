package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// draftLimits limit the drafts that are stored. A new draft replaces the oldest ones of its operator: a preview can be
// made again. It never replaces those of another operator.
type draftLimits struct {
	perOperator         int // drafts
	bytesPerDraft       int // of the items' bodies, as are the others
	bytesPerOperator    int
	bytesOfAllOperators int
}

func newDraftLimits() draftLimits {
	return draftLimits{
		perOperator:         20,
		bytesPerDraft:       32 << 20,
		bytesPerOperator:    64 << 20,
		bytesOfAllOperators: 512 << 20,
	}
}

// ErrDraftTooLarge is the error of a draft that takes too much space: there are too many long descriptions in it.
var ErrDraftTooLarge = errors.New("the draft is too large")

// ErrTooManyDrafts is the error while the drafts of all operators take too much space.
var ErrTooManyDrafts = errors.New("too many drafts are stored")

// encodeItems returns the JSON bodies of items and their size, or ErrDraftTooLarge.
func (l draftLimits) encodeItems(items []Item) (bodies []string, size int, err error) {
	bodies = make([]string, 0, len(items))
	for _, item := range items {
		body, err := json.Marshal(item)
		if err != nil {
			return nil, 0, fmt.Errorf("encoding an item: %w", err)
		}
		if size += len(body); size > l.bytesPerDraft {
			return nil, 0, ErrDraftTooLarge
		}
		bodies = append(bodies, string(body))
	}
	return bodies, size, nil
}

// makeRoom deletes the oldest drafts of an operator until a new one fits. It returns ErrTooManyDrafts when it does not
// fit beside those of the others.
func (l draftLimits) makeRoom(
	ctx context.Context,
	tx *audit.Tx,
	actorID string,
	size int,
	now time.Time,
) error {
	var all int
	if err := tx.QueryRowContext(
		ctx,
		`SELECT COALESCE(SUM(bytes), 0) FROM bulk_changes WHERE state = 'draft'`,
	).Scan(&all); err != nil {
		return fmt.Errorf("reading the size of drafts: %w", err)
	}
	own, err := ownDrafts(ctx, tx.Tx, actorID)
	if err != nil {
		return err
	}
	ownBytes := 0
	for _, draft := range own {
		ownBytes += draft.bytes
	}
	for len(own) > 0 && (len(own) >= l.perOperator || ownBytes+size > l.bytesPerOperator ||
		all+size > l.bytesOfAllOperators) {
		if err := discardDraft(ctx, tx, own[0].id, now); err != nil {
			return err
		}
		ownBytes -= own[0].bytes
		all -= own[0].bytes
		own = own[1:]
	}
	if all+size > l.bytesOfAllOperators {
		return ErrTooManyDrafts
	}
	return nil
}

// storedDraft is a draft and the size of its items.
type storedDraft struct {
	id    string
	bytes int
}

// ownDrafts returns the drafts of an operator, the oldest first.
func ownDrafts(ctx context.Context, tx *sql.Tx, actorID string) ([]storedDraft, error) {
	rows, err := tx.QueryContext(
		ctx,
		`SELECT id, bytes FROM bulk_changes WHERE state = 'draft' AND actor_id = $1 ORDER BY created_at, id`,
		actorID,
	)
	if err != nil {
		return nil, fmt.Errorf("reading drafts: %w", err)
	}
	defer rows.Close()
	var drafts []storedDraft
	for rows.Next() {
		var draft storedDraft
		if err := rows.Scan(&draft.id, &draft.bytes); err != nil {
			return nil, fmt.Errorf("reading drafts: %w", err)
		}
		drafts = append(drafts, draft)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading drafts: %w", err)
	}
	return drafts, nil
}
