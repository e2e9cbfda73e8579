package session

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Flash is a message for the next page that is drawn.
type Flash struct {
	Tone     string `json:"tone"` // as the pages know it: "done", "info", "warning", "danger"
	Text     string `json:"text"`
	LinkText string `json:"link_text,omitempty"`
	LinkHref string `json:"link_href,omitempty"` // a path of the console
	// What a reading showed after the act, for the page of what was changed, and when; the zero time is no reading.
	DirectRoles string    `json:"held,omitempty"`
	ReadAt      time.Time `json:"read_at,omitzero"`
}

// SetFlash leaves a message for the next page, in place of one that nobody has seen yet. Without a session there is
// nobody to leave it for, and nothing happens. Nothing else of the session is written.
func (s *Store) SetFlash(r *http.Request, f Flash) error {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", err)
	}
	hash := hashOf(session.ID)
	sealed, err := s.seal(hash, flashColumn, text)
	if err != nil {
		return err
	}
	n, err := s.write(r.Context(), `UPDATE sessions SET flash = $1 WHERE hash = $2`, sealed, hash)
	if n > 0 {
		session.Values[flashKey{}] = sealed
	}
	return err
}

// TakeFlash answers the message that was left for this page, and forgets it; nil when there is none, and when
// another tab was quicker: it is shown once.
func (s *Store) TakeFlash(r *http.Request) (*Flash, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return nil, err
	}
	sealed, ok := session.Values[flashKey{}].([]byte)
	if !ok {
		return nil, nil
	}
	delete(session.Values, flashKey{})
	hash := hashOf(session.ID)
	// No two sealed texts are alike, so that who finds the very one that was read is the one who takes it.
	n, err := s.write(r.Context(), `UPDATE sessions SET flash = $1 WHERE hash = $2 AND flash = $3`, []byte{}, hash, sealed)
	if err != nil || n == 0 {
		return nil, err
	}
	var (
		text []byte
		f    Flash
	)
	if !s.open(hash, flashColumn, sealed, &text) || json.Unmarshal(text, &f) != nil {
		return nil, nil // sealed with a key that is gone
	}
	return &f, nil
}
