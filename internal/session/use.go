package session

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// The values of a session, by key. They are JSON texts.
const (
	operatorKey = "operator"
	flashKey    = "flash"
)

// Flash is a message for the next page that is drawn.
type Flash struct {
	Tone     string `json:"tone"` // as the pages know it: "done", "info", "warning", "danger"
	Text     string `json:"text"`
	LinkText string `json:"link_text,omitempty"`
	LinkHref string `json:"link_href,omitempty"` // a path of the console
	Proof    string `json:"proof,omitempty"`     // what a reading showed after the act, for the page of what was changed
}

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
// over: an id that somebody planted in the browser before is worth nothing.
func (s *Store) SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator) error {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return err
	}
	if err := s.remove(r.Context(), session); err != nil {
		return err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encoding an operator: %w", err)
	}
	session.Values[operatorKey] = string(text)
	return s.Save(r, w, session)
}

// SignOut ends the request's session, on the server as well as in the browser.
func (s *Store) SignOut(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return s.Save(r, w, session)
}

// SetFlash leaves a message for the next page. Without a session there is nobody to leave it for, and nothing happens.
func (s *Store) SetFlash(w http.ResponseWriter, r *http.Request, f Flash) error {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", err)
	}
	session.Values[flashKey] = string(text)
	return s.Save(r, w, session)
}

// TakeFlash answers the message that was left for this page, and forgets it; nil when there is none.
func (s *Store) TakeFlash(w http.ResponseWriter, r *http.Request) (*Flash, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return nil, err
	}
	text, ok := session.Values[flashKey].(string)
	if !ok {
		return nil, nil
	}
	delete(session.Values, flashKey)
	var f Flash
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, fmt.Errorf("decoding a message: %w", err)
	}
	return &f, s.Save(r, w, session)
}

// Ready says whether sessions can be read.
func (s *Store) Ready(ctx context.Context) error {
	var count int
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM sessions LIMIT 1)`).Scan(&count); err != nil {
		return fmt.Errorf("reading sessions: %w", err)
	}
	return nil
}

// operatorOf answers a session's operator, the zero one when it has none.
func operatorOf(session *sessions.Session) operator.Operator {
	var o operator.Operator
	text, _ := session.Values[operatorKey].(string)
	if text == "" || json.Unmarshal([]byte(text), &o) != nil {
		return operator.Operator{}
	}
	return o
}

// subjectOf answers whose session it is, "" when nobody's.
func subjectOf(session *sessions.Session) string {
	if o := operatorOf(session); o.Known() {
		return o.ID()
	}
	return ""
}
