package identity

import (
	"context"
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
	case p.hasFreshGroups(o, groupsMaxAge):
		return o, nil
	}
	hash := p.sessions.Hash(r)
	if hash == "" || p.renewals.paused(hash) {
		return o, nil
	}
	renewed, refused, err := p.renewOnce(r.Context(), hash, groupsMaxAge)
	switch {
	case err != nil:
		return operator.Operator{}, err
	case refused:
		if err := p.sessions.SignOut(w, r); err != nil {
			return operator.Operator{}, fmt.Errorf("ending a session: %w", err)
		}
	default:
		if err := p.sessions.Reload(r); err != nil {
			return operator.Operator{}, fmt.Errorf("reading a renewed session: %w", err)
		}
	}
	return renewed, nil
}

// bulkGroupsMaxAge is the age at which the groups of an operator are requested again between the items of a bulk
// change.
const bulkGroupsMaxAge = time.Minute

// Current returns the operator with an id, "issuer|subject", for a bulk change that it started: with groups that are at
// most a minute old, if the provider sends them again. GroupsAt is their time. found is false when the operator has no
// session. If the provider refuses, the session ends, and the result is that there is none.
func (p *OIDC) Current(ctx context.Context, id string) (o operator.Operator, found bool, err error) {
	hash, o, err := p.sessions.Newest(ctx, id)
	switch {
	case err != nil:
		return operator.Operator{}, false, fmt.Errorf("reading the sessions of an operator: %w", err)
	case !p.isFromProvider(o):
		return operator.Operator{}, false, nil
	case p.hasFreshGroups(o, bulkGroupsMaxAge) || p.renewals.paused(hash):
		return o, true, nil
	}
	o, _, err = p.renewOnce(ctx, hash, bulkGroupsMaxAge)
	return o, o.Authenticated(), err
}

// HasSession reports whether there is a valid session with a hash.
func (p *OIDC) HasSession(ctx context.Context, hash string) (bool, error) {
	o, _, err := p.loadSession(ctx, hash)
	return o.Authenticated(), err
}

// isFromProvider reports whether this provider identified the operator.
func (p *OIDC) isFromProvider(o operator.Operator) bool {
	return o.Authenticated() && o.Method == operator.OIDC && o.Issuer == p.issuer
}

// hasFreshGroups reports whether an operator's groups are younger than maxAge. A time in the future comes from a wrong
// clock, and does not count as fresh.
func (p *OIDC) hasFreshGroups(o operator.Operator, maxAge time.Duration) bool {
	age := p.now().Sub(o.GroupsAt)
	return age < maxAge && age > -leeway
}
