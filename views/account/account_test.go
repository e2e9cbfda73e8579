package account

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
)

// TestSessionsAreGroupedByOperator checks that the sessions of an operator stand together, operators in the order of
// their last use, and that two operators with the same name stay separate.
func TestSessionsAreGroupedByOperator(t *testing.T) {
	t.Parallel()
	row := func(hash, identity string) OperatorSession {
		return OperatorSession{Session: Session{Hash: hash, Current: hash == "own"}, OperatorName: "Anna", Identity: identity}
	}
	m := Sessions{
		Rows: []OperatorSession{
			row("1", "i|anna"),
			row("own", "i|ben"),
			row("2", "i|anna"),
			row("3", "j|anna"),
			row("4", "i|ben"),
		},
	}
	var got []string
	for _, p := range m.byOperator() {
		var hashes []string
		for _, s := range p {
			hashes = append(hashes, s.Hash)
		}
		if p.isReader() != slices.Contains(hashes, "own") {
			t.Errorf("%v: own is %v", hashes, p.isReader())
		}
		got = append(got, strings.Join(hashes, "+"))
	}
	if want := []string{"1+2", "own+4", "3"}; !slices.Equal(got, want) {
		t.Errorf("operators %v, want %v", got, want)
	}
}

// TestSingleIssuerIsOmitted checks that an identity is shown with its issuer if there are several issuers.
func TestSingleIssuerIsOmitted(t *testing.T) {
	t.Parallel()
	of := func(identities ...string) Sessions {
		var m Sessions
		for _, id := range identities {
			m.Rows = append(m.Rows, OperatorSession{Identity: id})
		}
		return m
	}
	tests := []struct {
		m            Sessions
		issuer, name string // name is how the first identity is shown
	}{
		{of("https://i|anna", "https://i|ben"), "https://i", "anna"},
		{of("https://i|auth0|anna"), "https://i", "auth0|anna"},
		{of("https://i|anna", "https://j|anna"), "", "https://i|anna"},
		{of("demo|admin", "https://i|anna"), "", "demo|admin"},
	}
	for _, tt := range tests {
		if issuer, name := tt.m.commonIssuer(), tt.m.displayIdentity(tt.m.Rows[0].Identity); issuer != tt.issuer ||
			name != tt.name {
			t.Errorf("issuer %q and name %q, want %q and %q", issuer, name, tt.issuer, tt.name)
		}
	}
	if issuer := of().commonIssuer(); issuer != "" {
		t.Errorf("without sessions, the issuer is %q", issuer)
	}
}

