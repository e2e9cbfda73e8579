package identity_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/identity"
	"github.com/voxwarden/voxwarden/internal/operator"
	idptest "github.com/voxwarden/voxwarden/internal/testkit/idp"
)

func TestOIDCRoundTrip(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]idptest.Options{
		"groups everywhere":        {},
		"groups in userinfo only":  {NoIDGroups: true},
		"groups in the token only": {NoInfoGroups: true},
		"groups of another name":   {GroupsClaim: "https://acme.example/groups"},
		"no refresh tokens":        {NoRefresh: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := withProvider(t, options)
			if o := s.currentOperator(); o.Authenticated() {
				t.Fatalf("before: %+v", o)
			}
			page, asked := s.signInAs("?back=/subusers%3Fq%3Danna%26role%3DOwner")
			if !asked || page != "back to /subusers?q=anna&role=Owner" {
				t.Fatalf("asked %t, got %s", asked, page)
			}
			o := s.currentOperator()
			if o.ID() != p.URL+"|u-1" || o.Method != operator.OIDC || o.Name != "Anna Nováková" ||
				o.Email != "anna@example.com" ||
				!o.EmailVerified {
				t.Errorf("got %+v", o)
			}
			if !slices.Equal(o.Groups, []string{"ops", "vox-admins"}) {
				t.Errorf("got the groups %q", o.Groups)
			}
			if now := s.clock.now(); now.Sub(o.GroupsAt) > time.Minute || now.Sub(o.ProvenAt) > time.Minute {
				t.Errorf("groups of %v, proven at %v", o.GroupsAt, o.ProvenAt)
			}
			if kept := s.sessions.onlySession(t).tokens; kept.IDToken == "" || kept.AccessToken == "" ||
				(kept.RefreshToken == "") != options.NoRefresh ||
				!kept.AccessExpires.After(s.clock.now()) {
				t.Errorf(
					"tokens in the session: ID %t, access %t, refresh %t, access expires %v",
					kept.IDToken != "",
					kept.AccessToken != "",
					kept.RefreshToken != "",
					kept.AccessExpires,
				)
			}
			s.wantNoSecretsLogged(p.ClientSecret)
		})
	}
}

func TestOIDCWrongPassword(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{})
	response, _ := idptest.SignIn(t, s.browser, s.server.URL+"/sign-in", "anna", "wrong")
	if page := text(t, response); response.StatusCode != http.StatusUnauthorized || s.sessions.count() != 0 {
		t.Errorf("got %d: %s", response.StatusCode, page)
	}
}

// TestOIDCAuthorizationRequest checks the parameters of the authorization request.
func TestOIDCAuthorizationRequest(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	first, second := s.beginSignIn("").Query(), s.beginSignIn("?again=1").Query()
	for name, want := range map[string]string{
		"response_type":         "code",
		"client_id":             p.ClientID,
		"code_challenge_method": "S256",
		"redirect_uri":          s.server.URL + "/sign-in/callback",
		"scope":                 "openid profile email offline_access",
	} {
		if first.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, first.Get(name), want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(first.Get(name)) < 26 || first.Get(name) == second.Get(name) {
			t.Errorf("%s is %q and then %q", name, first.Get(name), second.Get(name))
		}
	}
	if first.Has("prompt") || first.Has("max_age") || second.Get("prompt") != "login" || second.Get("max_age") != "0" {
		t.Errorf("first request %v, second request %v", first, second)
	}
	if first.Has("client_secret") || strings.Contains(first.Encode(), p.ClientSecret) {
		t.Error("the secret is in the address")
	}
}

func TestOIDCTwoTabsSignInAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{})
	var shown []*http.Response
	for _, back := range []string{"/keys", "/roles"} {
		response, err := s.browser.Get(s.server.URL + "/sign-in?back=" + back)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, response)
	}
	// The first tab finishes last.
	if page := text(t, idptest.SubmitLogin(t, s.browser, shown[1], "anna", "correct horse")); page != "back to /roles" {
		t.Errorf("the second tab: %s", page)
	}
	if page := text(t, idptest.SubmitLogin(t, s.browser, shown[0], "anna", "correct horse")); page != "back to /keys" {
		t.Errorf("the first tab: %s", page)
	}
}

