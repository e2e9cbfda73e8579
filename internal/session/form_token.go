package session

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
)

// formTokenBytes is the length of a form token: 256 bits.
const formTokenBytes = 32

// FormToken returns the form token (CSRF token) of the request's session, "" without a session.
//
// The text differs on every call: a random pad, then the token XORed with the pad. A constant text could be guessed
// from the length of compressed pages (BREACH).
func (s *Store) FormToken(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return ""
	}
	masked := append(random(formTokenBytes), textIn(session.Values, formTokenKey)...)
	subtle.XORBytes(masked[formTokenBytes:], masked[formTokenBytes:], masked[:formTokenBytes])
	return base64.RawURLEncoding.EncodeToString(masked)
}

// CheckFormToken reports, in constant time, whether a text is the form token of the request's session. Without a
// session it returns true for any text, because such a request has no rights to protect.
func (s *Store) CheckFormToken(r *http.Request, token string) bool {
	session, err := s.Get(r, s.cookie)
	if err != nil {
		return false
	}
	if session.ID == "" {
		return true
	}
	const length = 2 * formTokenBytes
	if len(token) != base64.RawURLEncoding.EncodedLen(length) {
		return false
	}
	masked, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(masked) != length {
		return false
	}
	plain := make([]byte, formTokenBytes)
	subtle.XORBytes(plain, masked[formTokenBytes:], masked[:formTokenBytes])
	return subtle.ConstantTimeCompare(plain, []byte(textIn(session.Values, formTokenKey))) == 1
}
