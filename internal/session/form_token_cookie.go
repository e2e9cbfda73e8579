package session

import (
	"net/http"
	"strings"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// The form-token cookie keeps the form token of a session after signing out, encrypted together with the operator's
// id. It lets the same operator submit an open form after signing in again. It grants no access.

// formTokenCookieName returns the name of the form-token cookie.
func (s *Store) formTokenCookieName() string { return s.cookie + "_form" }

// formTokenCookie returns the cookie for a session that is about to end. It returns nil without an operator, and when
// encryption fails: open forms in other tabs cannot be submitted then.
func (s *Store) formTokenCookie(session *sessions.Session) *http.Cookie {
	o, token := operatorOf(session), textIn(session.Values, formTokenKey)
	if !o.Authenticated() || token == "" {
		return nil
	}
	encrypted, err := securecookie.EncodeMulti(s.formTokenCookieName(), token+o.ID(), s.codecs...)
	if err != nil || len(encrypted) > maxFormTokenCookieBytes {
		return nil
	}
	options := s.options
	return sessions.NewCookie(s.formTokenCookieName(), encrypted, &options)
}

// maxFormTokenCookieBytes is the longest cookie value: browsers accept 4096 bytes with the name and the attributes.
const maxFormTokenCookieBytes = 3800

// takeFormTokenCookie returns the form token of the operator from the form-token cookie, "" when there is none. It
// deletes the cookie, also one of another operator.
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
