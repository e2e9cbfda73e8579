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
func (p *OIDC) Finish(w http.ResponseWriter, r *http.Request) (o operator.Operator, back string, err error) {
	answer, err := readAnswer(r.URL.RawQuery)
	if err != nil {
		return operator.Operator{}, "", err
	}
	one, err := p.attempts.take(w, r, answer.state)
	if err != nil {
		return operator.Operator{}, "", err
	}
	at, err := p.discovery.get(r.Context())
	if err != nil {
		return operator.Operator{}, "", err
	}
	if err := p.checkAnswer(at, answer); err != nil {
		return operator.Operator{}, "", err
	}
	ctx, cancel := context.WithTimeout(p.asking(r.Context()), exchangeTime)
	defer cancel()
	o, proof, err := p.prove(ctx, at, one, answer.code)
	if err != nil {
		return operator.Operator{}, "", err
	}
	if err := p.sessions.SignIn(w, r, o, proof); err != nil {
		return operator.Operator{}, "", fmt.Errorf("beginning a session: %w", err)
	}
	return o, one.back, nil
}

// checkAnswer looks at what the provider answered, before the code is used.
func (p *OIDC) checkAnswer(at *provider, answer callbackAnswer) error {
	switch {
	case answer.issuer != "" && answer.issuer != p.issuer:
		return &Refused{"the answer is another provider's"}
	case answer.issuer == "" && at.NamesItself:
		return &Refused{"the answer does not name its provider, although the provider says that it does"}
	case errorCode.MatchString(answer.failure):
		return &Refused{"the provider answered " + answer.failure}
	case answer.failure != "":
		return &Refused{"the provider answered an error that is none of OAuth's"}
	case answer.code == "":
		return &Refused{"the answer has no code"}
	}
	return nil
}

// prove trades the code for tokens and reads from them who the person is.
func (p *OIDC) prove(
	ctx context.Context,
	at *provider,
	one attempt,
	code string,
) (operator.Operator, session.Proof, error) {
	token, err := p.exchange(at).Exchange(ctx, code, oauth2.VerifierOption(one.verifier))
	if err != nil {
		return operator.Operator{}, session.Proof{}, tokenError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return operator.Operator{}, session.Proof{}, &Refused{"the provider gave no ID token"}
	}
	id, err := p.verify(ctx, at, raw, token.AccessToken)
	if err != nil {
		return operator.Operator{}, session.Proof{}, err
	}
	switch {
	case id.nonce == "":
		return operator.Operator{}, session.Proof{}, &Refused{"the ID token has no nonce"}
	case !sameText(id.nonce, one.nonce):
		return operator.Operator{}, session.Proof{}, &Refused{
			"the ID token was made for another sign-in: its nonce is not ours",
		}
	}
	o := operator.Operator{Issuer: p.issuer, Subject: id.subject, Method: operator.OIDC}
	if o.ProvenAt, err = p.provenAt(id, one); err != nil {
		return operator.Operator{}, session.Proof{}, err
	}
	if err := p.describe(ctx, at, &o, id.claims, token.AccessToken); err != nil {
		return operator.Operator{}, session.Proof{}, err
	}
	return o, p.proof(token, raw), nil
}

// provenAt answers when the person last proved who they are: what the provider says, the zero time when it does not.
// For a provider that never says, a round trip of its own counts, which is less: see docs/decisions/0013.
func (p *OIDC) provenAt(id idToken, one attempt) (time.Time, error) {
	if !p.reauthenticate {
		return id.issuedAt, nil
	}
	switch at := id.authTime; {
	case at.After(p.now().Add(leeway)):
		return time.Time{}, &Refused{"the ID token says that the person proved themselves in the future"}
	case one.again && at.IsZero():
		return time.Time{}, &Refused{
			"the provider does not say when the person proved themselves; OIDC_REAUTHENTICATE=off is for such a provider",
		}
	case one.again && at.Before(one.begun.Add(-leeway)):
		return time.Time{}, &Refused{"the provider did not ask the person again"}
	default:
		return at, nil
	}
}

// proof is what of the tokens is kept. The library's own reckoning of the end uses another clock than ours.
func (p *OIDC) proof(token *oauth2.Token, idToken string) session.Proof {
	kept := session.Proof{IDToken: idToken, AccessToken: token.AccessToken, RefreshToken: token.RefreshToken}
	if token.ExpiresIn > 0 {
		kept.AccessExpires = p.now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	return kept
}

// tokenError says what became of a call to the token endpoint. The provider's own words are left out: they may quote
// what was sent.
func tokenError(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !ok:
		return away("the token endpoint", err)
	case answer.Response.StatusCode >= http.StatusInternalServerError ||
		answer.Response.StatusCode == http.StatusTooManyRequests:
		return away("the token endpoint", errors.New(answer.Response.Status))
	case answer.ErrorCode == "invalid_grant":
		return &Refused{"the provider refused the code: it was used before, is too old, or is not for this sign-in"}
	case answer.ErrorCode == "invalid_client" || answer.ErrorCode == "unauthorized_client":
		return &Refused{"the provider does not accept the console's client id and secret"}
	case errorCode.MatchString(answer.ErrorCode):
		return &Refused{"the token endpoint answered " + answer.ErrorCode}
	default:
		return &Refused{"the token endpoint answered an error that is none of OAuth's"}
	}
}
