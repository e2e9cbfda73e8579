package session

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
)

// formTokenBytes is the length of a form token: 256 bits.
const formTokenBytes = 32

// FormToken answers the form token of the request's session, "" when there is none. A form that is sent must bring it
// back, which a page of another site cannot make a browser do.
//
// It looks different at every call: a random pad, then the token under that pad. What is the same on each page could
// be guessed from the length of the page compressed.
func (s *Store) FormToken(r *http.Request) string {
	session, err := s.Get(r, s.cookie)
	if err != nil || session.ID == "" {
		return ""
	}
	masked := append(random(formTokenBytes), textIn(session.Values, formTokenKey)...)
	subtle.XORBytes(masked[formTokenBytes:], masked[formTokenBytes:], masked[:formTokenBytes])
	return base64.RawURLEncoding.EncodeToString(masked)
}

// CheckFormToken says whether a text is the form token of the request's session, in a time that does not tell how much
// of it is right. It is true for any text when the request has no session, since there is nothing to act with then.
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
