package account

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Me is the reader's own page, at /me. They come because something is refused and ask as whom the console knows them,
// and why that allows no more; because they have no role yet and need the line that whoever runs the console asks for;
// or because they left a browser open somewhere and want it signed out.
//
// Its forms post to /me: session, the hash of the one to end; or others=1 for all but the one in use.
type Me struct {
	Frame             page.Frame
	Name              string // as the sign-in told it, "" when it told none
	Email             string // "" when the sign-in told none
	EmailVerified     bool   // whether the issuer vouches for the address
	Identity          string // "issuer|subject", as the *_PEOPLE settings take it
	Issuer            string
	Method            string    // how the person was proven, one of the constants of operator
	SignedInAt        time.Time // zero when nobody told
	Groups            []string
	GroupsAt          time.Time // zero when nobody told
	Roles             []Role    // from the least to the most; none is somebody who may do nothing here
	ConfirmHref       string    // path where one proves oneself anew, "" where that cannot be asked for
	Sessions          []Session // newest use first
	Note              string    // a sentence about sessions, "" for none: what ending one does not do behind a proxy
	MayEndAllSessions bool      // draws the way to everyone's sessions
}

// Role is a dashboard role of the reader.
type Role struct {
	Name        string   // "viewer"
	Permissions []string // what it lets one do, in sentences
}

// Session is one browser that is signed in.
type Session struct {
	Hash     string // tells it from others, and opens nothing
	SignedIn time.Time
	LastUsed time.Time
	Address  string // "" when not known
	Browser  string // in short, "Firefox on Linux"; "" when not known
	Current  bool   // the one that asks for the page
}

// maxVisibleGroups is how many groups are drawn before the others wait behind a click.
const maxVisibleGroups = 20

// visibleGroups and rest divide the groups into those that are drawn at once and those behind a click.
func (m Me) visibleGroups() []string { return m.Groups[:min(len(m.Groups), maxVisibleGroups)] }

func (m Me) hiddenGroups() []string { return m.Groups[len(m.visibleGroups()):] }

// authenticationText says who proved the reader.
func (m Me) authenticationText() string {
	switch m.Method {
	case operator.OIDC:
		return "Your company's sign-in at " + m.Issuer
	case operator.ProxyJWT:
		return "The proxy in front of this console, by an assertion that " + m.Issuer + " signed"
	case operator.ProxyHeader:
		return "The proxy in front of this console, by the headers it sets"
	default:
		return "The demonstration, where everybody chooses who to be"
	}
}

// identitySource is what knows more of the reader than the console does.
func (m Me) identitySource() string {
	switch m.Method {
	case operator.OIDC:
		return "your company's sign-in"
	case operator.ProxyJWT, operator.ProxyHeader:
		return "the proxy"
	default:
		return "the demonstration"
	}
}

// emailTrustText says what the e-mail address is worth.
func (m Me) emailTrustText() string {
	if m.EmailVerified {
		return m.identitySource() + " vouches for it"
	}
	return "nobody vouches for it, so it gives you no role here"
}

// addedPermissions lists what the i-th role allows that the roles before it do not.
func (m Me) addedPermissions(i int) []string {
	before := map[string]bool{}
	for _, r := range m.Roles[:i] {
		for _, s := range r.Permissions {
			before[s] = true
		}
	}
	var more []string
	for _, s := range m.Roles[i].Permissions {
		if !before[s] {
			more = append(more, s)
		}
	}
	return more
}

// describe tells a session from others in words.
func (s Session) describe() string {
	switch {
	case s.Address != "" && s.Browser != "":
		return "from " + s.Address + ", " + s.Browser
	case s.Address != "" || s.Browser != "":
		return "from " + s.Address + s.Browser
	default:
		return "of " + ui.UTC(s.SignedIn)
	}
}
