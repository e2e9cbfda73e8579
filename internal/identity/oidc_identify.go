package identity

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// groupsMaxAge is how old an operator's groups may get before the provider is asked for them again. It is less than
// the fifteen minutes after which writes are refused, so that whoever keeps working never meets that refusal.
const groupsMaxAge = 14 * time.Minute

// Identify answers who signed in with the request's session. A session that another way of signing in began, or that
// another provider vouched for, counts for nothing.
//
// Groups that are older than 14 minutes are asked for anew, at most 3 s long. When the provider says that the
// sign-in is over, the session ends here too and nobody is signed in; when it cannot say, the operator stays as
// remembered, with GroupsAt telling how old that is.
func (p *OIDC) Identify(w http.ResponseWriter, r *http.Request) (operator.Operator, error) {
	o, err := p.sessions.Operator(r)
	switch {
	case err != nil:
		return operator.Operator{}, fmt.Errorf("reading who is signed in: %w", err)
	case !p.isFromProvider(o):
		return operator.Operator{}, nil
	case p.hasFreshGroups(o):
		return o, nil
	}
	return p.renewOnce(w, r, o)
}

// isFromProvider says whether an operator was proven by this provider.
func (p *OIDC) isFromProvider(o operator.Operator) bool {
	return o.Authenticated() && o.Method == operator.OIDC && o.Issuer == p.issuer
}

// hasFreshGroups says whether an operator's groups need not be asked for yet. Groups from the future come from a
// clock that was wrong, so they are.
func (p *OIDC) hasFreshGroups(o operator.Operator) bool {
	age := p.now().Sub(o.GroupsAt)
	return age < groupsMaxAge && age > -leeway
}
