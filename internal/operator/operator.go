// Package operator says who is using the console. It is a leaf: every other package may import it.
package operator

import "time"

// The ways in which a person can be proven, as Operator.Method has them.
const (
	Demo        = "demo"
	OIDC        = "oidc"
	ProxyJWT    = "proxy-jwt"
	ProxyHeader = "proxy-header"
)

// Operator is the person behind a request, as the sign-in proved them.
//
// A person is known by Issuer and Subject together, never by e-mail alone: an address can be handed on,
// and two providers may use the same one.
type Operator struct {
	Issuer        string    // who vouches for this person, a URL, "proxy" or "demo"
	Subject       string    // the issuer's own, stable name for this person
	Name          string    // for display only
	Email         string    // for display, and for mapping people when EmailVerified
	EmailVerified bool      // whether the issuer says that the address is this person's
	Groups        []string  // the issuer's groups, from which dashboard roles follow
	GroupsAt      time.Time // when the issuer last told the groups
	Method        string    // how the sign-in was proven, one of the constants above
	ProvenAt      time.Time // when the person last proved who they are; zero when the issuer does not say
}

// ID is the operator's stable identity, "issuer|subject", as the *_PEOPLE settings write it.
func (o Operator) ID() string { return o.Issuer + "|" + o.Subject }

// Display is the name to show for the operator: the name, else the e-mail, else the subject.
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

// Authenticated says whether anybody is signed in at all; the zero Operator is nobody.
func (o Operator) Authenticated() bool { return o.Issuer != "" && o.Subject != "" }
