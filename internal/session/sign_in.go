package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/store"
)

// Operator returns the operator of the request's session, the zero Operator without a session. It returns an error
// only when the database cannot be read.
func (s *Store) Operator(r *http.Request) (operator.Operator, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return operator.Operator{}, err
	}
	return operatorOf(session), nil
}

// Hash returns the hash of the request's session as the table and the audit log have it, "" without a session.
func (s *Store) Hash(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return ""
	}
	return hashOf(session.ID)
}

// SignIn creates a session for an operator and deletes the session that the request came with. The id is always new,
// so an id that was planted in the browser before is useless (session fixation). An operator who signs in again keeps
// the form token, so that open forms in other tabs can be submitted.
func (s *Store) SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p Tokens) error {
	if !o.Authenticated() {
		return errors.New("an operator without an issuer and a subject cannot sign in")
	}
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return err
	}
	values, id := session.Values, previousID(r, session)
	if session.ID == "" && id != "" {
		// The browser's session may have expired. Its form token stays valid for the same operator.
		found, err := s.read(r.Context(), hashOf(id))
		if err != nil && !isNoRow(err) {
			return err
		}
		values = found.values
	}
	token, kept := textIn(values, formTokenKey), s.takeFormTokenCookie(w, r, o.ID())
	if operatorIn(values).ID() != o.ID() {
		token = kept
	}
	if token == "" {
		token = string(random(formTokenBytes))
	}
	fresh := map[any]any{
		formTokenKey: token,
		addressKey:   bounded(s.address(r), addressBytes),
		browserKey:   bounded(r.UserAgent(), browserBytes),
	}
	if err := setOperator(fresh, o, p); err != nil {
		return err
	}
	if err := s.create(r.Context(), session, id, fresh); err != nil {
		return err
	}
	setCookie(w, session)
	return nil
}

// SignOut deletes the request's session and its cookie. It sets the form-token cookie.
func (s *Store) SignOut(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return err
	}
	formToken := s.formTokenCookie(session)
	session.Options.MaxAge = -1
	if err := s.Save(r, w, session); err != nil {
		return err
	}
	if formToken != nil {
		http.SetCookie(w, formToken)
	}
	return nil
}

// ReadinessChecks returns the condition under which operators stay signed in.
func (s *Store) ReadinessChecks() []store.ReadinessCheck {
	return []store.ReadinessCheck{{Name: "sessions", Run: s.checkReadable}}
}

func (s *Store) checkReadable(ctx context.Context) error {
	var count int
	if err := s.db.SQL().QueryRowContext(
		ctx,
		`SELECT COUNT(*) FROM (SELECT 1 FROM sessions LIMIT 1) AS first`,
	).Scan(&count); err != nil {
		return fmt.Errorf("reading sessions: %w", err)
	}
	return nil
}
