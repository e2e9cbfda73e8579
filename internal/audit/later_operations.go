package audit

import (
	"context"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/store"
)

// laterCondition selects the operations with a newest event after the first event of the operation with the given
// id. It compares event numbers, because clocks are set back and differ between servers.
func laterCondition(id string) string {
	return `id <> ` + id + ` AND last_seq > (SELECT MIN(seq) FROM events WHERE operation_id = ` + id + `)`
}

// HasLaterChange reports whether an operation on the same target came after this one and may have changed it. A
// target without an id is compared by name.
func (r *Log) HasLaterChange(ctx context.Context, op Operation) (bool, error) {
	var args store.Args
	query := `SELECT COUNT(*) FROM operations WHERE account = ` + args.Add(op.Account) +
		` AND target_kind = ` + args.Add(op.Target.Kind) + ` AND ` + laterCondition(args.Add(op.ID)) +
		` AND result NOT IN ` + store.AddList(&args, notChanged())
	if op.Target.ID == "" {
		query += ` AND target_id = '' AND target_name = ` + args.Add(op.Target.Name)
	} else {
		query += ` AND id IN (SELECT operation_id FROM operation_targets WHERE kind = ` + args.Add(op.Target.Kind) +
			` AND id = ` + args.Add(op.Target.ID) + ` AND part <> ` + args.Add(partAffected) + `)`
	}
	var count int
	err := r.db.SQL().QueryRowContext(ctx, query, args...).Scan(&count)
	if err != nil {
		return false, fmt.Errorf("reading later operations: %w", err)
	}
	return count > 0, nil
}

// LaterChanges returns the newest operations that came after op and changed or may have changed its target, at most
// limit, newest first.
func (r *Log) LaterChanges(ctx context.Context, op Operation, limit int) ([]Operation, error) {
	if op.Target.ID == "" {
		return nil, nil
	}
	var args store.Args
	return r.list(
		ctx,
		`SELECT `+operationColumns+` FROM operations WHERE account = `+args.Add(op.Account)+
			` AND `+laterCondition(args.Add(op.ID))+` AND result NOT IN `+store.AddList(&args, notChanged())+
			` AND id IN (SELECT operation_id FROM operation_targets WHERE kind = `+args.Add(op.Target.Kind)+
			` AND id = `+args.Add(op.Target.ID)+`) ORDER BY last_seq DESC LIMIT `+args.Add(limit),
		args...,
	)
}

// laterThanBulkQuery selects the operations outside of a bulk change that changed or may have changed a target of one
// of its operations, or have the name of such a target and one of some actions.
func laterThanBulkQuery(bulkID string, sameName []Action) (string, []any) {
	var args store.Args
	id := args.Add(bulkID)
	own := `own.bulk_id = ` + id + ` AND own.bulk_id <> ''`
	return `SELECT ` + operationColumns + ` FROM operations WHERE id IN (
			SELECT t.operation_id FROM operations own JOIN operation_targets t
				ON t.id = own.target_id AND t.kind = own.target_kind AND t.part <> ` + args.Add(partAffected) + `
				WHERE ` + own + ` AND own.target_id <> ''
			UNION SELECT same.id FROM operations own JOIN operations same
				ON same.account = own.account AND LOWER(same.target_name) = LOWER(own.target_name)
				WHERE ` + own + ` AND same.action IN ` + store.AddList(&args, sameName) + `)
		AND bulk_id <> ` + id + ` AND result NOT IN ` + store.AddList(&args, notChanged()) + `
		ORDER BY last_seq`, args
}

// LaterThanBulk returns the operations outside of a bulk change that changed or may have changed a target of one of its
// operations, or have the name of such a target and one of the given actions, oldest first. Some may be older than the
// bulk change.
func (r *Log) LaterThanBulk(ctx context.Context, bulkID string, sameName ...Action) ([]Operation, error) {
	query, args := laterThanBulkQuery(bulkID, sameName)
	return r.list(ctx, query, args...)
}

// LaterCreation returns the newest applied operation with one of the given actions, begun later than op, on a
// principal of the same kind and name; found is false when there is none.
func (r *Log) LaterCreation(
	ctx context.Context,
	op Operation,
	actions ...Action,
) (later Operation, found bool, err error) {
	var args store.Args
	list, err := r.list(
		ctx,
		`SELECT `+operationColumns+` FROM operations WHERE account = `+args.Add(op.Account)+
			` AND `+laterCondition(args.Add(op.ID))+` AND `+sameNameCondition(&args, op.Target)+
			` AND result = `+args.Add(Applied)+` AND action IN `+store.AddList(&args, actions)+
			` ORDER BY last_seq DESC LIMIT 1`,
		args...,
	)
	if err != nil || len(list) == 0 {
		return Operation{}, false, err
	}
	return list[0], true, nil
}

// HasLaterDeletion reports whether an operation with one of the given actions, begun later than op, deleted or may
// have deleted a principal of the same kind and name, other than the one that op was to delete. It may have deleted
// what op created; then its absence proves nothing.
func (r *Log) HasLaterDeletion(ctx context.Context, op Operation, actions ...Action) (bool, error) {
	former := op.Target.FormerID
	if former == "" && op.Action == ReissueSubuser { // the id of a creation is what it created
		former = op.Target.ID
	}
	var (
		args  store.Args
		count int
	)
	err := r.db.SQL().QueryRowContext(
		ctx,
		`SELECT COUNT(*) FROM operations WHERE account = `+args.Add(op.Account)+
			` AND `+laterCondition(args.Add(op.ID))+` AND `+sameNameCondition(&args, op.Target)+
			` AND result NOT IN `+store.AddList(&args, notChanged())+
			` AND CASE WHEN former_id <> '' THEN former_id ELSE target_id END <> `+args.Add(former)+
			` AND action IN `+store.AddList(&args, actions),
		args...,
	).Scan(&count)
	if err != nil {
		return false, fmt.Errorf("reading later deletions: %w", err)
	}
	return count > 0, nil
}

// WasDeleted reports whether an operation with one of the given actions deleted the target, as confirmed by
// reading. The vendor does not reuse ids, so a later reading that still shows the target is an old one.
func (r *Log) WasDeleted(ctx context.Context, account int64, target Target, actions ...Action) (bool, error) {
	query, args := wasDeletedQuery(account, target, actions)
	var count int
	if err := r.db.SQL().QueryRowContext(ctx, query, args...).Scan(&count); err != nil {
		return false, fmt.Errorf("reading whether the target was deleted: %w", err)
	}
	return count > 0, nil
}

func wasDeletedQuery(account int64, target Target, actions []Action) (string, []any) {
	var args store.Args
	return `SELECT COUNT(*) FROM operation_targets t JOIN operations o ON o.id = t.operation_id
		WHERE o.account = ` + args.Add(account) + `
			AND t.kind = ` + args.Add(target.Kind) + ` AND t.id = ` + args.Add(target.ID) + `
			AND (t.part = 'former' OR t.part = 'target' AND o.former_id = '')
			AND o.confirmed = TRUE AND o.result IN ` + store.AddList(&args, []Result{Applied, PartlyApplied}) + `
			AND o.action IN ` + store.AddList(&args, actions), args
}

// notChanged returns the results after which nothing was changed.
func notChanged() []Result { return []Result{Refused, NotSent, NotApplied} }

// sameNameCondition selects the operations on targets of the same kind and name. LOWER is there for the index.
func sameNameCondition(args *store.Args, target Target) string {
	name := args.Add(target.Name)
	return `target_kind = ` + args.Add(target.Kind) +
		` AND LOWER(target_name) = LOWER(` + name + `) AND target_name = ` + name
}
