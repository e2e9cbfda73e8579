package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// standardErrors returns the error codes of RFC 6749 (sections 4.1.2.1 and 5.2) and OpenID Connect Core 1.0 (section
// 3.1.2.6).
func standardErrors() []Reason {
	return []Reason{
		"access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_client",
		"invalid_grant", "invalid_request", "invalid_request_object", "invalid_request_uri", "invalid_scope",
		"login_required", "registration_not_supported", "request_not_supported", "request_uri_not_supported",
		"server_error", "temporarily_unavailable", "unauthorized_client", "unsupported_grant_type",
		"unsupported_response_type",
	}
}

// standardError returns a provider's error code if it is a standard one, since any other text is not ours.
func standardError(code string) (standard Reason, known bool) {
	codes := standardErrors()
	i := slices.IndexFunc(codes, func(c Reason) bool { return string(c) == code })
	if i < 0 {
		return "", false
	}
	return codes[i], true
}

// Finish verifies the provider's response (GET /sign-in/callback) and starts a session for the operator. returnTo is
// the path from Begin. The error wraps a *Refused, which may be in an *Unfinished, wraps ErrUnavailable, or is an error
// of writing the session.
func (p *OIDC) Finish(w http.ResponseWriter, r *http.Request) (o operator.Operator, returnTo string, err error) {
	response, err := parseResponse(r.URL.RawQuery)
	if err != nil {
		return operator.Operator{}, "", err
	}
	pending, err := p.startedSignIn(w, r, response)
	if err != nil {
		return operator.Operator{}, "", err
	}
	metadata, err := p.discovery.get(r.Context())
	if err != nil {
		return operator.Operator{}, "", err
	}
	if err := p.checkResponse(metadata, pending, response); err != nil {
		return operator.Operator{}, "", err
	}
	ctx, cancel := context.WithTimeout(p.clientContext(r.Context()), exchangeTime)
	defer cancel()
	o, tokens, err := p.redeemCode(ctx, metadata, pending, response.code)
	if err != nil {
		return operator.Operator{}, "", err
	}
	if err := p.sessions.SignIn(w, r, o, tokens); err != nil {
		return operator.Operator{}, "", fmt.Errorf("starting a session: %w", err)
	}
	return o, pending.returnTo, nil
}

// startedSignIn returns the sign-in in progress that a response belongs to. The error is an *Unfinished if there is
// none, with the provider's error if the response has one.
func (p *OIDC) startedSignIn(
	w http.ResponseWriter,
	r *http.Request,
	response authorizationResponse,
) (attempt, error) {
	providerError, cause := response.providerError(), causeOf(response.errorCode)
	if response.state == "" && providerError != nil {
		return attempt{}, unfinished(attempt{}, cause, providerError)
	}
	pending, err := p.attempts.consume(w, r, response.state)
	if err == nil {
		return pending, nil
	}
	if providerError != nil {
		err = providerError
	}
	ended := unfinished(pending, cause, err)
	ended.Old = !pending.reauthenticate
	return attempt{}, ended
}

// checkResponse checks the provider's response before the code is used.
func (p *OIDC) checkResponse(metadata *providerMetadata, pending attempt, response authorizationResponse) error {
	switch {
	case response.issuer != "" && response.issuer != p.issuer:
		return &Refused{"the response is from another provider"}
	case response.errorCode != "":
		return unfinished(pending, causeOf(response.errorCode), response.providerError())
	case response.issuer == "" && metadata.IssParameterSupported:
		return &Refused{"the response has no iss parameter, although the provider supports it"}
	case response.code == "":
		return &Refused{"the response has no code"}
	}
	return nil
}

// redeemCode exchanges the code for tokens, and returns the operator in them.
func (p *OIDC) redeemCode(
	ctx context.Context,
	metadata *providerMetadata,
	pending attempt,
	code string,
) (operator.Operator, session.Tokens, error) {
	token, err := p.oauthConfig(metadata).Exchange(ctx, code, oauth2.VerifierOption(pending.verifier))
	if retrieveErr, ok := errors.AsType[*oauth2.RetrieveError](err); ok && retrieveErr.ErrorCode == "invalid_grant" {
		// A second request with the same code, as after a reload, arrives here if it was faster than the first response.
		ended := unfinished(pending, NoProviderError, tokenError(err))
		ended.Old = !pending.reauthenticate
		return operator.Operator{}, session.Tokens{}, ended
	}
	if err != nil {
		return operator.Operator{}, session.Tokens{}, tokenError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return operator.Operator{}, session.Tokens{}, &Refused{"the provider sent no ID token"}
	}
	id, err := p.verifyIDToken(ctx, metadata, raw, token.AccessToken)
	if err != nil {
		return operator.Operator{}, session.Tokens{}, err
	}
	switch {
	case id.nonce == "":
		return operator.Operator{}, session.Tokens{}, &Refused{"the ID token has no nonce"}
	case !constantTimeEqual(id.nonce, pending.nonce):
		return operator.Operator{}, session.Tokens{}, &Refused{"the ID token has the nonce of another sign-in"}
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

// authenticatedAt returns the time of the operator's last sign-in at the provider (auth_time), or the zero time if it
// is unknown. For providers that never send auth_time, it returns the time of the ID token, which proves less: see
// docs/decisions/0013.
func (p *OIDC) authenticatedAt(id idToken, pending attempt) (time.Time, error) {
	if !p.reauthenticate {
		return id.issuedAt, nil
	}
	switch at := id.authTime; {
	case at.After(p.now().Add(leeway)):
		return time.Time{}, &Refused{"the ID token's auth_time is in the future"}
	case pending.reauthenticate && at.IsZero():
		return time.Time{}, &Refused{
			"the provider does not send auth_time; set OIDC_REAUTHENTICATE=off for such a provider",
		}
	case pending.reauthenticate && at.Before(pending.startedAt.Add(-leeway)):
		return time.Time{}, &Refused{"the provider did not require a new sign-in"}
	default:
		return at, nil
	}
}

// sessionTokens returns the tokens for the session. The ID token is only kept as the hint for signing out, so not if it
// is too long for that. The expiry uses our clock, not the library's.
func (p *OIDC) sessionTokens(token *oauth2.Token, idToken string) session.Tokens {
	kept := session.Tokens{AccessToken: token.AccessToken, RefreshToken: token.RefreshToken}
	if len(idToken) <= maxHintBytes {
		kept.IDToken = idToken
	}
	if token.ExpiresIn > 0 {
		kept.AccessExpires = p.now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	return kept
}

// tokenError converts an error of the token endpoint, without the provider's message: that may quote the request.
func tokenError(err error) error {
	retrieveErr, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !ok:
		return unavailable("the token endpoint", err)
	case retrieveErr.Response.StatusCode >= http.StatusInternalServerError ||
		retrieveErr.Response.StatusCode == http.StatusTooManyRequests:
		return unavailable("the token endpoint", errors.New(retrieveErr.Response.Status))
	case retrieveErr.ErrorCode == "invalid_grant":
		return &Refused{"the provider refused the code: it was used before, is too old, or belongs to another sign-in"}
	case retrieveErr.ErrorCode == "invalid_client" || retrieveErr.ErrorCode == "unauthorized_client":
		return &Refused{ClientNotAccepted}
	}
	if code, known := standardError(retrieveErr.ErrorCode); known {
		return &Refused{"the token endpoint returned the error " + code}
	}
	return refuseWithDetail("the token endpoint returned an unknown error", retrieveErr.ErrorCode)
}
