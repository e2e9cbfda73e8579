package session

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Flash is a message that the next page shows once.
type Flash struct {
	Tone     string `json:"tone"` // "done", "info", "warning" or "danger"
	Text     string `json:"text"`
	LinkText string `json:"link_text,omitempty"`
	LinkHref string `json:"link_href,omitempty"` // a path of the console
	// DirectRoles and ReadAt are the result of reading back a change, for the page of the changed principal. ReadAt is
	// zero when nothing was read.
	DirectRoles string    `json:"held,omitempty"`
	ReadAt      time.Time `json:"read_at,omitzero"`
}

// SetFlash stores a message for the next page, in place of one that was not shown yet. It writes nothing else of the
// session, and does nothing without a session.
func (s *Store) SetFlash(r *http.Request, f Flash) error {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encoding a flash message: %w", err)
	}
	hash := hashOf(session.ID)
	encrypted, err := s.encrypt(hash, flashColumn, text)
	if err != nil {
		return err
	}
	n, err := s.write(r.Context(), `UPDATE sessions SET flash = $1 WHERE hash = $2`, encrypted, hash)
	if n > 0 {
		session.Values[flashKey{}] = encrypted
	}
	return err
}

// TakeFlash returns the stored message and deletes it. It returns nil when there is none, and when a concurrent
// request has taken it.
func (s *Store) TakeFlash(r *http.Request) (*Flash, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return nil, err
	}
	encrypted, ok := session.Values[flashKey{}].([]byte)
	if !ok {
		return nil, nil
	}
	delete(session.Values, flashKey{})
	hash := hashOf(session.ID)
	// Two encrypted texts are never equal, so the condition on flash lets exactly one request take the message.
	n, err := s.write(
		r.Context(),
		`UPDATE sessions SET flash = $1 WHERE hash = $2 AND flash = $3`,
		[]byte{},
		hash,
		encrypted,
	)
	if err != nil || n == 0 {
		return nil, err
	}
	var (
		text []byte
		f    Flash
	)
	if !s.decrypt(hash, flashColumn, encrypted, &text) || json.Unmarshal(text, &f) != nil {
		return nil, nil // encrypted with a key that was removed
	}
	return &f, nil
}
