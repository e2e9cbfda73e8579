package drift

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/audit"
)

// ErrEnded is the answer for a finding that is not, or no longer, as somebody saw it.
var ErrEnded = errors.New("no such finding, or no longer")

// maxReasonLength is how long a reason may be, in characters.
const maxReasonLength = 1000

// ReasonProblem says what is wrong with the reason for accepting, "" when nothing is.
func ReasonProblem(reason string) string {
	switch {
	case strings.TrimSpace(reason) == "":
		return "Say why this may stay as it is."
	case utf8.RuneCountInString(reason) > maxReasonLength:
		return fmt.Sprintf("The reason is too long: at most %d characters are kept.", maxReasonLength)
	default:
		return ""
	}
}

// Accept makes what was found the expected state, and keeps who said so and why; the reason must be in order. It fails
// with ErrOver when the finding is not, or no longer, as this id says.
func (s *Service) Accept(
	ctx context.Context,
	account int64,
	id string,
	actor audit.Actor,
	reason string,
) (Finding, error) {
	if problem := ReasonProblem(reason); problem != "" {
		return Finding{}, errors.New("accepting needs a reason of a bearable length")
	}
	var f Finding
	err := s.DB.Write(ctx, func(tx *sql.Tx) (err error) {
		if f, err = readFinding(ctx, tx, account, id); err != nil {
			return err
		}
		// Whoever compares meanwhile does so anew.
		if _, err := tx.ExecContext(
			ctx,
			`UPDATE drift_checks SET version = version + 1 WHERE account = $1 AND kind = $2`,
			account,
			f.Kind,
		); err != nil {
			return fmt.Errorf("noting that what is expected changes: %w", err)
		}
		if err := applyFinding(ctx, tx, f); err != nil {
			return err
		}
		return endFinding(
			ctx,
			tx,
			f,
			Decision{Outcome: Accepted, Actor: actor, Reason: strings.TrimSpace(reason), At: s.Now().UTC()},
		)
	})
	return f, err
}

// applyFinding writes what a finding says into what is expected.
func applyFinding(ctx context.Context, tx *sql.Tx, f Finding) error {
	switch f.Type {
	case Appeared:
		return putExpected(ctx, tx, f.Account, f.Kind, f.Target, f.principal)
	case Gone:
		return deleteExpected(ctx, tx, f.Account, f.Kind, f.Target)
	}
	var body string
	var h principal
	err := tx.QueryRowContext(
		ctx,
		`SELECT body FROM drift_expected WHERE account = $1 AND kind = $2 AND id = $3`,
		f.Account,
		f.Kind,
		f.Target,
	).
		Scan(&body)
	if err != nil {
		return fmt.Errorf("reading what is expected of %s %s: %w", f.Kind, f.Target, err)
	}
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		return fmt.Errorf("decoding what is expected of %s %s: %w", f.Kind, f.Target, err)
	}
	switch f.Type {
	case Granted:
		h.setRole(roleAssignment{ID: f.Role.ID, Name: f.Role.Name, Direct: true, ReportedDirect: f.AlsoInherited}, true)
	case Revoked:
		h.setRole(roleAssignment{ID: f.Role.ID, Name: f.Role.Name}, f.AlsoInherited)
	case Renamed:
		h.Name = f.NewValue
	case DescriptionChanged:
		h.Description = f.NewValue
	}
	return putExpected(ctx, tx, f.Account, f.Kind, f.Target, h)
}
