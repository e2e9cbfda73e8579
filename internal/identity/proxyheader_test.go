package identity_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// headerProxy returns a Proxy with the headers of oauth2-proxy, trusted from 10.0.3.0/24 and one IPv6 network.
func headerProxy(t testing.TB, change ...func(*identity.ProxyHeaderOptions)) *identity.Proxy {
	t.Helper()
	o := identity.ProxyHeaderOptions{
		User:   "X-Forwarded-User",
		Name:   "x-forwarded-preferred-username",
		Email:  "X-Forwarded-Email",
		Groups: "X-Forwarded-Groups",
		TrustedProxies: []netip.Prefix{
			netip.MustParsePrefix("10.0.3.0/24"),
			netip.MustParsePrefix("fd00:1::/64"),
			netip.MustParsePrefix("fe80::/64"),
		},
		Sessions: newProxySessions(),
		Now:      newProxyClock().now,
	}
	for _, c := range change {
		c(&o)
	}
	p, err := identity.NewProxyHeader(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func from(remote string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = remote }
}

// raw sets a header without changing its name to the canonical form.
func raw(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = values }
}

func TestProxyHeaderOperator(t *testing.T) {
	t.Parallel()
	p := headerProxy(t)
	v := visit(p, with("X-Forwarded-User", " anna "), with("X-Forwarded-Preferred-Username", "Anna Nováková"),
		with("X-Forwarded-Email", "anna@example.com"), with("X-Forwarded-Groups", " ops , ,night shift,"))
	wantOperator(t, v, "proxy|anna", "ops", "night shift")
	if v.operator.Name != "Anna Nováková" || v.operator.Email != "anna@example.com" || !v.operator.EmailVerified {
		t.Errorf("got %+v", v.operator)
	}
	if v := visit(p, with("X-Forwarded-User", "anna")); v.operator.EmailVerified || v.operator.Groups != nil {
		t.Errorf("without e-mail address and groups: got %+v", v.operator)
	}
	// Other kinds of space are part of a name.
	wantOperator(
		t,
		visit(p, with("X-Forwarded-User", "anna\u00a0"), with("X-Forwarded-Groups", "ops\u00a0,\u2003admins")),
		"proxy|anna\u00a0",
		"ops\u00a0",
		"\u2003admins",
	)
	authentik := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Separator = "|" })
	wantOperator(
		t,
		visit(authentik, with("X-Forwarded-User", "anna"), with("X-Forwarded-Groups", "a,b|c")),
		"proxy|anna",
		"a,b",
		"c",
	)
	bare := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Name, o.Email, o.Groups = "", "", "" })
	v = visit(
		bare,
		with("X-Forwarded-User", "anna"),
		with("X-Forwarded-Email", "boss@example.com"),
		with("X-Forwarded-Groups", "admins"),
	)
	wantOperator(t, v, "proxy|anna")
	if v.operator.Email != "" || v.operator.EmailVerified {
		t.Errorf("a header that is not configured is used: %+v", v.operator)
	}
}

func TestProxyHeaderNames(t *testing.T) {
	t.Parallel()
	p := headerProxy(t, func(o *identity.ProxyHeaderOptions) {
		o.User, o.Email, o.Name, o.Groups = "Tailscale-User-Login", "Tailscale-User-Login", "Tailscale-User-Name", ""
	})
	for value, want := range map[string]string{
		"Anna Novak":                          "Anna Novak",
		"=?utf-8?q?Anna_Nov=C3=A1kov=C3=A1?=": "Anna Nováková",
		"=?UTF-8?Q?Ferris_B=C3=BCller?=":      "Ferris Büller",
		"=?utf-8?q?Anna?= =?utf-8?q?_B?=":     "Anna B",
		// A name is only shown: what cannot be read does not keep the operator out.
		"=?iso-8859-1?q?M=FCller?=":      "Müller",
		"=?iso-8859-1?b?TfxsbGVy?=":      "Müller",
		"=?x-unknown?q?Anna?=":           "=?x-unknown?q?Anna?=",
		"=?utf-8?q?Anna=0ANov=00?=":      "AnnaNov",
		"=?utf-8?q?=C3=28?=":             "(",
		"=?utf-8?q?Anna":                 "=?utf-8?q?Anna",
		"M\xfcller":                      "Müller",
		"M\xfcller \x80\x85":             "Müller",
		"Ren\xe9 =?utf-8?q?Nov=C3=A1k?=": "René Novák",
		"Anna%20M%C3%BCller":             "Anna Müller",
		"M%FCller":                       "M%FCller",
		"100 % Anna":                     "100 % Anna",
		"Anna%0ANov":                     "AnnaNov",
		"Anna\t\x00\x1b[2JNov\u0085":     "Anna[2JNov",
		"\x00":                           "",
		strings.Repeat("a", 300):         strings.Repeat("a", 256),
		strings.Repeat("á", 129):         strings.Repeat("á", 128),
		"=?utf-8?q?" + strings.Repeat("=C3=A1", 129) + "?=": strings.Repeat("á", 128),
		strings.Repeat("=?utf-8?q?a?= ", 300):               strings.Repeat("a", 256),
	} {
		v := visit(p, with("Tailscale-User-Login", "anna@example.com"), with("Tailscale-User-Name", value))
		if v.err != nil || v.operator.Name != want || v.operator.Subject != "anna@example.com" ||
			v.operator.Email != "anna@example.com" {
			t.Errorf("%q: got %+v, %v", value, v.operator, v.err)
		}
	}
	encoded := "=?utf-8?q?boss?="
	wantOperator(t, visit(p, with("Tailscale-User-Login", encoded)), "proxy|"+encoded)
}

