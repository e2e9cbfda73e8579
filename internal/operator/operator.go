// Package operator holds the type of a person who uses the console. It is a leaf: every package may import it.
package operator

import "time"

// The values of Operator.Method: how the operator signed in.
const (
	Demo        = "demo"
	OIDC        = "oidc"
	ProxyJWT    = "proxy-jwt"
	ProxyHeader = "proxy-header"
)

// GroupsStatus is how the issuer sent an operator's groups.
type GroupsStatus string

// The values of GroupsStatus. Only with GroupsSent the issuer has said which groups the operator has.
const (
	GroupsSent        GroupsStatus = ""            // in the claim or header, which may list none
	GroupsMissing     GroupsStatus = "missing"     // without the claim or header
	GroupsUnreadable  GroupsStatus = "unreadable"  // in a form that the console does not read
	GroupsTooMany     GroupsStatus = "too many"    // left out by the issuer, because there are too many
	GroupsUnavailable GroupsStatus = "unavailable" // not in the ID token, and userinfo could not be read
)

// Operator is the authenticated person behind a request.
//
// Issuer and Subject together identify a person. An e-mail address does not: it can pass to another person, and two
// issuers may know different people by the same one.
type Operator struct {
	Issuer        string    // a URL, "proxy" or "demo"
	Subject       string    // the issuer's stable identifier
	Name          string    // for display only
	Email         string    // for display; when EmailVerified, also for the mapping to dashboard roles
	EmailVerified bool      // the issuer has verified the address
	Groups        []string  // the issuer's groups, which map to dashboard roles
	GroupsAt      time.Time // when the issuer last reported the groups
	GroupsStatus  GroupsStatus
	GroupsClaim   string    // the claim or header with the groups, "" where none is configured
	GroupsOmitted int       // groups beyond those in Groups; they map to no dashboard role
	Method        string    // one of the constants above
	ProvenAt      time.Time // when the person last authenticated; zero when the issuer does not report it
}

// ID returns the operator's stable identity, "issuer|subject", as in the *_PEOPLE settings.
func (o Operator) ID() string { return o.Issuer + "|" + o.Subject }

// Display returns the name to show: the name, else the e-mail address, else the subject.
func (o Operator) Display() string {
	switch {
	case o.Name != "":
		return o.Name
	case o.Email != "":
		return o.Email
	default:
		return o.Subject
	}
}

// Authenticated reports whether the operator is signed in. The zero Operator is not.
func (o Operator) Authenticated() bool { return o.Issuer != "" && o.Subject != "" }
