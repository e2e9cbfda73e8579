package session

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Tokens is what a provider gave at sign-in, for asking it again later. It is kept sealed in the session's row, and
// is the zero Proof for ways of signing in that have no tokens. It prints as [proof] in every format, in JSON and
// in logs.
type Tokens struct {
	IDToken, AccessToken, RefreshToken string
	AccessExpires                      time.Time // zero when the provider does not say
}

// plainTokens is a Proof as it is sealed: without the methods that hide it.
type plainTokens Tokens

// hidden is what every proof prints as.
const hidden = "[proof]"

// Format implements fmt.Formatter and never shows the tokens, whatever the verb.
func (Tokens) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, hidden) }

// MarshalText implements encoding.TextMarshaler, which JSON and slog use too, and never shows the tokens.
func (Tokens) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Tokens answers what proved the operator of the request's session; the zero Proof when there is none.
// It fails only when the database cannot be read.
func (s *Store) Tokens(r *http.Request) (Tokens, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return Tokens{}, err
	}
	var p plainTokens
	if json.Unmarshal([]byte(textIn(session.Values, tokensKey)), &p) != nil {
		return Tokens{}, nil
	}
	return Tokens(p), nil
}