// A name that is not UTF-8 is logged once.
func TestProxyHeaderNameIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	p := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	for range 3 {
		v := visit(p, with("X-Forwarded-User", "anna"), with("X-Forwarded-Preferred-Username", "M\xfcller"))
		wantOperator(t, v, "proxy|anna")
	}
	if got := strings.Count(logged.String(), "level=WARN"); got != 1 || !strings.Contains(logged.String(), "not UTF-8") {
		t.Errorf("logged %d times: %s", got, &logged)
	}
}

// Only the address of the connection counts.
func TestProxyHeaderPeers(t *testing.T) {
	t.Parallel()
	p := headerProxy(t)
	for _, remote := range []string{
		"10.0.3.0:1", "10.0.3.255:65535", "[::ffff:10.0.3.7]:1", "[fd00:1::5]:1",
		"[fe80::1%eth0]:1", "[::ffff:10.0.3.7%eth0]:1",
	} {
		wantOperator(t, visit(p, with("X-Forwarded-User", "anna"), from(remote)), "proxy|anna")
	}
	for _, remote := range []string{
		"10.0.4.7:1", "10.0.2.255:1", "127.0.0.1:1", "[::1]:1", "[fd00:1:0:1::5]:1", "[::10.0.3.7]:1", "10.0.3.7", "",
		"@", "proxy:80", "10.0.3.7:http",
		"010.0.3.7:1", "[64:ff9b::a00:307]:1",
	} {
		for _, header := range []string{
			"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X_forwarded_user",
		} {
			v := visit(
				p,
				with(header, "anna"),
				from(remote),
				with("X-Forwarded-For", "10.0.3.7"),
				with("X-Real-Ip", "10.0.3.7"),
				with("Forwarded", "for=10.0.3.7"),
			)
			wantRefused(t, v, "untrusted address", remote)
		}
		wantRefused(t, visit(p, raw("X-Forwarded-User", ""), from(remote)), "untrusted address")
		wantNoOperator(t, visit(p, from(remote)))
	}
	mapped := headerProxy(t, func(o *identity.ProxyHeaderOptions) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.3.9/120")}
	})
	wantOperator(t, visit(mapped, with("X-Forwarded-User", "anna")), "proxy|anna")
	wantRefused(t, visit(mapped, with("X-Forwarded-User", "anna"), from("10.0.4.1:1")), "untrusted address")
}

