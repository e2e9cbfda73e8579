package session

import (
	"net/http"
	"strings"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// A keepsake is the form token of a session that was signed out, sealed in a cookie together with whose it was. It
// opens nothing. The same person, signing in again in that browser, gets the token back, so that a form that was left
// open in another tab can still be sent.

// formTokenCookieName is the keepsake's cookie, beside that of the session.
func (s *Store) formTokenCookieName() string { return s.cookie + "_form" }

// formTokenCookie makes the cookie for a session that is about to end; nil when it is nobody's, or when it cannot be
// made: then a form in another tab is lost, and nothing else.
func (s *Store) formTokenCookie(session *sessions.Session) *http.Cookie {
	o, token := operatorOf(session), textIn(session.Values, formTokenKey)
	if !o.Authenticated() || token == "" {
		return nil
	}
	sealed, err := securecookie.EncodeMulti(s.formTokenCookieName(), token+o.ID(), s.codecs...)
	if err != nil || len(sealed) > maxFormTokenCookieBytes {
		return nil
	}
	options := s.options
	return sessions.NewCookie(s.formTokenCookieName(), sealed, &options)
}

// maxFormTokenCookieBytes is the longest value that browsers keep for sure, less the name and the attributes.
const maxFormTokenCookieBytes = 3800

// takeFormTokenCookie answers the form token that a person left in this browser, "" when there is none of theirs.
// Whoever signs in, it is gone afterwards.
func (s *Store) takeFormTokenCookie(w http.ResponseWriter, r *http.Request, operatorID string) string {
	cookie, err := r.Cookie(s.formTokenCookieName())
	if err != nil {
		return ""
	}
	options := s.options
	options.MaxAge = -1
	http.SetCookie(w, sessions.NewCookie(s.formTokenCookieName(), "", &options))
	var text string
	if securecookie.DecodeMulti(s.formTokenCookieName(), cookie.Value, &text, s.codecs...) != nil ||
		len(text) <= formTokenBytes {
		return ""
	}
	token, owner := text[:formTokenBytes], text[formTokenBytes:]
	if owner != operatorID {
		return ""
	}
	return strings.Clone(token)
}
