package audit

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/access"
)

// targetPart is the part that a principal has in an operation.
type targetPart string

const (
	partTarget   targetPart = "target"
	partFormer   targetPart = "former"
	partAffected targetPart = "affected"
)

// targetRow is a row of operation_targets without the operation.
type targetRow struct {
	part targetPart
	ref  access.Ref
}

// targetRows returns the rows of a target and its former id. An id that is not known yet has no row.
func targetRows(t Target) []targetRow {
	var rows []targetRow
	if t.ID != "" {
		rows = append(rows, targetRow{partTarget, t.Ref})
	}
	if t.FormerID != "" {
		rows = append(rows, targetRow{partFormer, access.Ref{Kind: t.Kind, ID: t.FormerID}})
	}
	return rows
}

// insertTargets makes an operation findable by its target and by the affected principals.
func insertTargets(ctx context.Context, tx *sql.Tx, op Operation, affected []access.Ref) error {
	rows := targetRows(op.Target)
	for _, ref := range affected {
		rows = append(rows, targetRow{partAffected, ref})
	}
	for _, row := range rows {
		if _, err := tx.ExecContext(
			ctx,
			`INSERT INTO operation_targets (operation_id, part, kind, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			op.ID,
			row.part,
			row.ref.Kind,
			row.ref.ID,
		); err != nil {
			return fmt.Errorf("writing the targets: %w", err)
		}
	}
	return nil
}

// replaceTargets writes the target that an operation has now. The affected principals stay.
func replaceTargets(ctx context.Context, tx *sql.Tx, op Operation) error {
	if _, err := tx.ExecContext(
		ctx,
		`DELETE FROM operation_targets WHERE operation_id = $1 AND part <> $2`,
		op.ID,
		partAffected,
	); err != nil {
		return fmt.Errorf("replacing the targets: %w", err)
	}
	return insertTargets(ctx, tx, op, nil)
}

// insertRoles writes the roles that an operation intends to change. The vendor may list a role twice; it gets one
// row.
func insertRoles(ctx context.Context, tx *sql.Tx, op Operation) error {
	for _, role := range op.Roles {
		if _, err := tx.ExecContext(
			ctx,
			`INSERT INTO operation_roles (operation_id, role_id, effect, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			op.ID,
			role.ID,
			role.Effect,
			role.Name,
		); err != nil {
			return fmt.Errorf("writing the roles: %w", err)
		}
	}
	return nil
}
