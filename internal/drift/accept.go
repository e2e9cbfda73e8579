package drift

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
)

// ErrEnded is the error for a finding that does not exist, or not any more as its id describes it.
var ErrEnded = errors.New("no such finding")

// Accept makes a finding the expected state and stores the operator and the reason. It returns *operations.Invalid
// (field "reason") or, when the finding does not exist as its id describes it, ErrEnded.
func (s *Service) Accept(
	ctx context.Context,
	account int64,
	id string,
	actor audit.Actor,
	reason string,
) (Finding, error) {
	if problem := operations.ReasonProblem(reason, true); problem != "" {
		return Finding{}, &operations.Invalid{Fields: map[string]string{"reason": problem}}
	}
	var f Finding
	err := s.DB.Write(ctx, func(tx *sql.Tx) (err error) {
		if f, err = readFinding(ctx, tx, account, id); err != nil {
			return err
		}
		// A comparison in progress is repeated.
		if _, err := tx.ExecContext(
			ctx,
			`UPDATE drift_checks SET version = version + 1 WHERE account = $1 AND kind = $2`,
			account,
			f.Target.Kind,
		); err != nil {
			return fmt.Errorf("updating the version of the expected state: %w", err)
		}
		if err := applyFinding(ctx, tx, f); err != nil {
			return err
		}
		d := Decision{Finding: f, Outcome: Accepted, Actor: actor, Reason: strings.TrimSpace(reason), At: s.Now().UTC()}
		return endFinding(ctx, tx, d)
	})
	return f, err
}

// applyFinding changes the expected state to what the finding describes.
func applyFinding(ctx context.Context, tx *sql.Tx, f Finding) error {
	switch f.Type {
	case Appeared:
		return putExpected(ctx, tx, f.Account, f.principal)
	case Gone:
		return deleteExpected(ctx, tx, f.Account, f.Target)
	}
	var body string
	err := tx.QueryRowContext(
		ctx,
		`SELECT body FROM drift_expected WHERE account = $1 AND kind = $2 AND id = $3`,
		f.Account,
		f.Target.Kind,
		f.Target.ID,
	).Scan(&body)
	if err != nil {
		return fmt.Errorf("reading the expected state of %s %s: %w", f.Target.Kind, f.Target.ID, err)
	}
	p := principal{Ref: f.Target}
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return fmt.Errorf("decoding the expected state of %s %s: %w", f.Target.Kind, f.Target.ID, err)
	}
	switch f.Type {
	case Granted:
		p.setRole(roleAssignment{ID: f.Role.ID, Name: f.Role.Name, Direct: true, ReportedDirect: f.AlsoInherited}, true)
	case Revoked:
		p.setRole(roleAssignment{ID: f.Role.ID, Name: f.Role.Name}, f.AlsoInherited)
	case Renamed:
		p.Name = f.NewValue
	case DescriptionChanged:
		p.Description = f.NewValue
	}
	return putExpected(ctx, tx, f.Account, p)
}