// cookies returns the browser's cookies of sign-ins in progress.
func (s *site) cookies() []*http.Cookie {
	base, _ := url.Parse(s.server.URL)
	return slices.DeleteFunc(
		s.browser.Jar.Cookies(base),
		func(c *http.Cookie) bool { return !strings.Contains(c.Name, "sign_in") },
	)
}

func TestOIDCPendingSignInsAreLimited(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{})
	var states []string
	for range 9 {
		states = append(states, s.beginSignIn("").Query().Get("state"))
		s.clock.forward(time.Second)
	}
	if n := len(s.cookies()); n != 5 {
		t.Errorf("the browser keeps %d sign-ins", n)
	}
	s.get("/sign-in/callback?code=x&state=" + states[0])
	s.wantRefused("no sign-in in progress with this state")
	s.get("/sign-in/callback?code=x&state=" + states[8])
	s.wantRefused("refused the code")
	// Long return paths need more space, and another server of this name may have left invalid cookies.
	for range 5 {
		s.beginSignIn("?back=/" + strings.Repeat("a", 1999))
		s.clock.forward(time.Second)
	}
	total := 0
	for _, c := range s.cookies() {
		total += len(c.Name) + len(c.Value)
	}
	if total > 8<<10 || total < 4<<10 {
		t.Errorf("the browser keeps %d bytes", total)
	}
	s.clock.forward(10 * time.Minute)
	s.beginSignIn("")
	if n := len(s.cookies()); n != 1 {
		t.Errorf("the browser keeps %d sign-ins, want 1: the others have expired", n)
	}
}

func TestOIDCLongReturnPathIsDropped(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{})
	if page, _ := s.signInAs("?back=/" + strings.Repeat("a", 1999)); page != "back to /"+strings.Repeat("a", 1999) {
		t.Errorf("2000 bytes: %.40s", page)
	}
	if page, _ := s.signInAs("?back=/" + strings.Repeat("a", 2000)); page != "back to " {
		t.Errorf("2001 bytes: %.40s", page)
	}
}

// TestOIDCStateBelongsToTheBrowser checks login CSRF, session fixation and replay.
func TestOIDCStateBelongsToTheBrowser(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	victim := idptest.NewBrowser(t)

	// The attacker signs in at the provider and does not follow the redirect to the callback.
	var answer string
	keep := *s.browser
	keep.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		if next.URL.Path == "/sign-in/callback" {
			answer = next.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	response, _ := idptest.SignIn(t, &keep, s.server.URL+"/sign-in", "anna", "correct horse")
	_ = response.Body.Close()
	before := s.cookies()

	// The victim's browser opens the callback.
	lured, err := victim.Get(answer)
	if err != nil {
		t.Fatal(err)
	}
	_ = lured.Body.Close()
	s.wantRefused("this browser has no sign-in in progress with this state")
	if p.Hits("authorization_code") != 0 {
		t.Error("the code was used without a sign-in in progress")
	}

	// The attacker's browser with another state.
	changed, _ := url.Parse(answer)
	query := changed.Query()
	query.Set("state", query.Get("state")+"A")
	changed.RawQuery = query.Encode()
	s.get(strings.TrimPrefix(changed.String(), s.server.URL))
	s.wantRefused("this browser has no sign-in in progress with this state")

	// The callback works once.
	if page := s.get(strings.TrimPrefix(answer, s.server.URL)); page != "back to " || s.sessions.count() != 1 {
		t.Fatalf("got %s", page)
	}
	s.get(strings.TrimPrefix(answer, s.server.URL))
	s.wantRefused("this browser has no sign-in in progress with this state")

	// With a copy of the cookie, the provider refuses the code.
	base, _ := url.Parse(s.server.URL)
	s.browser.Jar.SetCookies(base, before)
	s.get(strings.TrimPrefix(answer, s.server.URL))
	s.wantRefused("the provider refused the code")
	if s.sessions.count() != 1 {
		t.Errorf("there are %d sessions", s.sessions.count())
	}
}

func TestOIDCStepUp(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{})
	s.signInAs("")
	first := s.currentOperator().ProvenAt
	s.clock.forward(6 * time.Minute)

	// For an ordinary sign-in the provider does not ask again, and auth_time is the earlier sign-in.
	if page, asked := s.signInAs(""); asked || page != "back to " {
		t.Fatalf("asked %t, got %s", asked, page)
	}
	if again := s.currentOperator().ProvenAt; !again.Equal(first) {
		t.Errorf("proven at %v, then at %v without a new sign-in", first, again)
	}
	if page, asked := s.signInAs("?again=1&back=/keys"); !asked || page != "back to /keys" {
		t.Fatalf("asked %t, got %s", asked, page)
	}
	if o := s.currentOperator(); s.clock.now().Sub(o.ProvenAt) > time.Minute {
		t.Errorf("proven at %v, want now", o.ProvenAt)
	}
}

