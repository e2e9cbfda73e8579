package handlers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
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
		if allowed, _ := s.sendUntilLimited(t, 1000, from("2001:db8:1:%x::1")); allowed != 600 {
			t.Errorf("%d networks of one /48 may try to sign in once each", allowed)
		}
		if allowed, _ := s.sendUntilLimited(t, 1000, from("2001:db8:%x::1")); allowed != 1 {
			t.Errorf("of /48 networks, the flooding one is the second, but %d may try to sign in", allowed)
		}
		if allowed, _ := s.sendUntilLimited(t, 1000, from("2001:db9:%x::1")); allowed != 1000 {
			t.Errorf("%d other /48 networks may try to sign in once each", allowed)
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
		{"a port", "10.0.0.1:1", []string{"203.0.113.7:51034"}, true, "203.0.113.7", audit.FromForwarded},
		{
			"a port and a proxy's port", "10.0.0.1:1",
			[]string{"203.0.113.7:5, 10.0.0.2:443"},
			true,
			"203.0.113.7",
			audit.FromForwarded,
		},
		{"an empty port", "10.0.0.1:1", []string{"203.0.113.7:"}, true, "203.0.113.7", audit.FromForwarded},
		{"a hidden port", "10.0.0.1:1", []string{`"203.0.113.7:_x"`}, true, "203.0.113.7", audit.FromForwarded},
		{"IPv6 in brackets", "10.0.0.1:1", []string{"[2001:db8::1]"}, true, "2001:db8::1", audit.FromForwarded},
		{"IPv6 and a port", "10.0.0.1:1", []string{"[2001:db8::1]:443"}, true, "2001:db8::1", audit.FromForwarded},
		{"IPv6, a zone and a port", "10.0.0.1:1", []string{"[2001:db8::1%25e0]:4"}, true, "2001:db8::1", audit.FromForwarded},
		{
			"IPv4 as IPv6 and a port", "10.0.0.1:1",
			[]string{"[::ffff:203.0.113.7]:4"},
			true,
			"203.0.113.7",
			audit.FromForwarded,
		},
		{
			"a proxy's IPv4 as IPv6", "10.0.0.1:1",
			[]string{"203.0.113.7, [::ffff:10.0.0.2]:4"},
			true,
			"203.0.113.7",
			audit.FromForwarded,
		},
		{"quotes", "10.0.0.1:1", []string{`"203.0.113.7"`}, true, "203.0.113.7", audit.FromForwarded},
		{
			"IPv6 and a port in quotes", "10.0.0.1:1", []string{`"[2001:db8::1]:443"`}, true, "2001:db8::1", audit.FromForwarded,
		},
		{
			"an element of Forwarded", "10.0.0.1:1",
			[]string{`For="[2001:db8::1]:443"`},
			true,
			"2001:db8::1",
			audit.FromForwarded,
		},
		{
			"spaces and empty entries", "10.0.0.1:1",
			[]string{" , \t203.0.113.7:5 ,, "},
			true,
			"203.0.113.7",
			audit.FromForwarded,
		},
		{"made up before a port", "10.0.0.1:1", []string{"unknown, 203.0.113.7:5"}, true, "203.0.113.7", audit.FromForwarded},
		{"unknown", "10.0.0.1:1", []string{"203.0.113.9, unknown"}, true, "10.0.0.1", audit.FromConnection},
		{"half an address", "10.0.0.1:1", []string{"203.0.113.9, [2001:db8::1"}, true, "10.0.0.1", audit.FromConnection},
		{"a name", "10.0.0.1:1", []string{"203.0.113.9, host:80"}, true, "10.0.0.1", audit.FromConnection},
		{"only proxies", "10.0.0.1:1", []string{"10.0.0.3:1, 10.0.0.2"}, true, "10.0.0.1", audit.FromConnection},
		{"a port from a stranger", "198.51.100.7:1", []string{"203.0.113.9:5"}, true, "198.51.100.7", audit.FromConnection},
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

// An entry of a trusted proxy that cannot be read is logged once. What the browser made up before the last readable
// entry, or sends without a proxy, is not.
func TestUnreadableClientAddressIsLoggedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	const message = "address in X-Forwarded-For cannot be read"
	visit := func(peer, forwarded string) int {
		r := httptest.NewRequest(http.MethodGet, "/sign-in", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", forwarded)
		s.do(anonymous, r)
		return strings.Count(s.log.String(), message)
	}
	if visit("10.0.0.1:1", "unknown, 203.0.113.7:1") != 0 || visit("198.51.100.7:1", "unknown") != 0 {
		t.Errorf("logged without a fault of the proxy: %s", s.log)
	}
	if visit("10.0.0.1:1", "203.0.113.9, host\u202e") != 1 || visit("10.0.0.1:1", "unknown") != 1 {
		t.Errorf("not logged once: %s", s.log)
	}
	if !strings.Contains(s.log.String(), `"entry":"host"`) {
		t.Errorf("the log does not quote the entry in printed characters: %s", s.log)
	}
}

// Requests from one address share its limit with any port, and do not lock out other addresses behind the same proxy.
func TestRateLimitWithForwardedPorts(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	status := func(forwarded string) int {
		r := httptest.NewRequest(http.MethodGet, "/sign-in", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header.Set("X-Forwarded-For", forwarded)
		return s.do(anonymous, r).Code
	}
	for i := range 61 {
		if got, want := status("198.51.100.66:"+strconv.Itoa(40000+i)), http.StatusOK; got != want && i < 60 {
			t.Fatalf("request %d: status %d", i, got)
		}
	}
	if got := status("198.51.100.66:50000"); got != http.StatusTooManyRequests {
		t.Errorf("beyond the limit: status %d", got)
	}
	if got := status("203.0.113.7:51034"); got != http.StatusOK {
		t.Errorf("another address: status %d", got)
	}
}
