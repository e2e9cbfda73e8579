package session

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/sessions"
)

// cookieFor returns the cookie's name and attributes for a console at a base URL.
//
// Browsers accept a __Host- cookie only over https and for the whole host. Under a path the host has other
// applications, which must not receive the cookie; __Secure- is the strongest prefix that allows a path. On plain
// http the cookie has a name without a prefix.
func cookieFor(base *url.URL, lifetime time.Duration) (string, sessions.Options) {
	path, secure := strings.TrimRight(base.EscapedPath(), "/"), base.Scheme == "https"
	// Every field is set: the library's defaults expose the cookie to scripts and other sites.
	options := sessions.Options{
		Path:     "/",
		MaxAge:   int(lifetime / time.Second),
		Secure:   secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // not Strict: the redirect from the provider must carry the cookie
	}
	if path != "" {
		options.Path = path
	}
	switch {
	case !secure:
		return "voxwarden", options
	case path != "":
		return "__Secure-voxwarden", options
	default:
		return "__Host-voxwarden", options
	}
}

// idFromCookie returns the session id of a request's cookie, "" when there is none or its length is wrong.
func idFromCookie(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil || len(cookie.Value) != base64.RawURLEncoding.EncodedLen(idBytes) {
		return ""
	}
	return cookie.Value
}

// previousID returns the id of the session's row, also when the session has expired.
func previousID(r *http.Request, session *sessions.Session) string {
	if session.ID != "" {
		return session.ID
	}
	return idFromCookie(r, session.Name())
}

// setCookie sets a session's cookie. It replaces one that this response has already set, because browsers differ in
// which of two they use.
func setCookie(w http.ResponseWriter, session *sessions.Session) {
	header := w.Header()
	header["Set-Cookie"] = slices.DeleteFunc(header["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, session.Name()+"=")
	})
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
}
