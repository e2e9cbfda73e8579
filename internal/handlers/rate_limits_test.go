package handlers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/identity"
)

// sendUntilLimited sends requests until one is refused, and returns how many were not.
func (s *site) sendUntilLimited(
	t *testing.T,
	most int,
	request func(n int) (role string, r *http.Request),
) (allowed int, last *response) {
	t.Helper()
	for n := range most {
		role, r := request(n)
		if last = s.do(role, r); last.Code == http.StatusTooManyRequests {
			return n, last
		}
	}
	return most, last
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		write := func(role string) func(int) (string, *http.Request) {
			return func(int) (string, *http.Request) { return role, newPost("/refresh", url.Values{}) }
		}
		s := newSite(t)
		allowed, last := s.sendUntilLimited(t, 1000, write("editor"))
		if allowed != 120 || last.Header().Get("Retry-After") == "" {
			t.Errorf("one operator may write %d times a minute", allowed)
		}
		last.contains(t, "Too many requests", "Nothing was changed")
		refreshed := s.directory.refreshes
		if refreshed != 120 {
			t.Errorf("%d were done", refreshed)
		}
		if allowed, _ := s.sendUntilLimited(t, 10, write("admin")); allowed != 10 {
			t.Error("one operator's haste is another's wait")
		}
		if got := s.get("editor", "/subusers"); got.Code != http.StatusOK {
			t.Errorf("reading is refused too: %d", got.Code)
		}
		time.Sleep(2 * rateLimitWindow)
		if allowed, _ := s.sendUntilLimited(t, 10, write("editor")); allowed != 10 {
			t.Error("it does not end")
		}

		export := func(int) (string, *http.Request) {
			return "viewer", httptest.NewRequest(http.MethodGet, "/subusers.csv", nil)
		}
		if allowed, _ := newSite(t).sendUntilLimited(t, 1000, export); allowed != 20 {
			t.Errorf("one operator may export %d times a minute", allowed)
		}
		signIn := func(int) (string, *http.Request) {
			return anonymous, httptest.NewRequest(http.MethodGet, "/sign-in", nil)
		}
		if allowed, _ := newSite(t).sendUntilLimited(t, 1000, signIn); allowed != 60 {
			t.Errorf("one address may try to sign in %d times a minute", allowed)
		}
	})
}

// Requests without an operator count only against each other, and an IPv6 network counts as one address.
func TestRateLimitKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		flood := func(int) (string, *http.Request) { return anonymous, newPost("/refresh", url.Values{}) }
		if allowed, _ := s.sendUntilLimited(t, 1000, flood); allowed != 600 {
			t.Errorf("strangers at one address may send %d forms a minute", allowed)
		}
		if got := s.do("editor", newPost("/refresh", url.Values{})); got.Code == http.StatusTooManyRequests {
			t.Error("a stranger's haste is an operator's wait")
		}
		from := func(address string) func(int) (string, *http.Request) {
			return func(n int) (string, *http.Request) {
				r := httptest.NewRequest(http.MethodGet, "/sign-in", nil)
				r.RemoteAddr = fmt.Sprintf("["+address+"]:1", n)
				return anonymous, r
			}
		}
		if allowed, _ := s.sendUntilLimited(t, 200, from("2001:db8:0:1::%x")); allowed != 60 {
			t.Errorf("one network may try to sign in %d times a minute", allowed)
		}
		if allowed, _ := s.sendUntilLimited(t, 200, from("2001:db8:1:%x::1")); allowed != 200 {
			t.Errorf("%d networks may try to sign in once each", allowed)
		}
	})
}

// The address is that of the connection. Only trusted proxies may name another, and the audit log stores which it was.
func TestClientAddress(t *testing.T) {
	t.Parallel()
	proxies := func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }
	for _, test := range []struct {
		name, peer string
		forwarded  []string
		trusting   bool
		want, from string
	}{
		{"no trusted proxies", "10.0.0.1:1", []string{"198.51.100.7"}, false, "10.0.0.1", audit.FromConnection},
		{"a proxy of ours", "10.0.0.1:1", []string{"198.51.100.7"}, true, "198.51.100.7", audit.FromForwarded},
		{"two of them", "10.0.0.1:1", []string{"198.51.100.7, 10.0.0.2"}, true, "198.51.100.7", audit.FromForwarded},
		{
			"what the browser made up comes first",
			"10.0.0.1:1",
			[]string{"203.0.113.9, 198.51.100.7"},
			true,
			"198.51.100.7",
			audit.FromForwarded,
		},
		{
			"in a header of its own",
			"10.0.0.1:1",
			[]string{"203.0.113.9", "198.51.100.7"},
			true,
			"198.51.100.7",
			audit.FromForwarded,
		},
		{"a stranger says so", "198.51.100.7:1", []string{"203.0.113.9"}, true, "198.51.100.7", audit.FromConnection},
		{"nonsense", "10.0.0.1:1", []string{"<script>"}, true, "10.0.0.1", audit.FromConnection},
		{"nothing", "10.0.0.1:1", nil, true, "10.0.0.1", audit.FromConnection},
		{"as IPv6", "[::ffff:10.0.0.1]:1", []string{"2001:db8::1"}, true, "2001:db8::1", audit.FromForwarded},
		{"a zone", "10.0.0.1:1", []string{"2001:db8::1%<script>"}, true, "2001:db8::1", audit.FromForwarded},
		{"the zone of a peer", "[fe80::1%eth0]:1", nil, true, "fe80::1", audit.FromConnection},
	} {
		change := func(*Options) {}
		if test.trusting {
			change = proxies
		}
		refusing := func(o *Options) { o.Identity = fixedIdentity{err: &identity.Refused{Reason: "expired"}} }
		s := newSite(t, change, behindProxy, refusing)
		r := httptest.NewRequest(http.MethodGet, "/subusers", nil)
		r.RemoteAddr = test.peer
		r.Header["X-Forwarded-For"] = test.forwarded
		r.Header.Set("X-Real-IP", "203.0.113.200")
		r.Header.Set("Forwarded", "for=203.0.113.200")
		s.do(anonymous, r)
		if !strings.Contains(s.log.String(), `"address":"`+test.want+`"`) {
			t.Errorf("%s: %s", test.name, s.log)
		}
		if got, ok := s.notices()[0].(audit.SignInRefused); !ok || got.Address != test.want || got.AddressFrom != test.from {
			t.Errorf("%s: the record says %+v", test.name, got)
		}
	}
}
