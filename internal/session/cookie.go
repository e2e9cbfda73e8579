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

// cookieFor answers the cookie's name and attributes for a console that browsers reach at base.
//
// Browsers accept a __Host- cookie only from the host itself, by https and for the whole site. Under a path the host
// has other tenants, whose requests the cookie must not go with; __Secure- is the most that a browser vouches for
// there. A console on plain http has a name of its own, so that its cookie is never taken for the others.
func cookieFor(base *url.URL, lifetime time.Duration) (string, sessions.Options) {
	path, secure := strings.TrimRight(base.EscapedPath(), "/"), base.Scheme == "https"
	// Every field is set here: the library's defaults leave the cookie open to scripts and other sites.
	options := sessions.Options{
		Path:     "/",
		MaxAge:   int(lifetime / time.Second),
		Secure:   secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // not Strict: the way back from a provider must bring it
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

// idFromCookie answers the id that a request came with, "" when it has none or one of a length that we never gave out.
func idFromCookie(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil || len(cookie.Value) != base64.RawURLEncoding.EncodedLen(idBytes) {
		return ""
	}
	return cookie.Value
}

// previousID answers the id of the row that a request's session has, or had until it was over.
func previousID(r *http.Request, session *sessions.Session) string {
	if session.ID != "" {
		return session.ID
	}
	return idFromCookie(r, session.Name())
}

// setCookie sets a session's cookie, in place of one that this answer set before: which of two counts is the
// browser's choice.
func setCookie(w http.ResponseWriter, session *sessions.Session) {
	header := w.Header()
	header["Set-Cookie"] = slices.DeleteFunc(header["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, session.Name()+"=")
	})
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
}
