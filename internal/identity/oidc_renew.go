package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

const (
	// renewTime bounds a renewal, since a request waits for it.
	renewTime = 3 * time.Second
	// otherReplicaDelay is how long a session whose refresh token was refused is left to another replica that may have
	// used the token a moment before and not yet written down the new one.
	otherReplicaDelay = 250 * time.Millisecond
)

var (
	// errRefreshRefused says that the provider refuses the refresh token: the person was disabled or signed out there.
	errRefreshRefused = errors.New("the provider refuses the refresh token")
	// errNoUsableToken says that the sign-in left nothing to ask with; that is how some providers are, and no news.
	errNoUsableToken = errors.New("the sign-in has no refresh token, and its access token is over")
)

// renewOnce renews a session unless that failed a moment ago. Requests of the same session that come meanwhile wait
// for the outcome and share it: a refresh token that rotates must not be used twice.
func (p *OIDC) renewOnce(w http.ResponseWriter, r *http.Request, o operator.Operator) (operator.Operator, error) {
	hash := p.sessions.Hash(r)
	if hash == "" || p.renewals.paused(hash) {
		return o, nil
	}
	renewed, err, _ := p.renewals.flights.Do(hash, func() (any, error) {
		// A browser that goes away must not lose a token that the provider has already exchanged.
		return p.renew(w, r.WithContext(context.WithoutCancel(r.Context())), hash)
	})
	o, _ = renewed.(operator.Operator)
	return o, err
}

// renew asks the provider for a session's person again. The session is read anew before, between and after, since
// another request or replica may have renewed it or ended it.
func (p *OIDC) renew(w http.ResponseWriter, r *http.Request, hash string) (operator.Operator, error) {
	o, old, err := p.reloadSession(r)
	if err != nil || !p.isFromProvider(o) || p.hasFreshGroups(o) {
		return o, err
	}
	ctx, cancel := context.WithTimeout(p.clientContext(r.Context()), renewTime)
	defer cancel()
	renewed, tokens, err := p.refreshGroups(ctx, o, old)
	if errors.Is(err, errRefreshRefused) {
		return p.endUnlessRenewed(w, r, old)
	}
	if err != nil {
		p.renewals.pause(hash)
	}
	if err != nil && !errors.Is(err, errNoUsableToken) {
		p.logger.WarnContext(
			ctx,
			"the provider could not be asked for an operator's groups",
			"operator",
			o.ID(),
			"told",
			o.GroupsAt,
			"error",
			err,
		)
	}
	if tokens == old && err != nil {
		return o, nil
	}
	// Also when the groups stay unknown: the old refresh token may be worth nothing any more.
	if err := p.sessions.Renew(w, r, renewed, tokens); err != nil {
		// What the provider said is true all the same, so the request goes on.
		p.renewals.pause(hash)
		p.logger.ErrorContext(ctx, "an operator's renewed sign-in could not be kept", "operator", o.ID(), "error", err)
		return renewed, nil
	}
	kept, _, err := p.reloadSession(r)
	return kept, err
}

// refreshGroups asks the provider for a person's groups, by the refresh token, else by the access token. The proof that
// it answers is to be kept even with an error; the operator is as it was then.
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
	if claims == nil && metadata.UserInfo == "" {
		return o, tokens, errors.New("the provider has no userinfo and gave no ID token")
	}
	renewed := o
	if err := p.loadProfile(ctx, metadata, &renewed, claims, tokens.AccessToken); err != nil {
		return o, tokens, err
	}
	return renewed, tokens, nil
}

// refreshTokens uses the refresh token. The claims are nil when no ID token came with the answer.
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
		err = &Refused{"the renewed ID token names somebody else"}
	}
	if err != nil {
		return p.sessionTokens(token, old.IDToken), nil, err
	}
	return p.sessionTokens(token, raw), id.claims, nil
}

// endUnlessRenewed ends a session whose refresh token the provider refuses, unless the token is no longer the
// session's: then somebody else used it first, and what they were told holds.
func (p *OIDC) endUnlessRenewed(w http.ResponseWriter, r *http.Request, old session.Tokens) (operator.Operator, error) {
	for wait := range 2 {
		o, current, err := p.reloadSession(r)
		if err != nil || !p.isFromProvider(o) || current.RefreshToken != old.RefreshToken {
			return o, err
		}
		if wait == 0 {
			<-time.After(otherReplicaDelay)
			continue
		}
		if err := p.sessions.SignOut(w, r); err != nil {
			return operator.Operator{}, fmt.Errorf("ending a session: %w", err)
		}
		p.logger.InfoContext(r.Context(), "a session ended: the provider says that the sign-in is over", "operator", o.ID())
	}
	return operator.Operator{}, nil
}

// reloadSession reads the session as it is now, not as this request read it before. It answers nobody for a session
// that was ended or is not this provider's.
func (p *OIDC) reloadSession(r *http.Request) (operator.Operator, session.Tokens, error) {
	fresh := r.WithContext(contextWithoutValues{r.Context()})
	o, err := p.sessions.Operator(fresh)
	if err != nil || !p.isFromProvider(o) {
		return operator.Operator{}, session.Tokens{}, err
	}
	tokens, err := p.sessions.Tokens(fresh)
	if err != nil {
		return operator.Operator{}, session.Tokens{}, fmt.Errorf("reading a session's proof: %w", err)
	}
	return o, tokens, nil
}

// contextWithoutValues is a context without its values, one of which is the session as it was read at the request's
// begin.
type contextWithoutValues struct{ context.Context }

// Value implements context.Context.
func (contextWithoutValues) Value(any) any { return nil }
