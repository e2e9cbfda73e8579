package audit

import (
	"context"
	"fmt"
)

// ResetDrift deletes the expected states of all accounts, so that the next listing becomes the expected one. It returns
// how many there were. Decisions stay.
func (r *Log) ResetDrift(ctx context.Context, command string) (states int, err error) {
	err = r.Write(ctx, func(tx *Tx) error {
		subjects := map[driftKey]bool{}
		keys, err := driftKeys(ctx, tx)
		if err != nil {
			return err
		}
		sealed, err := sealedDriftStates(ctx, tx)
		if err != nil {
			return err
		}
		for _, key := range keys {
			subjects[key] = true
		}
		for key, e := range sealed {
			subjects[key] = subjects[key] || e.Content != ""
		}
		for _, table := range []string{"drift_checks", "drift_expected", "drift_findings"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
				return fmt.Errorf("deleting the expected state: %w", err)
			}
		}
		states = 0
		for key, begun := range subjects {
			if !begun {
				continue
			}
			states++
			n := DriftChanged{Account: key.account, Kind: key.kind, By: command}
			if _, err := tx.Add(ctx, DriftSubject(key.account, key.kind), n, r.options.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return states, err
}
