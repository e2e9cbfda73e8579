package bulk

import (
	"context"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
)

// Operators returns what is known of the operators of bulk changes now, from their sessions and from the provider. Any
// replica can ask: the sessions are in the database.
type Operators interface {
	// Current returns the operator with an id, "issuer|subject", with groups as new as the sign-in method can provide;
	// GroupsAt is their time. found is false when the operator has no session. When the provider refuses to renew the
	// sign-in, the audit log has an event of it before Current returns.
	Current(ctx context.Context, id string) (o operator.Operator, found bool, err error)
	// HasSession reports whether there is a session with a hash.
	HasSession(ctx context.Context, hash string) (bool, error)
}

// maxUnconfirmed is how long a bulk change continues after the start, or after the provider has confirmed the groups of
// its operator, when the groups cannot be requested again.
const maxUnconfirmed = time.Hour

// requireSession returns a *policy.StaleSignIn when the session that starts a bulk change was ended meanwhile. It sets
// the event after which ended sessions stop the bulk change. The event is read first: a session that is ended after it
// was checked here has a later event.
func (s *Service) requireSession(ctx context.Context, c *storedChange) (err error) {
	if c.EndsAfter, err = s.AuditLog.NewestSeq(ctx); err != nil {
		return err
	}
	found, err := s.Operators.HasSession(ctx, c.SessionID)
	if err != nil {
		return fmt.Errorf("reading the session that starts a bulk change: %w", err)
	}
	if !found {
		return &policy.StaleSignIn{Reauthenticate: true}
	}
	return nil
}

// operatorCheck decides before each item whether a bulk change may continue for its operator.
type operatorCheck struct {
	readUntil int64     // ended sessions up to this event have been read
	groupsAt  time.Time // of the newest groups of the provider that were accepted
	// confirmedAt is when the provider or the start confirmed the groups, as a time of this process: while it works, a
	// clock that is set back makes no groups newer.
	confirmedAt time.Time
}

func newOperatorCheck(c storedChange, now time.Time) *operatorCheck {
	check := &operatorCheck{readUntil: c.EndsAfter}
	check.confirm(c.StartedAt, now)
	return check
}

// confirm accepts groups that were confirmed at a time of the clock. now is the time of the clock.
func (c *operatorCheck) confirm(at, now time.Time) {
	c.groupsAt, c.confirmedAt = at, time.Now().Add(-max(now.Sub(at), 0))
}

// stopUnlessAllowed stops a bulk change that must not continue for its operator: a session was ended, the provider
// refused to renew the sign-in, the operator lost a permission, or the groups were not confirmed for an hour. Otherwise
// it sets the operator's present groups. It returns errors of the database.
func (s *Service) stopUnlessAllowed(ctx context.Context, c *storedChange, check *operatorCheck) error {
	reason, err := s.operatorStopReason(ctx, c, check)
	if err != nil || reason == "" {
		return err
	}
	left, err := storedItems(ctx, s.DB.SQL(), `bulk_id = $1 AND state IN ('waiting', 'busy') ORDER BY n LIMIT 1`, c.ID)
	if err != nil || len(left) == 0 {
		return err // it is done
	}
	s.Logger.Info("bulk change stopped because of its operator", "bulk_id", c.ID, "reason", reason)
	return s.abandon(ctx, *c, reason+" "+retryAdvice)
}

// retryAdvice is the sentence after the reason.
const retryAdvice = "Retry drafts the remaining items again."

// operatorStopReason returns a sentence, or "" when the bulk change may continue.
func (s *Service) operatorStopReason(ctx context.Context, c *storedChange, check *operatorCheck) (string, error) {
	name := c.Operator.Display()
	current, found, err := s.Operators.Current(ctx, c.Operator.ID())
	if err != nil {
		return "", fmt.Errorf("reading the operator of bulk change %s: %w", c.ID, err)
	}
	if found && current.ID() == c.Operator.ID() && current.Method == c.Operator.Method {
		now, known := s.Now(), check.groupsAt
		isNewer := current.GroupsAt.After(known) || known.After(now) && !current.GroupsAt.Equal(known)
		if current.Method == operator.OIDC && isNewer && !current.GroupsAt.After(now) {
			check.confirm(current.GroupsAt, now)
		}
		// The times stay those of the start, for which the items count as decided.
		current.GroupsAt, current.ProvenAt = c.Operator.GroupsAt, c.Operator.ProvenAt
		c.Operator = current
	}
	// Read after the provider was asked, which may have refused.
	ends, newest, err := s.AuditLog.SessionEnds(ctx, c.Operator.ID(), check.readUntil)
	if err != nil {
		return "", err
	}
	check.readUntil = newest
	for _, end := range ends {
		if reason := sessionEndReason(*c, end); reason != "" {
			return reason, nil
		}
	}
	if s.require(c.Operator, c.Change) != nil {
		return name + " no longer has the permission for this bulk change.", nil
	}
	if time.Since(check.confirmedAt) >= maxUnconfirmed {
		return "The groups of " + name + " could not be checked again for an hour.", nil
	}
	return "", nil
}

// sessionEndReason returns why an event stops a bulk change, "" when it does not. Any session that an admin ended does:
// the admin may not know which one started the bulk change. Of the operator's own, only the one that started it does,
// when it was ended from another session: that may be a lost device.
func sessionEndReason(c storedChange, end audit.SessionEnd) string {
	name := c.Operator.Display()
	switch {
	case end.Kind == audit.RenewalRefusedEvent:
		return "Your company's sign-in refused to renew the sign-in of " + name + "."
	case end.By.ID() != c.Operator.ID():
		return end.By.Display() + " ended the sessions of " + name + "."
	case end.Session == c.SessionID, end.Session == "" && end.By.SessionID != c.SessionID:
		return name + " ended the session that started this, from another session."
	default:
		return ""
	}
}