// TestNoGroupsText checks that the page says why the groups are not known: operators send it to the administrators.
func TestNoGroupsText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		m    Me
		want string
	}{
		{Me{Method: operator.OIDC, GroupsClaim: "groups"}, "None from your company's sign-in."},
		{
			Me{Method: operator.OIDC, GroupsStatus: operator.GroupsMissing, GroupsClaim: "a.b"},
			"Your groups are not known: your company's sign-in sent no claim called “a.b”.",
		},
		{
			Me{Method: operator.OIDC, GroupsStatus: operator.GroupsUnreadable, GroupsClaim: "groups"},
			"Your groups are not known: the claim “groups” has a form that this console cannot read.",
		},
		{
			Me{Method: operator.OIDC, GroupsStatus: operator.GroupsTooMany, GroupsClaim: "groups"},
			"Your groups are not known: your company's sign-in left them out, because there are too many.",
		},
		{
			Me{Method: operator.OIDC, GroupsStatus: operator.GroupsUnavailable, GroupsClaim: "groups"},
			"Your groups are not known: they could not be read from your company's sign-in.",
		},
		{
			Me{Method: operator.ProxyHeader, GroupsStatus: operator.GroupsMissing, GroupsClaim: "Remote-Groups"},
			"Your groups are not known: the proxy sent no header called “Remote-Groups”.",
		},
		{
			Me{Method: operator.ProxyJWT, GroupsStatus: operator.GroupsMissing},
			"Your groups are not known: no source of groups is configured.",
		},
	} {
		if got := tt.m.noGroupsText(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestAddedPermissions checks that every permission appears once, under the first role that has it.
func TestAddedPermissions(t *testing.T) {
	t.Parallel()
	m := Me{
		Roles: []Role{
			{"viewer", []string{"See."}},
			{"auditor", []string{"See.", "Read."}},
			{"editor", []string{"See.", "Write."}},
		},
	}
	var got []string
	for i := range m.Roles {
		got = append(got, m.addedPermissions(i)...)
	}
	if want := []string{"See.", "Read.", "Write."}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestVisibleAndHiddenGroups(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 20, 21, 57} {
		m := Me{Groups: make([]string, n)}
		if first, rest := len(m.visibleGroups()), len(m.hiddenGroups()); first+rest != n || first > 20 {
			t.Errorf("of %d groups, %d are visible and %d collapsed", n, first, rest)
		}
	}
}

// TestAuthenticationText checks that each sign-in method has a text of its own, which names the source.
func TestAuthenticationText(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for method, word := range map[string]string{
		operator.OIDC:        "https://i",
		operator.ProxyJWT:    "https://i",
		operator.ProxyHeader: "headers",
		operator.Demo:        "demonstration",
	} {
		m := Me{Method: method, Issuer: "https://i"}
		if text := m.authenticationText(); !strings.Contains(text, word) || seen[text] {
			t.Errorf("%s: %q", method, text)
		}
		seen[m.authenticationText()] = true
	}
}

// TestSignedOutTextAndLinks checks that the page names a session that continues, and the button that ends it.
func TestSignedOutTextAndLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		m     SignedOut
		rest  string // a word of the sentence, "" for no sentence
		first string // the main button
	}{
		{SignedOut{}, "", "Sign in again"},
		{SignedOut{StillSignedIn: true}, "still signed in", "Sign in again"},
		{SignedOut{ProviderURL: "https://i/out"}, "may still be signed in", "Sign out of your company's service"},
		{
			SignedOut{ProviderURL: "https://i/out", StillSignedIn: true},
			"may still be signed in",
			"Sign out of your company's service",
		},
		{SignedOut{Proxy: true}, "close the browser", "Open the console again"},
		{SignedOut{Proxy: true, ProviderURL: "https://i/out"}, "Sign out there too", "Sign out at the proxy"},
	}
	for _, tt := range tests {
		if rest := tt.m.remainingSessionText(); !strings.Contains(rest, tt.rest) || (rest == "") != (tt.rest == "") {
			t.Errorf("%+v: %q", tt.m, rest)
		}
		ways := tt.m.links()
		if ways[0].Text != tt.first || !ways[0].Primary || len(ways) > 1 && ways[1].Primary {
			t.Errorf("%+v: %+v", tt.m, ways)
		}
	}
}

func TestSessionDescribe(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 23, 9, 3, 4, 0, time.UTC)
	for want, s := range map[string]Session{
		"from 10.0.0.7, Firefox":     {Address: "10.0.0.7", Browser: "Firefox", SignedIn: at},
		"from 10.0.0.7":              {Address: "10.0.0.7", SignedIn: at},
		"from Firefox":               {Browser: "Firefox", SignedIn: at},
		"of 2026-11-23 09:03:04 UTC": {SignedIn: at},
	} {
		if got := s.describe(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestHashesStayInForms checks that a session's hash is in its form only.
func TestHashesStayInForms(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	m := Sessions{
		Frame: page.Frame{Heading: "Sessions"},
		Rows:  []OperatorSession{{Session: Session{Hash: "the-hash"}, OperatorName: "Anna", Identity: "i|anna"}},
	}
	if err := SessionsPage(m).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "the-hash"); n != 1 ||
		!strings.Contains(out.String(), `<input type="hidden" name="session" value="the-hash">`) {
		t.Errorf("the hash occurs %d times", n)
	}
}
