package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// These methods use a session without a request of its browser: the provider is asked again by any replica, also for a
// bulk change of an operator that has closed the browser.

// Load returns the operator and the tokens of the valid session with a hash, the zero Operator when there is none. It
// returns an error only when the database cannot be read.
func (s *Store) Load(ctx context.Context, hash string) (operator.Operator, Tokens, error) {
	found, err := s.readValid(ctx, hash)
	if isNoRow(err) {
		return operator.Operator{}, Tokens{}, nil
	}
	if err != nil {
		return operator.Operator{}, Tokens{}, err
	}
	return operatorIn(found.values), tokensIn(found.values), nil
}

// HasSession reports whether there is a valid session with a hash.
func (s *Store) HasSession(ctx context.Context, hash string) (bool, error) {
	o, _, err := s.Load(ctx, hash)
	return o.Authenticated(), err
}

// Newest returns the valid session of the operator with the id subject with the newest groups. The hash is empty when
// there is none.
func (s *Store) Newest(ctx context.Context, subject string) (hash string, o operator.Operator, err error) {
	all, err := s.Sessions(ctx, subject)
	if err != nil {
		return "", operator.Operator{}, err
	}
	for _, one := range all {
		if one.Operator.Method != "" && (hash == "" || one.Operator.GroupsAt.After(o.GroupsAt)) {
			hash, o = one.Hash, one.Operator
		}
	}
	return hash, o, nil
}

// Current returns the operator with the id subject as its sessions have it. found is false without a valid session.
func (s *Store) Current(ctx context.Context, subject string) (o operator.Operator, found bool, err error) {
	hash, o, err := s.Newest(ctx, subject)
	return o, hash != "", err
}

// Renew stores the operator's current data and tokens from the issuer in the session with a hash. A session that was
// ended in the meantime stays ended, and newer groups are kept; Load returns the result. Renew returns an error when
// the session belongs to another operator, because only SignIn may change that.
func (s *Store) Renew(ctx context.Context, hash string, o operator.Operator, p Tokens) error {
	found, err := s.read(ctx, hash)
	if isNoRow(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if operatorIn(found.values).ID() != o.ID() {
		return errors.New("a session cannot be renewed for another operator")
	}
	if err := setOperator(found.values, o, p); err != nil {
		return err
	}
	return s.update(ctx, hash, found.values)
}

// EndRefused ends the session with a hash because the provider refused to renew the sign-in of the operator, and
// records that, see Options.RecordRefusal.
func (s *Store) EndRefused(ctx context.Context, hash string, o operator.Operator) error {
	var record Record
	if s.recordRefusal != nil {
		record = s.recordRefusal(o, hash)
	}
	if _, err := s.end(ctx, record, `hash = $1`, hash); err != nil {
		return fmt.Errorf("ending a session that cannot be renewed: %w", err)
	}
	return nil
}