// Invalid headers are refused from trusted addresses too.
func TestProxyHeaderForged(t *testing.T) {
	t.Parallel()
	p := headerProxy(t)
	anna := with("X-Forwarded-User", "anna")
	for name, tc := range map[string]struct {
		change []func(*http.Request)
		words  string
	}{
		"twice":            {[]func(*http.Request){anna, with("X-Forwarded-User", "boss")}, "more than once"},
		"twice the same":   {[]func(*http.Request){anna, anna}, "more than once"},
		"twice, one empty": {[]func(*http.Request){raw("X-Forwarded-User", "", "boss")}, "more than once"},
		"groups twice": {
			[]func(*http.Request){anna, with("X-Forwarded-Groups", "ops"), with("X-Forwarded-Groups", "admins")},
			"more than once",
		},
		"address twice": {
			[]func(*http.Request){anna, with("X-Forwarded-Email", "a@b"), with("X-Forwarded-Email", "c@d")},
			"more than once",
		},
		"underscores beside":       {[]func(*http.Request){anna, with("X_Forwarded_User", "boss")}, "a name similar to"},
		"underscores alone":        {[]func(*http.Request){with("X_Forwarded_User", "boss")}, "a name similar to"},
		"one underscore":           {[]func(*http.Request){anna, with("X-Forwarded_Groups", "admins")}, "a name similar to"},
		"lower case beside":        {[]func(*http.Request){anna, raw("x-forwarded-user", "boss")}, "a name similar to"},
		"lower case alone":         {[]func(*http.Request){raw("x-forwarded-user", "boss")}, "a name similar to"},
		"upper case groups":        {[]func(*http.Request){anna, raw("X-FORWARDED-GROUPS", "admins")}, "a name similar to"},
		"look-alike without value": {[]func(*http.Request){anna, raw("X_Forwarded_User")}, "a name similar to"},
		"long user":                {[]func(*http.Request){with("X-Forwarded-User", strings.Repeat("a", 257))}, "too long"},
		"name twice": {
			[]func(*http.Request){anna, raw("X-Forwarded-Preferred-Username", "Anna", "Boss")},
			"more than once",
		},
		"long address": {
			[]func(*http.Request){anna, with("X-Forwarded-Email", strings.Repeat("a", 257))},
			"too long",
		},
		"long groups": {
			[]func(*http.Request){anna, with("X-Forwarded-Groups", strings.Repeat("group,", 96<<10/6+1))},
			"too long",
		},
		"one long group": {
			[]func(*http.Request){anna, with("X-Forwarded-Groups", strings.Repeat("g", 257))},
			"too long",
		},
		"control character":     {[]func(*http.Request){with("X-Forwarded-User", "an\tna")}, "control"},
		"zero byte":             {[]func(*http.Request){with("X-Forwarded-User", "anna\x00")}, "control"},
		"C1 character":          {[]func(*http.Request){with("X-Forwarded-User", "an\u0085na")}, "control"},
		"line break in a group": {[]func(*http.Request){anna, with("X-Forwarded-Groups", "ops\nadmins")}, "control"},
		"Latin-1 user":          {[]func(*http.Request){with("X-Forwarded-User", "\xe1nna")}, "UTF-8"},
		"Latin-1 address":       {[]func(*http.Request){anna, with("X-Forwarded-Email", "\xe1nna")}, "UTF-8"},
		"Latin-1 group":         {[]func(*http.Request){anna, with("X-Forwarded-Groups", "ops,\xe1")}, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, visit(p, tc.change...), tc.words, "anna", "boss", "\xe1")
		})
	}
	for name, change := range map[string][]func(*http.Request){
		"nothing":               {},
		"empty":                 {raw("X-Forwarded-User", "")},
		"white space":           {raw("X-Forwarded-User", " \t ")},
		"groups without a user": {with("X-Forwarded-Groups", "admins"), with("X-Forwarded-Email", "boss@example.com")},
		"cookie":                {with("Cookie", "X-Forwarded-User=boss")},
		"query":                 {func(r *http.Request) { r.URL.RawQuery = "X-Forwarded-User=boss" }},
		"trailer":               {func(r *http.Request) { r.Trailer = http.Header{"X-Forwarded-User": {"boss"}} }},
		"no values":             {raw("X-Forwarded-User")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantNoOperator(t, visit(p, change...))
		})
	}
	wantOperator(t, visit(p, with("X-Forwarded-User", strings.Repeat("a", 256))), "proxy|"+strings.Repeat("a", 256))
}

// An operator in 1,501 groups, in a header of 55 KB, has the configured one, which is the last.
func TestProxyHeaderManyGroups(t *testing.T) {
	t.Parallel()
	p := headerProxy(t, func(o *identity.ProxyHeaderOptions) { o.Configured = []string{"vox-admins"} })
	groups := strings.Join(manyGroups("vox-admins"), ",")
	v := visit(p, with("X-Forwarded-User", "anna"), with("X-Forwarded-Groups", groups))
	if v.err != nil || len(v.operator.Groups) < 100 || v.operator.Groups[0] != "vox-admins" ||
		len(v.operator.Groups)+v.operator.GroupsOmitted != 1501 {
		t.Errorf("%d groups, %d left out, %v", len(v.operator.Groups), v.operator.GroupsOmitted, v.err)
	}
	v = visit(p, with("X-Forwarded-User", "anna"))
	o := v.operator
	if v.err != nil || o.GroupsStatus != operator.GroupsMissing || o.GroupsClaim != "X-Forwarded-Groups" {
		t.Errorf("without the header: got %+v, %v", o, v.err)
	}
}

