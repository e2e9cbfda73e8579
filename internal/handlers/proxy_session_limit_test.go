package handlers

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// cookielessClient is a browser without cookies: behind a proxy each of its requests begins a session.
type cookielessClient struct {
	*fakeSessions
	sessionsStarted int
}

func (f *cookielessClient) Hash(*http.Request) string { return strconv.Itoa(f.sessionsStarted) }

func (f *cookielessClient) Identify(_ http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	f.sessionsStarted++
	return f.Operator(r)
}

// Pictures on a page of another site come without the cookie, but with an identity from the proxy. They must not fill
// the audit log with sign-ins.
func TestProxySessionsAreRateLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, behindProxy, func(o *Options) {
			f := &cookielessClient{fakeSessions: o.Sessions.(*fakeSessions)}
			o.Sessions, o.Identity = f, f
		})
		request := func(role string) func(int) (string, *http.Request) {
			return func(int) (string, *http.Request) { return role, httptest.NewRequest(http.MethodGet, "/", nil) }
		}
		allowed, last := s.sendUntilLimited(t, 1000, request("viewer"))
		if allowed != 60 || last.Code != http.StatusTooManyRequests {
			t.Fatalf("one person may begin %d sessions a minute", allowed)
		}
		signedIn := 0
		for _, n := range s.auditLog.notices {
			if _, is := n.(audit.SignedIn); is {
				signedIn++
			}
		}
		if signedIn != allowed || s.sessions.signOuts != 1 {
			t.Errorf("%d sign-ins are in the record, and %d sessions were ended again", signedIn, s.sessions.signOuts)
		}
		last.excludes(t, "Ms viewer")
		if allowed, _ := s.sendUntilLimited(t, 10, request("admin")); allowed != 10 {
			t.Error("one person's haste is another's wait")
		}
		time.Sleep(2 * rateLimitWindow)
		if allowed, _ := s.sendUntilLimited(t, 10, request("viewer")); allowed != 10 {
			t.Error("it does not end")
		}
	})
}
