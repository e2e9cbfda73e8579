package session

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Proof is what a provider gave at sign-in, for asking it again later. It is kept sealed in the session's row, and
// is the zero Proof for ways of signing in that have no tokens. It prints as [proof] in every format, in JSON and
// in logs.
type Proof struct {
	IDToken, AccessToken, RefreshToken string
	AccessExpires                      time.Time // zero when the provider does not say
}

// plainProof is a Proof as it is sealed: without the methods that hide it.
type plainProof Proof

// hidden is what every proof prints as.
const hidden = "[proof]"

// Format implements fmt.Formatter and never shows the tokens, whatever the verb.
func (Proof) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, hidden) }

// MarshalText implements encoding.TextMarshaler, which JSON and slog use too, and never shows the tokens.
func (Proof) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Proof answers what proved the operator of the request's session; the zero Proof when there is none.
// It fails only when the database cannot be read.
func (s *Store) Proof(r *http.Request) (Proof, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return Proof{}, err
	}
	var p plainProof
	if json.Unmarshal([]byte(textIn(session.Values, proofKey)), &p) != nil {
		return Proof{}, nil
	}
	return Proof(p), nil
}
