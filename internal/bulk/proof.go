package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
)

// mismatchReason is the stop reason of a bulk change with rows that do not agree with the audit log.
const mismatchReason = "Its rows in the database do not agree with the audit log, so the rest was not sent. Run " +
	"\"server audit verify\"."

// prove returns a bulk change after its rows were compared with their events. It returns ErrNotFound, or an
// *audit.Mismatch after reporting it: the console must not act on the rows.
func (s *Service) prove(ctx context.Context, id string) (proof *audit.BulkProof, c storedChange, err error) {
	err = s.AuditLog.Snapshot(ctx, func(tx *sql.Tx) error {
		if proof, err = s.AuditLog.ProveBulkChange(ctx, tx, id); err != nil {
			return err
		}
		c, err = readChange(ctx, tx, id)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return proof, c, s.reportMismatch(ctx, id, err)
}

// reportMismatch writes an event about an *audit.Mismatch and stops the bulk change. It returns err.
func (s *Service) reportMismatch(ctx context.Context, id string, err error) error {
	mismatch, isMismatch := errors.AsType[*audit.Mismatch](err)
	if !isMismatch {
		return err
	}
	s.Logger.Error("a bulk change does not agree with the audit log", "bulk_id", id, "problem", mismatch.Text)
	writeErr := s.AuditLog.Write(ctx, func(tx *audit.Tx) error {
		var account int64
		err := tx.QueryRowContext(ctx, `SELECT account FROM bulk_changes WHERE id = $1`, id).Scan(&account)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading a bulk change: %w", err)
		}
		n := audit.MismatchFound{Account: account, Fact: "bulk_change", ID: id, Text: mismatch.Text}
		if _, err := tx.Add(ctx, audit.BulkSubject(id), n, s.Now()); err != nil {
			return err
		}
		for _, state := range []State{Draft, Running} {
			stop := audit.BulkChanged{State: audit.BulkStopped, StopReason: config.AsCalled(mismatchReason)}
			if ended, err := s.setEndedTx(ctx, tx, id, state, stop); ended || err != nil {
				return err
			}
		}
		return nil
	})
	if writeErr == nil {
		s.forgetPasswords(id)
	}
	return errors.Join(err, writeErr)
}

// refreshProof compares an item with its events before it is tried again.
func (s *Service) refreshProof(ctx context.Context, item Item, proof *audit.BulkProof) error {
	return s.AuditLog.Snapshot(ctx, func(tx *sql.Tx) error { return proof.Refresh(ctx, tx, item.N) })
}

// checkBegan returns an *audit.Mismatch when the outcome of an item is that of an operation without an intent in the
// chain: a row of operations was written with the id of the item's operation. Then nothing was sent.
func (s *Service) checkBegan(ctx context.Context, item Item, o itemOutcome, proof *audit.BulkProof) error {
	if o.notStarted {
		return nil
	}
	began, err := proof.Began(ctx, item.OperationID)
	if err != nil || began {
		return err
	}
	mismatch := &audit.Mismatch{Text: fmt.Sprintf(
		"The operation of item %d of bulk change %s has no intent in the audit log.",
		item.N,
		item.BulkID,
	)}
	return errors.Join(mismatch, s.finishItem(ctx, item, itemOutcome{
		result:     audit.NotSent,
		notStarted: true,
		message:    "Not sent: the database has an operation with its id that is not in the audit log.",
	}, false))
}
