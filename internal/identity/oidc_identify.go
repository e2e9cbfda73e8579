package identity

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// groupsMaxAge is the age at which an operator's groups are requested again. It is less than the 15 minutes after which
// policy refuses changes, so that active operators are not interrupted.
const groupsMaxAge = 14 * time.Minute

// Identify returns the operator of the request's session. It ignores sessions of other sign-in methods and providers.
//
// It requests groups older than 14 minutes from the provider again, which takes at most 3 seconds. If the provider
// refuses, the session ends, and the result is the zero Operator. If the provider is unavailable, the operator keeps
// the known groups, and GroupsAt is their time.
func (p *OIDC) Identify(w http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	o, err := p.sessions.Operator(r)
	switch {
	case err != nil:
		return operator.Operator{}, fmt.Errorf("reading the session: %w", err)
	case !p.isFromProvider(o):
		return operator.Operator{}, nil
	case p.hasFreshGroups(o):
		return o, nil
	}
	return p.renewOnce(w, r, o)
}

// isFromProvider reports whether this provider identified the operator.
func (p *OIDC) isFromProvider(o operator.Operator) bool {
	return o.Authenticated() && o.Method == operator.OIDC && o.Issuer == p.issuer
}

// hasFreshGroups reports whether an operator's groups are new enough. A time in the future comes from a wrong clock,
// and does not count as fresh.
func (p *OIDC) hasFreshGroups(o operator.Operator) bool {
	age := p.now().Sub(o.GroupsAt)
	return age < groupsMaxAge && age > -leeway
}
