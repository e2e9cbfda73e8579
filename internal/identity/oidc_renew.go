package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

const (
	// renewTime limits a renewal, because a request waits for it.
	renewTime = 3 * time.Second
	// renewWait limits a renewal with what it reads from and writes to the database.
	renewWait = 15 * time.Second
	// otherReplicaDelay is the time that another replica may need to store a new refresh token after using the old one.
	otherReplicaDelay = 250 * time.Millisecond
)

var (
	// errRefreshRefused means that the provider disabled the operator or ended the sign-in.
	errRefreshRefused = errors.New("the provider refuses the refresh token")
	// errNoUsableToken is normal for providers without refresh tokens, and is not logged.
	errNoUsableToken = errors.New("the sign-in has no refresh token, and its access token has expired")
	// errGroupsNotSent means that the provider sent the groups at the sign-in, and does not send them now. That does
	// not mean that the operator has none: Entra ID and others send groups only in the ID token of a sign-in.
	errGroupsNotSent = errors.New("the provider sent the groups at the sign-in, but not at their renewal")
)

// renewOnce requests the groups of a session again that are older than maxAge, unless a renewal failed within the
// pause. It returns the zero Operator when the session has ended; refused reports that it did because the provider
// refused. Concurrent callers for one session wait and share the result: a rotating refresh token must not be used
// twice.
func (p *OIDC) renewOnce(
	ctx context.Context,
	hash string,
	maxAge time.Duration,
) (o operator.Operator, refused bool, err error) {
	result, err, _ := p.renewals.flights.Do(hash, func() (any, error) {
		// If the browser disconnects, the new token must still be stored. Other requests wait for it.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewWait)
		defer cancel()
		return p.renew(detached, hash, maxAge)
	})
	if renewed, ok := result.(renewal); ok {
		return renewed.operator, renewed.refused, err
	}
	return operator.Operator{}, false, err
}

// renewal is the result of a renewal.
type renewal struct {
	operator operator.Operator // zero when the session has ended
	refused  bool              // the provider refused, and the session was ended
}

// renew requests the operator's groups from the provider. It reads the session again before, during and after that,
// because another request or replica may have renewed or ended it.
func (p *OIDC) renew(ctx context.Context, hash string, maxAge time.Duration) (renewal, error) {
	o, old, err := p.loadSession(ctx, hash)
	if err != nil || !p.isFromProvider(o) || p.hasFreshGroups(o, maxAge) {
		return renewal{operator: o}, err
	}
	limited, cancel := context.WithTimeout(p.clientContext(ctx), renewTime)
	defer cancel()
	renewed, tokens, err := p.refreshGroups(limited, o, old)
	if errors.Is(err, errRefreshRefused) {
		return p.endUnlessRenewed(ctx, hash, old)
	}
	if err != nil {
		p.renewalFailed(limited, o, hash, err)
	}
	if tokens == old && err != nil {
		return renewal{operator: o}, nil
	}
	// Store the tokens even without groups: the old refresh token may be invalid now.
	if err := p.sessions.Renew(ctx, hash, renewed, tokens); err != nil {
		// The groups from the provider are still valid for this request.
		p.renewals.pause(hash, renewPause)
		p.logger.ErrorContext(ctx, "storing a renewed sign-in failed", "operator", o.ID(), "error", err)
		return renewal{operator: renewed}, nil
	}
	kept, _, err := p.loadSession(ctx, hash)
	return renewal{operator: kept}, err
}

// renewalFailed begins the pause before the next renewal, and logs the error. That the provider does not send groups at
// a renewal is logged for the first operator only.
func (p *OIDC) renewalFailed(ctx context.Context, o operator.Operator, hash string, err error) {
	log := func() {
		p.logger.WarnContext(
			ctx,
			"renewing the groups of an operator failed",
			"operator", o.ID(),
			"groups_at", o.GroupsAt,
			"error", err,
		)
	}
	switch {
	case errors.Is(err, errGroupsNotSent):
		p.renewals.pause(hash, groupsNotSentPause)
		p.renewals.groupsNotSent.Do(log)
	case errors.Is(err, errNoUsableToken):
		p.renewals.pause(hash, renewPause)
	default:
		p.renewals.pause(hash, renewPause)
		log()
	}
}