func TestProxyHeaderSettings(t *testing.T) {
	t.Parallel()
	one := []netip.Prefix{netip.MustParsePrefix("10.0.3.7/32")}
	for name, tc := range map[string]struct {
		o     identity.ProxyHeaderOptions
		words string
	}{
		"no proxies": {identity.ProxyHeaderOptions{User: "X-User"}, "no trusted proxies"},
		"no user":    {identity.ProxyHeaderOptions{TrustedProxies: one}, "missing"},
		"space":      {identity.ProxyHeaderOptions{User: "X User", TrustedProxies: one}, "not a valid header name"},
		"colon":      {identity.ProxyHeaderOptions{User: "X-User:", TrustedProxies: one}, "not a valid header name"},
		"groups name": {
			identity.ProxyHeaderOptions{User: "X-User", Groups: "X,Groups", TrustedProxies: one},
			"not a valid header name",
		},
		"bad prefix": {identity.ProxyHeaderOptions{User: "X-User", TrustedProxies: []netip.Prefix{{}}}, "prefix length"},
		"one of two too large": {
			identity.ProxyHeaderOptions{User: "X-User", TrustedProxies: append(one, netip.MustParsePrefix("0.0.0.0/0"))},
			"too large",
		},
	} {
		if p, err := identity.NewProxyHeader(tc.o); err == nil || p != nil || !strings.Contains(err.Error(), tc.words) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, wide := range []string{
		"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7", "2000::/3", "fc00::/7",
		"::ffff:0.0.0.0/96", "::ffff:0.0.0.0/90", "10.1.2.3/0",
	} {
		o := identity.ProxyHeaderOptions{User: "X-User", TrustedProxies: []netip.Prefix{netip.MustParsePrefix(wide)}}
		if _, err := identity.NewProxyHeader(o); err == nil {
			t.Errorf("%s is trusted", wide)
		}
	}
	for _, fine := range []string{"10.0.0.0/8", "fd12::/16", "127.0.0.0/8", "::1/128"} {
		o := identity.ProxyHeaderOptions{User: "X-User", TrustedProxies: []netip.Prefix{netip.MustParsePrefix(fine)}}
		if _, err := identity.NewProxyHeader(o); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
}

// FuzzProxyHeaders checks that the operator is always the one in the configured header.
func FuzzProxyHeaders(f *testing.F) {
	f.Add("anna", "Anna", "anna@example.com", "ops,admins", "X_Forwarded_User", "boss", "10.0.3.7:1")
	f.Add("", "=?utf-8?q?A?=", "", "", "x-forwarded-user", "", "192.0.2.1:1")
	f.Add("\xff", "=?b?b?b?=", "\x00", ",,,", "X-Forwarded-User", "boss", "")
	p := headerProxy(f)
	f.Fuzz(func(t *testing.T, user, name, email, groups, other, value, remote string) {
		r := func(r *http.Request) {
			r.RemoteAddr = remote
			r.Header = http.Header{
				"X-Forwarded-User":               {user},
				"X-Forwarded-Preferred-Username": {name},
				"X-Forwarded-Email":              {email},
				"X-Forwarded-Groups":             {groups},
			}
			r.Header[other] = append(r.Header[other], value)
		}
		v := visit(p, r)
		if !v.operator.Authenticated() {
			return
		}
		folded := strings.ToLower(strings.ReplaceAll(other, "_", "-"))
		trusted := netip.MustParsePrefix("10.0.3.0/24")
		peer, err := netip.ParseAddrPort(remote)
		fits := err == nil && (trusted.Contains(peer.Addr().Unmap().WithZone("")) || peer.Addr().Is6())
		if v.err != nil || v.operator.Subject != strings.Trim(user, " \t") || folded == "x-forwarded-user" ||
			folded == "x-forwarded-groups" ||
			!fits {
			t.Errorf("operator %+v with %q: %q from %q", v.operator, other, value, remote)
		}
		for _, text := range append([]string{v.operator.Subject, v.operator.Name, v.operator.Email}, v.operator.Groups...) {
			if len(text) > 256 || strings.ContainsAny(text, "\x00\r\n\t\x7f") || !utf8.ValidString(text) {
				t.Errorf("accepted %q", text)
			}
		}
	})
}
