package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"golang.org/x/oauth2"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// errorCode is the form of an OAuth error code that is fit for a log.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// Finish reads the provider's answer, GET /sign-in/callback, and begins a session for the person it proves. back is
// what Begin was given. The error is a *Refused, is ErrAway, or says that the session could not be written.
func (p *OIDC) Finish(w http.ResponseWriter, r *http.Request) (o operator.Operator, returnTo string, err error) {
	response, err := parseResponse(r.URL.RawQuery)
	if err != nil {
		return operator.Operator{}, "", err
	}
	pending, err := p.attempts.consume(w, r, response.state)
	if err != nil {
		return operator.Operator{}, "", err
	}
	metadata, err := p.discovery.get(r.Context())
	if err != nil {
		return operator.Operator{}, "", err
	}
	if err := p.checkResponse(metadata, response); err != nil {
		return operator.Operator{}, "", err
	}
	ctx, cancel := context.WithTimeout(p.clientContext(r.Context()), exchangeTime)
	defer cancel()
	o, tokens, err := p.redeemCode(ctx, metadata, pending, response.code)
	if err != nil {
		return operator.Operator{}, "", err
	}
	if err := p.sessions.SignIn(w, r, o, tokens); err != nil {
		return operator.Operator{}, "", fmt.Errorf("beginning a session: %w", err)
	}
	return o, pending.returnTo, nil
}

// checkResponse looks at what the provider answered, before the code is used.
func (p *OIDC) checkResponse(metadata *providerMetadata, response authorizationResponse) error {
	switch {
	case response.issuer != "" && response.issuer != p.issuer:
		return &Refused{"the answer is another provider's"}
	case response.issuer == "" && metadata.IssParameterSupported:
		return &Refused{"the answer does not name its provider, although the provider says that it does"}
	case errorCode.MatchString(response.errorCode):
		return &Refused{"the provider answered " + response.errorCode}
	case response.errorCode != "":
		return &Refused{"the provider answered an error that is none of OAuth's"}
	case response.code == "":
		return &Refused{"the answer has no code"}
	}
	return nil
}

// verify trades the code for tokens and reads from them who the person is.
func (p *OIDC) redeemCode(
	ctx context.Context,
	metadata *providerMetadata,
	pending attempt,
	code string,
) (operator.Operator, session.Tokens, error) {
	token, err := p.oauthConfig(metadata).Exchange(ctx, code, oauth2.VerifierOption(pending.verifier))
	if err != nil {
		return operator.Operator{}, session.Tokens{}, tokenError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return operator.Operator{}, session.Tokens{}, &Refused{"the provider gave no ID token"}
	}
	id, err := p.verifyIDToken(ctx, metadata, raw, token.AccessToken)
	if err != nil {
		return operator.Operator{}, session.Tokens{}, err
	}
	switch {
	case id.nonce == "":
		return operator.Operator{}, session.Tokens{}, &Refused{"the ID token has no nonce"}
	case !constantTimeEqual(id.nonce, pending.nonce):
		return operator.Operator{}, session.Tokens{}, &Refused{
			"the ID token was made for another sign-in: its nonce is not ours",
		}
	}
	o := operator.Operator{Issuer: p.issuer, Subject: id.subject, Method: operator.OIDC}
	if o.ProvenAt, err = p.authenticatedAt(id, pending); err != nil {
		return operator.Operator{}, session.Tokens{}, err
	}
	if err := p.loadProfile(ctx, metadata, &o, id.claims, token.AccessToken); err != nil {
		return operator.Operator{}, session.Tokens{}, err
	}
	return o, p.sessionTokens(token, raw), nil
}

// authenticatedAt answers when the person last proved who they are: what the provider says, the zero time when it
// does not. For a provider that never says, a round trip of its own counts, which is less: see docs/decisions/0013.
func (p *OIDC) authenticatedAt(id idToken, pending attempt) (time.Time, error) {
	if !p.reauthenticate {
		return id.issuedAt, nil
	}
	switch at := id.authTime; {
	case at.After(p.now().Add(leeway)):
		return time.Time{}, &Refused{"the ID token says that the person proved themselves in the future"}
	case pending.reauthenticate && at.IsZero():
		return time.Time{}, &Refused{
			"the provider does not say when the person proved themselves; OIDC_REAUTHENTICATE=off is for such a provider",
		}
	case pending.reauthenticate && at.Before(pending.startedAt.Add(-leeway)):
		return time.Time{}, &Refused{"the provider did not ask the person again"}
	default:
		return at, nil
	}
}

// tokens is what of the tokens is kept. The library's own reckoning of the end uses another clock than ours.
func (p *OIDC) sessionTokens(token *oauth2.Token, idToken string) session.Tokens {
	kept := session.Tokens{IDToken: idToken, AccessToken: token.AccessToken, RefreshToken: token.RefreshToken}
	if token.ExpiresIn > 0 {
		kept.AccessExpires = p.now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	return kept
}

// tokenError says what became of a call to the token endpoint. The provider's own words are left out: they may quote
// what was sent.
func tokenError(err error) error {
	retrieveErr, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !ok:
		return unavailable("the token endpoint", err)
	case retrieveErr.Response.StatusCode >= http.StatusInternalServerError ||
		retrieveErr.Response.StatusCode == http.StatusTooManyRequests:
		return unavailable("the token endpoint", errors.New(retrieveErr.Response.Status))
	case retrieveErr.ErrorCode == "invalid_grant":
		return &Refused{"the provider refused the code: it was used before, is too old, or is not for this sign-in"}
	case retrieveErr.ErrorCode == "invalid_client" || retrieveErr.ErrorCode == "unauthorized_client":
		return &Refused{"the provider does not accept the console's client id and secret"}
	case errorCode.MatchString(retrieveErr.ErrorCode):
		return &Refused{"the token endpoint answered " + retrieveErr.ErrorCode}
	default:
		return &Refused{"the token endpoint answered an error that is none of OAuth's"}
	}
}
