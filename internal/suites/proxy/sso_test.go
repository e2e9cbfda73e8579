package proxy

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// ssoCookie is the cookie of the sign-in servers; its value is the user.
const ssoCookie = "sso"

// users are the users of the sign-in servers: name, e-mail address and groups. ghost has a session without a user.
var users = map[string]struct{ name, email, groups string }{
	"anna":  {"Anna", "anna@example.com", "ops,night shift"},
	"bert":  {},
	"carl":  {},
	"ghost": {},
}

// startSSO starts a stand-in for oauth2-proxy with --set-xauthrequest: it tells the proxy whether a request has a
// session, and of which user.
func startSSO(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	check := func(w http.ResponseWriter, r *http.Request) {
		user, signedIn := userOf(r)
		if !signedIn {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		addUser(w, user, "X-Auth-Request-User", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Email",
			"X-Auth-Request-Groups")
		w.WriteHeader(http.StatusAccepted)
	}
	mux.HandleFunc("/check", check)
	mux.HandleFunc("/oauth2/auth", check)
	mux.HandleFunc("/oauth2/sign_in", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://id.example.com/authorize", http.StatusFound)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// startAuthelia starts a stand-in for Authelia. The host of the console requires two factors, all other hosts one. carl
// has signed in with one.
func startAuthelia(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	check := func(host func(*http.Request) string, refusal int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			user, signedIn := userOf(r)
			if !signedIn || user == "carl" && host(r) == consoleHost {
				w.Header().Set("Location", "https://auth.example.com/")
				w.WriteHeader(refusal)
				return
			}
			addUser(w, user, "Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups")
		}
	}
	mux.HandleFunc("/api/authz/auth-request", check(func(r *http.Request) string {
		address, err := url.Parse(r.Header.Get("X-Original-URL"))
		if err != nil {
			return ""
		}
		return address.Hostname()
	}, http.StatusUnauthorized))
	mux.HandleFunc("/api/authz/forward-auth", check(func(r *http.Request) string {
		return r.Header.Get("X-Forwarded-Host")
	}, http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// userOf returns the user in the cookie.
func userOf(r *http.Request) (user string, signedIn bool) {
	cookie, err := r.Cookie(ssoCookie)
	if err != nil {
		return "", false
	}
	_, known := users[cookie.Value]
	return cookie.Value, known
}

// addUser adds the headers that the sign-in server has for a user, in the order user, name, e-mail address, groups. It
// omits a header without a value, as the real servers do.
func addUser(w http.ResponseWriter, user string, headers ...string) {
	facts := users[user]
	values := []string{user, facts.name, facts.email, facts.groups}
	if user == "ghost" {
		values = make([]string, 4)
	}
	for i, name := range headers {
		if values[i] != "" {
			w.Header().Set(name, strings.TrimSpace(values[i]))
		}
	}
}
