package audit

import (
	"context"
	"database/sql"
	"fmt"
)

// checkBulkChanges compares the rows of bulk_changes and bulk_items with the events, in both directions.
func (v *verifier) checkBulkChanges(ctx context.Context) error {
	var changes []bulkRow
	err := v.forEachRow(ctx, `SELECT `+bulkRowColumns+` FROM bulk_changes ORDER BY id`, nil, func(rows *sql.Rows) error {
		row, err := scanBulkRow(rows)
		if err != nil {
			v.addBulkFinding(row.id, bulkMismatchText(row.id, unreadable))
			return nil
		}
		changes = append(changes, row)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading bulk changes: %w", err)
	}
	for _, row := range changes {
		if err := v.checkBulkChange(ctx, row); err != nil {
			return err
		}
	}
	v.report.BulkChanges = int64(len(changes))
	return v.findMissingBulkRows(ctx)
}

// checkBulkChange compares a bulk change and its items with the events.
func (v *verifier) checkBulkChange(ctx context.Context, row bulkRow) error {
	replay, err := v.replayBulkChange(ctx, row.id)
	if err != nil {
		return err
	}
	var plans []string
	err = forEachBulkItem(ctx, v.tx, row.id, func(item bulkItemRow, readErr error) error {
		plans = append(plans, item.plan())
		wrong := unreadable
		if readErr == nil {
			wrong = replay.itemMismatch(item)
		}
		if wrong != "" {
			v.addBulkFinding(row.id, bulkItemMismatchText(row.id, item.n, wrong))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if wrong := replay.changeMismatch(row, planDigest(plans)); wrong != "" {
		v.addBulkFinding(row.id, bulkMismatchText(row.id, wrong))
	}
	return nil
}

func (v *verifier) addBulkFinding(id, text string) {
	v.report.addFinding(Finding{BulkChange: id, Problem: BulkMismatch, Text: text})
}

// replayBulkChange returns what the events say about a bulk change.
func (v *verifier) replayBulkChange(ctx context.Context, id string) (*bulkReplay, error) {
	replay := &bulkReplay{id: id}
	query := `SELECT ` + linkColumns + ` FROM events WHERE operation_id = $1 ORDER BY seq`
	err := v.forEachRow(ctx, query, []any{BulkSubject(id)}, func(rows *sql.Rows) error {
		e, err := scanLink(rows)
		if err != nil {
			return err
		}
		return replay.add(e)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the events of bulk change %s: %w", id, err)
	}
	return replay, nil
}

// findMissingBulkRows adds a finding for each bulk change that has events but no row, unless it was discarded, and for
// items without a bulk change.
func (v *verifier) findMissingBulkRows(ctx context.Context) error {
	var missing []string
	collect := func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		missing = append(missing, id)
		return err
	}
	err := v.forEachRow(ctx, `SELECT DISTINCT operation_id FROM events WHERE kind = $1
		AND NOT EXISTS (SELECT 1 FROM bulk_changes b WHERE b.id = substr(events.operation_id, 6))
		ORDER BY operation_id`, []any{BulkChangeEvent}, collect)
	if err != nil {
		return fmt.Errorf("reading events without a bulk change: %w", err)
	}
	for _, subject := range missing {
		id := subject[len(bulkPrefix):]
		replay, err := v.replayBulkChange(ctx, id)
		if err != nil {
			return err
		}
		if replay.draftSeq != 0 && replay.discardedSeq == 0 {
			v.addBulkFinding(id, fmt.Sprintf("The row of bulk change %s is missing.", id))
		}
	}
	missing = nil
	err = v.forEachRow(ctx, `SELECT DISTINCT bulk_id FROM bulk_items
		WHERE NOT EXISTS (SELECT 1 FROM bulk_changes b WHERE b.id = bulk_items.bulk_id) ORDER BY bulk_id`, nil, collect)
	if err != nil {
		return fmt.Errorf("reading items without a bulk change: %w", err)
	}
	for _, id := range missing {
		v.addBulkFinding(id, fmt.Sprintf("There are items of bulk change %s, but the bulk change is missing.", id))
	}
	return nil
}