func TestOIDCStepUpAsOtherOperator(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	p.AddUser(idptest.User{Username: "boris", Password: "battery staple", Name: "Boris"})
	s.signInAs("")
	response, asked := idptest.SignIn(t, s.browser, s.server.URL+"/sign-in?again=1", "boris", "battery staple")
	if page := text(t, response); !asked || page != "back to " {
		t.Fatalf("asked %t, got %s", asked, page)
	}
	if o := s.currentOperator(); o.Subject != "boris" || len(o.Groups) != 0 || s.sessions.count() != 1 {
		t.Errorf("got %+v", o)
	}
}

func TestOIDCSignOut(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	if address := s.get("/sign-out"); address != "" {
		t.Errorf("sign-out address without an operator: %s", address)
	}
	s.signInAs("")
	hint := s.sessions.onlySession(t).tokens.IDToken
	address, err := url.Parse(s.get("/sign-out"))
	if err != nil {
		t.Fatal(err)
	}
	if q := address.Query(); !strings.HasPrefix(address.String(), p.URL+"/end_session?") ||
		q.Get("id_token_hint") != hint ||
		q.Get("client_id") != p.ClientID ||
		q.Get("post_logout_redirect_uri") != s.server.URL+"/sign-out" {
		t.Errorf("got %s", address)
	}
	if o := s.currentOperator(); o.Authenticated() {
		t.Errorf("after signing out: %+v", o)
	}
	response, err := s.browser.Get(address.String())
	if err != nil {
		t.Fatal(err)
	}
	if _ = text(t, response); response.Request.URL.String() != s.server.URL+"/sign-out" {
		t.Errorf("the provider redirected to %s", response.Request.URL)
	}
	if _, asked := s.signInAs(""); !asked {
		t.Error("the session at the provider was not ended")
	}
}

func TestOIDCSignOutWithoutEndSessionEndpoint(t *testing.T) {
	t.Parallel()
	s, _ := withProvider(t, idptest.Options{NoEndSession: true})
	s.signInAs("")
	if address := s.get("/sign-out"); address != "" {
		t.Errorf("got %s", address)
	}
}

// TestOIDCIgnoresOtherSessions uses sessions of other sign-in methods and providers.
func TestOIDCIgnoresOtherSessions(t *testing.T) {
	t.Parallel()
	s, p := withProvider(t, idptest.Options{})
	s.signInAs("")
	for name, change := range map[string]func(*operator.Operator){
		"another provider": func(o *operator.Operator) { o.Issuer = "https://other.example" },
		"another way":      func(o *operator.Operator) { o.Issuer, o.Method = p.URL, operator.ProxyJWT },
		"a demo":           func(o *operator.Operator) { o.Issuer, o.Method = "demo", operator.Demo },
		"no subject":       func(o *operator.Operator) { o.Issuer, o.Method, o.Subject = p.URL, operator.OIDC, "" },
	} {
		s.sessions.updateAll(func(r *row) { change(&r.operator) })
		if o := s.currentOperator(); o.Authenticated() {
			t.Errorf("%s: %+v", name, o)
		}
		if address := s.get("/sign-out"); address != "" {
			t.Errorf("%s: sign-out address %s", name, address)
		}
		s.browser = idptest.NewBrowser(t)
		s.signInAs("")
	}
}

func TestOIDCUnderAPath(t *testing.T) {
	t.Parallel()
	c := new(clock)
	f := idptest.NewForger(t)
	s := newSite(t, c, identity.OIDCOptions{Issuer: f.URL, ClientID: f.ClientID, Reauthenticate: true}, "/vox")
	response, err := s.browser.Get(s.server.URL + "/vox/sign-in?back=/vox/keys")
	if err != nil {
		t.Fatal(err)
	}
	if page := text(t, response); page != "back to /vox/keys" || response.Request.URL.Path != "/vox/sign-in/callback" {
		t.Errorf("got %s from %s", page, response.Request.URL)
	}
}
