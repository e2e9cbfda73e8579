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

// keepsakeName is the keepsake's cookie, beside that of the session.
func (s *Store) keepsakeName() string { return s.cookie + "_form" }

// keepsake makes the cookie for a session that is about to end; nil when it is nobody's, or when it cannot be made:
// then a form in another tab is lost, and nothing else.
func (s *Store) keepsake(session *sessions.Session) *http.Cookie {
	o, token := operatorOf(session), textIn(session.Values, tokenKey)
	if !o.Authenticated() || token == "" {
		return nil
	}
	sealed, err := securecookie.EncodeMulti(s.keepsakeName(), token+o.ID(), s.codecs...)
	if err != nil || len(sealed) > keepsakeBytes {
		return nil
	}
	options := s.options
	return sessions.NewCookie(s.keepsakeName(), sealed, &options)
}

// keepsakeBytes is the longest value that browsers keep for sure, less the name and the attributes.
const keepsakeBytes = 3800

// takeKeepsake answers the form token that a person left in this browser, "" when there is none of theirs. Whoever
// signs in, it is gone afterwards.
func (s *Store) takeKeepsake(w http.ResponseWriter, r *http.Request, person string) string {
	cookie, err := r.Cookie(s.keepsakeName())
	if err != nil {
		return ""
	}
	gone := s.options
	gone.MaxAge = -1
	http.SetCookie(w, sessions.NewCookie(s.keepsakeName(), "", &gone))
	var text string
	if securecookie.DecodeMulti(s.keepsakeName(), cookie.Value, &text, s.codecs...) != nil || len(text) <= tokenBytes {
		return ""
	}
	token, whose := text[:tokenBytes], text[tokenBytes:]
	if whose != person {
		return ""
	}
	return strings.Clone(token)
}