// refreshGroups requests the operator's groups with the refresh token, or with the access token if there is none. The
// returned tokens must be stored even with an error; the returned operator is unchanged then, with groups as old as
// before.
func (p *OIDC) refreshGroups(
	ctx context.Context,
	o operator.Operator,
	old session.Tokens,
) (operator.Operator, session.Tokens, error) {
	metadata, err := p.discovery.get(ctx)
	if err != nil {
		return o, old, err
	}
	tokens, claims := old, map[string]any(nil)
	if old.RefreshToken != "" {
		if tokens, claims, err = p.refreshTokens(ctx, metadata, o, old); err != nil {
			return o, tokens, err
		}
	} else if old.AccessToken == "" || !old.AccessExpires.IsZero() && !p.now().Before(old.AccessExpires) {
		return o, old, errNoUsableToken
	}
	renewed := o
	if err := p.loadProfile(ctx, metadata, &renewed, claims, tokens.AccessToken); err != nil {
		return o, tokens, err
	}
	unavailable := renewed.GroupsStatus == operator.GroupsUnavailable
	switch {
	case renewed.GroupsStatus == operator.GroupsSent:
		return renewed, tokens, nil
	case o.GroupsStatus == operator.GroupsSent && !unavailable:
		return o, tokens, errGroupsNotSent
	case o.GroupsStatus == operator.GroupsSent:
		return o, tokens, errors.New("the provider's userinfo, which may have the groups, cannot be read")
	case old.RefreshToken == "" && (unavailable || metadata.UserInfo == ""):
		return o, tokens, errors.New("the provider has neither accepted a refresh token nor sent userinfo")
	}
	return renewed, tokens, nil // without groups before and now; the provider has confirmed the operator
}

// refreshTokens exchanges the refresh token for new tokens. The claims are nil if the response has no ID token.
func (p *OIDC) refreshTokens(
	ctx context.Context,
	metadata *providerMetadata,
	o operator.Operator,
	old session.Tokens,
) (session.Tokens, map[string]any, error) {
	token, err := p.oauthConfig(metadata).TokenSource(ctx, &oauth2.Token{RefreshToken: old.RefreshToken}).Token()
	if retrieveErr, ok := errors.AsType[*oauth2.RetrieveError](err); ok && retrieveErr.ErrorCode == "invalid_grant" &&
		retrieveErr.Response.StatusCode < 500 {
		return old, nil, errRefreshRefused
	}
	if err != nil {
		return old, nil, tokenError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return p.sessionTokens(token, old.IDToken), nil, nil
	}
	id, err := p.verifyIDToken(ctx, metadata, raw, token.AccessToken)
	if err == nil && id.subject != o.Subject {
		err = &Refused{"the renewed ID token has another subject"}
	}
	if err != nil {
		return p.sessionTokens(token, old.IDToken), nil, err
	}
	return p.sessionTokens(token, raw), id.claims, nil
}

// endUnlessRenewed ends a session after the provider refused its refresh token, unless the session has a new refresh
// token by now: then another request or replica has renewed it.
func (p *OIDC) endUnlessRenewed(ctx context.Context, hash string, old session.Tokens) (renewal, error) {
	for wait := range 2 {
		o, current, err := p.loadSession(ctx, hash)
		if err != nil || !p.isFromProvider(o) || current.RefreshToken != old.RefreshToken {
			return renewal{operator: o}, err
		}
		if wait == 0 {
			<-time.After(otherReplicaDelay)
			continue
		}
		if err := p.sessions.EndRefused(ctx, hash, o); err != nil {
			return renewal{}, fmt.Errorf("ending a session: %w", err)
		}
		p.logger.InfoContext(ctx, "session ended because the provider refused its renewal", "operator", o.ID())
	}
	return renewal{refused: true}, nil
}

// loadSession reads the session from the database. It returns the zero Operator if the session was ended or belongs to
// another provider.
func (p *OIDC) loadSession(ctx context.Context, hash string) (operator.Operator, session.Tokens, error) {
	o, tokens, err := p.sessions.Load(ctx, hash)
	if err != nil {
		return operator.Operator{}, session.Tokens{}, fmt.Errorf("reading a session: %w", err)
	}
	if !p.isFromProvider(o) {
		return operator.Operator{}, session.Tokens{}, nil
	}
	return o, tokens, nil
}
