package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// Operator answers who signed in with the request's session; the zero Operator when nobody did.
// It fails only when the database cannot be read.
func (s *Store) Operator(r *http.Request) (operator.Operator, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return operator.Operator{}, err
	}
	return operatorOf(session), nil
}

// Hash answers the hash by which the request's session is known in the table and in the record, "" when there is
// none. The session's id cannot be found from it.
func (s *Store) Hash(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return ""
	}
	return hashOf(session.ID)
}

// SignIn begins a session for an operator. It always has a new id, and a session that the request came with is
// over: an id that somebody planted in the browser before is worth nothing. A person who signs in again keeps their
// form token, so that forms in other tabs stay good.
func (s *Store) SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p Tokens) error {
	if !o.Authenticated() {
		return errors.New("nobody can be signed in without an issuer and a subject")
	}
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return err
	}
	values, id := session.Values, previousID(r, session)
	if session.ID == "" && id != "" {
		// What the browser has may be over: its token is still good for the same person.
		found, err := s.read(r.Context(), id)
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

// Renew writes what an issuer now says of the person whose session it is, and what proves it. A session that was
// ended meanwhile stays ended, and one whose groups were told later keeps them: Operator says after it what holds.
// It fails when the session is another person's, since only SignIn may change whose a session is.
func (s *Store) Renew(w http.ResponseWriter, r *http.Request, o operator.Operator, p Tokens) error {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return err
	}
	if operatorOf(session).ID() != o.ID() {
		return errors.New("a session cannot be renewed for another person")
	}
	if err := setOperator(session.Values, o, p); err != nil {
		return err
	}
	return s.Save(r, w, session)
}

// SignOut ends the request's session, on the server as well as in the browser. What it leaves is the form token, for
// the same person in the same browser.
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

// Ready says whether sessions can be read.
func (s *Store) Ready(ctx context.Context) error {
	var count int
	if err := s.db.SQL().QueryRowContext(
		ctx,
		`SELECT COUNT(*) FROM (SELECT 1 FROM sessions LIMIT 1) AS first`,
	).Scan(&count); err != nil {
		return fmt.Errorf("reading sessions: %w", err)
	}
	return nil
}
