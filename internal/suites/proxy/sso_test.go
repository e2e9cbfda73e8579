package proxy

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// ssoCookie is the cookie of the sign-in server; its value is the user.
const ssoCookie = "sso"

// startSSO starts a sign-in server like oauth2-proxy with --set-xauthrequest: it tells nginx whether a request has a
// session, and of which user.
func startSSO(t *testing.T) *httptest.Server {
	t.Helper()
	users := map[string]http.Header{
		"anna": {
			"X-Auth-Request-User":   {"anna"},
			"X-Auth-Request-Email":  {"anna@example.com"},
			"X-Auth-Request-Groups": {"ops,night shift"},
		},
		"bert":  {"X-Auth-Request-User": {"bert"}},
		"ghost": {}, // has a session without a user
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(ssoCookie)
		if err != nil || users[cookie.Value] == nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for name, values := range users[cookie.Value] {
			w.Header()[name] = values
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	return server
}
