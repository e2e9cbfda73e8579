package session

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Tokens are the tokens of an OpenID Connect provider. They are stored encrypted in the session's row; other ways of
// signing in have the zero Tokens. They print as [tokens] in every format, in JSON and in logs.
type Tokens struct {
	IDToken, AccessToken, RefreshToken string
	AccessExpires                      time.Time // zero when the provider does not say
}

// plainTokens is Tokens without the methods that hide the content.
type plainTokens Tokens

// hidden is the text that Tokens print as.
const hidden = "[tokens]"

// Format implements fmt.Formatter and never shows the tokens, whatever the verb.
func (Tokens) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, hidden) }

// MarshalText implements encoding.TextMarshaler, which JSON and slog use too, and never shows the tokens.
func (Tokens) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Tokens returns the tokens of the request's session, the zero Tokens when there are none. It returns an error only
// when the database cannot be read.
func (s *Store) Tokens(r *http.Request) (Tokens, error) {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return Tokens{}, err
	}
	return tokensIn(session.Values), nil
}

// tokensIn returns the tokens in a session's values, the zero Tokens for none.
func tokensIn(values map[any]any) Tokens {
	var p plainTokens
	if json.Unmarshal([]byte(textIn(values, tokensKey)), &p) != nil {
		return Tokens{}
	}
	return Tokens(p)
}
