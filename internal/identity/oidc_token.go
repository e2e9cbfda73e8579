package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// leeway is how far the provider's clock may be from ours.
	leeway = time.Minute
	// maxSubject is the length of a subject, in bytes (OpenID Connect Core 1.0, section 2).
	maxSubject = 255
)

// idToken is a verified ID token.
type idToken struct {
	subject, nonce     string
	issuedAt, authTime time.Time // authTime is zero when it is not told
	claims             map[string]any
}

// verifyIDToken checks an ID token as OpenID Connect Core 1.0 section 3.1.3.7 wants, the nonce excepted, which a
// renewed token lacks. Signature, algorithm, issuer, audience and expiry are the library's to check.
func (p *OIDC) verifyIDToken(
	ctx context.Context,
	metadata *providerMetadata,
	raw, accessToken string,
) (idToken, error) {
	keys := &watchedKeys{next: metadata.keys}
	verifier := oidc.NewVerifier(
		p.issuer,
		keys,
		&oidc.Config{ClientID: p.clientID, SupportedSigningAlgs: metadata.Algorithms, Now: p.now},
	)
	token, err := verifier.Verify(ctx, raw)
	switch {
	case keys.fetchErr != nil:
		return idToken{}, unavailable("the provider's keys", keys.fetchErr)
	case err != nil:
		return idToken{}, &Refused{"the ID token was refused: " + clip(err.Error(), 300)}
	}
	id := idToken{subject: token.Subject, nonce: token.Nonce, issuedAt: token.IssuedAt}
	if err := token.Claims(&id.claims); err != nil {
		return idToken{}, &Refused{"the ID token's claims cannot be read"}
	}
	if seconds, ok := id.claims["auth_time"].(float64); ok && seconds > 0 {
		id.authTime = time.Unix(int64(seconds), 0)
	}
	return id, p.checkClaims(token, id, accessToken)
}

// checkClaims looks at what the library leaves to its caller.
func (p *OIDC) checkClaims(token *oidc.IDToken, id idToken, accessToken string) error {
	party, named := id.claims["azp"]
	switch {
	case len(token.Audience) > 1 && !named:
		return &Refused{"the ID token is for several audiences and does not say which of them asked for it"}
	case named && party != p.clientID:
		return &Refused{"the ID token was asked for by another client"}
	case id.subject == "":
		return &Refused{"the ID token names nobody"}
	case len(id.subject) > maxSubject || strings.ContainsFunc(id.subject, unicode.IsControl):
		return &Refused{"the ID token's subject is no subject: too long, or with control characters"}
	case id.issuedAt.IsZero():
		return &Refused{"the ID token does not say when it was made"}
	case id.issuedAt.After(p.now().Add(leeway)):
		return &Refused{"the ID token was made in the future"}
	case token.AccessTokenHash != "" && token.VerifyAccessToken(accessToken) != nil:
		return &Refused{"the ID token belongs to another access token"}
	}
	return nil
}

// watchedKeys notes whether the keys could not be fetched: the library tells a forged token and a provider that is
// away by text alone.
type watchedKeys struct {
	next     oidc.KeySet
	fetchErr error
}

// VerifySignature implements oidc.KeySet. Of the errors of the library's key set, only that of a fetch wraps another.
func (k *watchedKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	payload, err := k.next.VerifySignature(ctx, raw)
	if cause := errors.Unwrap(err); cause != nil {
		k.fetchErr = cause
		return nil, fmt.Errorf("fetching the provider's keys: %w", cause)
	}
	return payload, err
}
