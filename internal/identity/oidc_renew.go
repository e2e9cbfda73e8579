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
	// settleTime is how long a session whose refresh token was refused is left to another replica that may have
	// used the token a moment before and not yet written down the new one.
	settleTime = 250 * time.Millisecond
)

var (
	// errOver says that the provider refuses the refresh token: the person was disabled or signed out there.
	errOver = errors.New("the provider refuses the refresh token")
	// errNothing says that the sign-in left nothing to ask with; that is how some providers are, and no news.
	errNothing = errors.New("the sign-in has no refresh token, and its access token is over")
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
	o, held, err := p.reread(r)
	if err != nil || !p.ours(o) || p.recent(o) {
		return o, err
	}
	ctx, cancel := context.WithTimeout(p.asking(r.Context()), renewTime)
	defer cancel()
	renewed, proof, err := p.askAgain(ctx, o, held)
	if errors.Is(err, errOver) {
		return p.endUnlessRenewed(w, r, held)
	}
	if err != nil {
		p.renewals.pause(hash)
	}
	if err != nil && !errors.Is(err, errNothing) {
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
	if proof == held && err != nil {
		return o, nil
	}
	// Also when the groups stay unknown: the old refresh token may be worth nothing any more.
	if err := p.sessions.Renew(w, r, renewed, proof); err != nil {
		// What the provider said is true all the same, so the request goes on.
		p.renewals.pause(hash)
		p.logger.ErrorContext(ctx, "an operator's renewed sign-in could not be kept", "operator", o.ID(), "error", err)
		return renewed, nil
	}
	kept, _, err := p.reread(r)
	return kept, err
}

// askAgain asks the provider for a person's groups, by the refresh token, else by the access token. The proof that
// it answers is to be kept even with an error; the operator is as it was then.
func (p *OIDC) askAgain(
	ctx context.Context,
	o operator.Operator,
	held session.Proof,
) (operator.Operator, session.Proof, error) {
	at, err := p.discovery.get(ctx)
	if err != nil {
		return o, held, err
	}
	proof, claims := held, map[string]any(nil)
	if held.RefreshToken != "" {
		if proof, claims, err = p.refresh(ctx, at, o, held); err != nil {
			return o, proof, err
		}
	} else if held.AccessToken == "" || !held.AccessExpires.IsZero() && !p.now().Before(held.AccessExpires) {
		return o, held, errNothing
	}
	if claims == nil && at.UserInfo == "" {
		return o, proof, errors.New("the provider has no userinfo and gave no ID token")
	}
	renewed := o
	if err := p.describe(ctx, at, &renewed, claims, proof.AccessToken); err != nil {
		return o, proof, err
	}
	return renewed, proof, nil
}

// refresh uses the refresh token. The claims are nil when no ID token came with the answer.
func (p *OIDC) refresh(
	ctx context.Context,
	at *provider,
	o operator.Operator,
	held session.Proof,
) (session.Proof, map[string]any, error) {
	token, err := p.exchange(at).TokenSource(ctx, &oauth2.Token{RefreshToken: held.RefreshToken}).Token()
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answer.ErrorCode == "invalid_grant" &&
		answer.Response.StatusCode < 500 {
		return held, nil, errOver
	}
	if err != nil {
		return held, nil, tokenError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return p.proof(token, held.IDToken), nil, nil
	}
	id, err := p.verify(ctx, at, raw, token.AccessToken)
	if err == nil && id.subject != o.Subject {
		err = &Refused{"the renewed ID token names somebody else"}
	}
	if err != nil {
		return p.proof(token, held.IDToken), nil, err
	}
	return p.proof(token, raw), id.claims, nil
}

// endUnlessRenewed ends a session whose refresh token the provider refuses, unless the token is no longer the
// session's: then somebody else used it first, and what they were told holds.
func (p *OIDC) endUnlessRenewed(w http.ResponseWriter, r *http.Request, held session.Proof) (operator.Operator, error) {
	for wait := range 2 {
		o, now, err := p.reread(r)
		if err != nil || !p.ours(o) || now.RefreshToken != held.RefreshToken {
			return o, err
		}
		if wait == 0 {
			<-time.After(settleTime)
			continue
		}
		if err := p.sessions.SignOut(w, r); err != nil {
			return operator.Operator{}, fmt.Errorf("ending a session: %w", err)
		}
		p.logger.InfoContext(r.Context(), "a session ended: the provider says that the sign-in is over", "operator", o.ID())
	}
	return operator.Operator{}, nil
}

// reread reads the session as it is now, not as this request read it before. It answers nobody for a session that
// was ended or is not this provider's.
func (p *OIDC) reread(r *http.Request) (operator.Operator, session.Proof, error) {
	anew := r.WithContext(forgetful{r.Context()})
	o, err := p.sessions.Operator(anew)
	if err != nil || !p.ours(o) {
		return operator.Operator{}, session.Proof{}, err
	}
	proof, err := p.sessions.Proof(anew)
	if err != nil {
		return operator.Operator{}, session.Proof{}, fmt.Errorf("reading a session's proof: %w", err)
	}
	return o, proof, nil
}

// forgetful is a context without its values, one of which is the session as it was read at the request's begin.
type forgetful struct{ context.Context }

// Value implements context.Context.
func (forgetful) Value(any) any { return nil }
