package identity

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// leeway is the allowed difference between the provider's clock and ours.
	leeway = time.Minute
	// maxSubjectBytes is the maximum length of a subject (OpenID Connect Core 1.0, section 2).
	maxSubjectBytes = 255
)

// idToken is a verified ID token.
type idToken struct {
	subject, nonce     string
	issuedAt, authTime time.Time // authTime is zero without an auth_time claim
	claims             map[string]any
}

// verifyIDToken verifies an ID token (OpenID Connect Core 1.0, section 3.1.3.7) except its nonce, which renewed tokens
// do not have. The library checks signature, algorithm, issuer, audience and expiry.
func (p *OIDC) verifyIDToken(
	ctx context.Context,
	metadata *providerMetadata,
	raw, accessToken string,
) (idToken, error) {
	keys := &watchedKeys{keys: metadata.keys, algorithms: metadata.Algorithms}
	verifier := oidc.NewVerifier(p.issuer, keys, &oidc.Config{
		ClientID:             p.clientID,
		SupportedSigningAlgs: metadata.Algorithms,
		Now:                  p.now,
	})
	token, err := verifier.Verify(ctx, raw)
	switch {
	case keys.fetchErr != nil:
		return idToken{}, keys.fetchErr
	case err != nil:
		return idToken{}, refuseWithDetail(p.reasonOf(err, keys), err.Error())
	}
	id := idToken{subject: token.Subject, nonce: token.Nonce, issuedAt: token.IssuedAt}
	if err := json.Unmarshal(keys.verified, &id.claims); err != nil {
		return idToken{}, &Refused{"the ID token's claims are malformed"}
	}
	if seconds, ok := id.claims["auth_time"].(float64); ok && seconds > 0 {
		id.authTime = time.Unix(int64(seconds), 0)
	}
	return id, p.checkClaims(token, id, accessToken)
}

// reasonOf returns why the library refused an ID token. The library's message may quote the token.
func (p *OIDC) reasonOf(err error, keys *watchedKeys) Reason {
	var claims struct {
		Issuer    string `json:"iss"`
		Audience  any    `json:"aud"` // a string or a list
		NotBefore any    `json:"nbf"`
	}
	_, expired := errors.AsType[*oidc.TokenExpiredError](err)
	switch {
	case expired:
		return "the ID token has expired"
	case !keys.asked:
		return "the ID token is malformed, or its signature algorithm is not accepted"
	case keys.verified == nil:
		return "the ID token's signature is wrong, or its key is unknown"
	case json.Unmarshal(keys.verified, &claims) != nil:
		return "the ID token's claims are malformed"
	case claims.Issuer != p.issuer:
		return "the ID token has another issuer"
	}
	audiences, isList := claims.Audience.([]any)
	switch {
	case claims.Audience != p.clientID && !(isList && slices.Contains(audiences, any(p.clientID))):
		return "the ID token is for another audience"
	case claims.NotBefore != nil:
		return "the ID token is not valid yet"
	default:
		return "the ID token's claims are malformed"
	}
}

// checkClaims checks claims that the library does not check.
func (p *OIDC) checkClaims(token *oidc.IDToken, id idToken, accessToken string) error {
	// Several audiences without azp are fine: the token came from the token endpoint with our nonce, and the library
	// requires our client id among the audiences. OpenID Connect Core 1.0 with errata set 2 does not require azp.
	switch party := id.claims["azp"]; {
	case party != nil && party != p.clientID:
		return &Refused{"the ID token has another authorized party (azp)"}
	case id.subject == "":
		return &Refused{"the ID token has no subject"}
	case len(id.subject) > maxSubjectBytes || strings.ContainsFunc(id.subject, unicode.IsControl):
		return &Refused{"the ID token's subject is too long or has control characters"}
	case id.issuedAt.IsZero():
		return &Refused{"the ID token has no time of issue (iat)"}
	case id.issuedAt.After(p.now().Add(leeway)):
		return &Refused{"the ID token was issued in the future"}
	case token.AccessTokenHash != "" && token.VerifyAccessToken(accessToken) != nil:
		return &Refused{"the ID token belongs to another access token"}
	}
	return nil
}
