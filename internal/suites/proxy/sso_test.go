package proxy

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// ssoCookie is the cookie by which the sign-in server knows people.
const ssoCookie = "sso"

// startSSO starts a server like oauth2-proxy with --set-xauthrequest: it answers nginx's question whether somebody
// is signed in, and who.
func startSSO(t *testing.T) *httptest.Server {
	t.Helper()
	users := map[string]http.Header{
		"anna": {
			"X-Auth-Request-User":   {"anna"},
			"X-Auth-Request-Email":  {"anna@example.com"},
			"X-Auth-Request-Groups": {"ops,night shift"},
		},
		"bert": {"X-Auth-Request-User": {"bert"}},
		// The sign-in server knows a session, and not whose it is.
		"ghost": {},
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
