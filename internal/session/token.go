package session

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
)

// tokenBytes is the length of a form token: 256 bits.
const tokenBytes = 32

// Token answers the form token of the request's session, "" when there is none. A form that is sent must bring it
// back, which a page of another site cannot make a browser do.
//
// It looks different at every call: a random pad, then the token under that pad. What is the same on each page could
// be guessed from the length of the page compressed.
func (s *Store) Token(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return ""
	}
	masked := append(random(tokenBytes), textIn(session.Values, tokenKey)...)
	subtle.XORBytes(masked[tokenBytes:], masked[tokenBytes:], masked[:tokenBytes])
	return base64.RawURLEncoding.EncodeToString(masked)
}

// CheckToken says whether a text is the form token of the request's session, in a time that does not tell how much
// of it is right. It is true for any text when the request has no session, since there is nothing to act with then.
func (s *Store) CheckToken(r *http.Request, token string) bool {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return false
	}
	if session.ID == "" {
		return true
	}
	const length = 2 * tokenBytes
	if len(token) != base64.RawURLEncoding.EncodedLen(length) {
		return false
	}
	masked, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(masked) != length {
		return false
	}
	plain := make([]byte, tokenBytes)
	subtle.XORBytes(plain, masked[tokenBytes:], masked[:tokenBytes])
	return subtle.ConstantTimeCompare(plain, []byte(textIn(session.Values, tokenKey))) == 1
}
