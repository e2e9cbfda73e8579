package handlers

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/identity"
)

// notices returns the notices of a site without what varies.
func (s *site) notices() []audit.Notice {
	var list []audit.Notice
	for _, n := range s.auditLog.notices {
		switch n := n.(type) {
		case audit.SignedIn:
			n.RequestID = ""
			list = append(list, n)
		case audit.SignedOut:
			n.RequestID = ""
			list = append(list, n)
		case audit.SessionsEnded:
			n.RequestID = ""
			list = append(list, n)
		case audit.Denied:
			n.RequestID = ""
			list = append(list, n)
		case audit.Exported:
			n.RequestID = ""
			list = append(list, n)
		case audit.SignInRefused:
			n.RequestID = ""
			list = append(list, n)
		default:
			list = append(list, n)
		}
	}
	return list
}

func TestNoticesAreWritten(t *testing.T) {
	t.Parallel()
	actor := func(role string) audit.Actor {
		return audit.Actor{
			Issuer:      "demo",
			Subject:     role,
			Name:        "Ms " + role,
			Method:      "demo",
			SessionID:   "session-hash",
			Address:     "192.0.2.1",
			AddressFrom: audit.FromConnection,
		}
	}
	for name, tc := range map[string]struct {
		do   func(*site)
		want audit.Notice
	}{
		"denied": {
			func(s *site) { s.get("viewer", "/subusers/7/delete?q=secret") },
			audit.Denied{Actor: actor("viewer"), Permission: "subusers.delete", Route: "GET /subusers/7/delete"},
		},
		"export": {
			func(s *site) { s.get("admin", "/subusers.csv?q=anna&role=Owner") },
			audit.Exported{Actor: actor("admin"), Resource: "subusers", Rows: 2, Filter: "search: anna; role: Owner"},
		},
		"sign out": {func(s *site) { s.post("admin", "/sign-out", nil) }, audit.SignedOut{Actor: actor("admin")}},
		"ended": {
			func(s *site) { s.post("admin", "/me", url.Values{"session": {"h"}}) },
			audit.SessionsEnded{Actor: actor("admin"), SessionOwner: "demo|admin", Session: "h", Count: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tc.do(s)
			if diff := cmp.Diff([]audit.Notice{tc.want}, s.notices()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedAssertionWritesNotice(t *testing.T) {
	t.Parallel()
	s := newSite(
		t,
		behindProxy,
		func(o *Options) { o.Identity = fixedIdentity{err: &identity.Refused{Reason: "expired"}} },
	)
	s.get("", "/subusers")
	if diff := cmp.Diff([]audit.Notice{audit.SignInRefused{
		Address:     "192.0.2.1",
		AddressFrom: audit.FromConnection,
		Reason:      "expired",
	}}, s.notices()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSignInFailsWithoutNotice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.auditLog.err = errors.New("disk full")
	if a := s.post("", "/sign-in", url.Values{"role": {"admin"}}); a.Code != http.StatusServiceUnavailable ||
		s.sessions.signOuts != 1 {
		t.Errorf("status %d, %d sessions ended", a.Code, s.sessions.signOuts)
	}
	if a := s.get("viewer", "/subusers/7/delete"); a.Code != http.StatusForbidden {
		t.Errorf("a refusal that cannot be written down: status %d", a.Code)
	}
}

// What a request says about itself reaches the audit log and the server's log in printed characters only, and cut.
func TestLoggedRequestsArePrintable(t *testing.T) {
	t.Parallel()
	evil := "a\n\x1b[2J\u202eb\u009bc\u2028d" + strings.Repeat("e", 10_000)
	s := newSite(t)
	for _, role := range []string{"viewer", anonymous} {
		r := httptest.NewRequest(http.MethodGet, "/subusers/"+url.PathEscape(evil)+"/delete", nil)
		s.do(role, r)
	}
	denied, ok := s.notices()[0].(audit.Denied)
	if !ok || !strings.HasPrefix(denied.Route, "GET /subusers/a[2Jbcdeee") || len(denied.Route) > maxRouteBytes {
		t.Errorf("the route is %q", denied.Route)
	}
	for line := range strings.SplitSeq(s.log.String(), "\n") {
		if strings.ContainsAny(line, "\x1b\u202e\u009b\u2028") || strings.Contains(line, `\u00`) || len(line) > 3000 {
			t.Errorf("the log has %q", line)
		}
	}
}
