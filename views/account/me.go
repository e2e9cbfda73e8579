package account

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Me is the operator's own page, at /me: identity, permissions, groups and sessions.
//
// Its forms post to /me: session, the hash of the session to end, or others=1 for all sessions except the current one.
type Me struct {
	Frame             page.Frame
	Name              string // "" when the sign-in sent none
	Email             string // "" when the sign-in sent none
	EmailVerified     bool   // the issuer has verified the address
	Identity          string // "issuer|subject", the value for the *_PEOPLE settings
	Issuer            string
	Method            string    // sign-in method, a constant of package operator
	SignedInAt        time.Time // zero when unknown
	Groups            []string
	GroupsStatus      operator.GroupsStatus
	GroupsClaim       string    // claim or header with the groups, "" where none is configured
	GroupsOmitted     int       // groups that are not in Groups
	GroupsAt          time.Time // zero when unknown
	Roles             []Role    // in ascending order; empty for an operator without access
	ConfirmHref       string    // path of a repeated sign-in, "" where it is not possible
	Sessions          []Session // newest use first
	Note              string    // a sentence about sessions behind a proxy, "" for none
	MayEndAllSessions bool      // links to the sessions of all operators
}

// Role is a dashboard role of the operator.
type Role struct {
	Name        string   // "viewer"
	Permissions []string // sentences
}

// Session is a session of one browser.
type Session struct {
	Hash     string // identifies the session, but grants no access
	SignedIn time.Time
	LastUsed time.Time
	Address  string // "" when unknown
	Browser  string // "Firefox on Linux"; "" when unknown
	Current  bool   // the session of this request
}

// maxVisibleGroups is the number of groups that are not collapsed.
const maxVisibleGroups = 20

// visibleGroups returns the groups that are not collapsed.
func (m Me) visibleGroups() []string { return m.Groups[:min(len(m.Groups), maxVisibleGroups)] }

func (m Me) hiddenGroups() []string { return m.Groups[len(m.visibleGroups()):] }

// noGroupsText returns why there are no groups. Operators send it to the administrators, so it names the claim.
func (m Me) noGroupsText() string {
	const notKnown = "Your groups are not known: "
	switch {
	case m.GroupsStatus == operator.GroupsMissing && m.GroupsClaim == "":
		return notKnown + "no source of groups is configured."
	case m.GroupsStatus == operator.GroupsMissing && m.Method == operator.ProxyHeader:
		return notKnown + m.identitySource() + " sent no header called “" + m.GroupsClaim + "”."
	case m.GroupsStatus == operator.GroupsMissing:
		return notKnown + m.identitySource() + " sent no claim called “" + m.GroupsClaim + "”."
	case m.GroupsStatus == operator.GroupsUnreadable:
		return notKnown + "the claim “" + m.GroupsClaim + "” has a form that this console cannot read."
	case m.GroupsStatus == operator.GroupsTooMany:
		return notKnown + m.identitySource() + " left them out, because there are too many."
	case m.GroupsStatus == operator.GroupsUnavailable:
		return notKnown + "they could not be read from " + m.identitySource() + "."
	default:
		return "None from " + m.identitySource() + "."
	}
}

// authenticationText returns who confirmed the operator's identity.
func (m Me) authenticationText() string {
	switch m.Method {
	case operator.OIDC:
		return "Your company's sign-in at " + m.Issuer
	case operator.ProxyJWT:
		return "The proxy in front of this console, with an assertion signed by " + m.Issuer
	case operator.ProxyHeader:
		return "The proxy in front of this console, with its headers"
	default:
		return "The demonstration, where you choose a role"
	}
}

// identitySource returns the source of the operator's name, e-mail and groups.
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

// emailTrustText returns whether the e-mail address can give roles.
func (m Me) emailTrustText() string {
	if m.EmailVerified {
		return "verified by " + m.identitySource()
	}
	return "not verified, so it gives you no role here"
}

// addedPermissions returns the permissions of the i-th role that the roles before it lack.
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

// describe returns a phrase that identifies the session.
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
