package identity

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// maxTextBytes is the maximum length of a name and of an e-mail address.
const maxTextBytes = 256

// loadProfile sets the operator's groups, name and e-mail address from the claims of the ID token, and from userinfo if
// the ID token lacks some of them.
//
// A missing name or e-mail address leaves the previous one. Missing groups mean no groups.
func (p *OIDC) loadProfile(
	ctx context.Context,
	metadata *providerMetadata,
	o *operator.Operator,
	claims map[string]any,
	accessToken string,
) error {
	groups := p.readGroups(ctx, o.ID(), claims)
	nameAndEmail(o, claims)
	if (!groups.present || o.Email == "" || o.Name == "") && metadata.UserInfo != "" && accessToken != "" {
		more, err := p.userInfo(ctx, metadata, o.Subject, accessToken)
		switch {
		case err != nil && !groups.present:
			return err
		case err != nil:
			p.logger.WarnContext(
				ctx,
				"reading userinfo failed, using the groups in the ID token",
				"operator", o.ID(),
				"error", err,
			)
		default:
			if !groups.present {
				groups = p.readGroups(ctx, o.ID(), more)
			}
			for _, name := range []string{"name", "preferred_username", "email", "email_verified"} {
				if _, known := claims[name]; known {
					delete(more, name)
				}
			}
			nameAndEmail(o, more)
		}
	}
	o.Groups, o.GroupsAt = groups.names, p.now()
	return nil
}

// nameAndEmail sets the name and the e-mail address from claims. email_verified only counts for the address in the same
// claims.
func nameAndEmail(o *operator.Operator, claims map[string]any) {
	for _, claim := range []string{"name", "preferred_username"} {
		if name, _ := claims[claim].(string); name != "" {
			o.Name = clip(withoutControlChars(name), maxTextBytes)
			break
		}
	}
	if email, _ := claims["email"].(string); email != "" && email == clip(withoutControlChars(email), maxTextBytes) {
		verified := claims["email_verified"]
		o.Email, o.EmailVerified = email, verified == true || verified == "true"
	}
}

// userInfo returns the claims of a subject from userinfo (OpenID Connect Core 1.0, section 5.3). It refuses claims of
// another subject. Signed responses (application/jwt) are not supported; providers send them only on request.
func (p *OIDC) userInfo(
	ctx context.Context,
	metadata *providerMetadata,
	subject, accessToken string,
) (map[string]any, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metadata.UserInfo, nil)
	if err != nil {
		return nil, unavailable("userinfo", err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken)
	request.Header.Set("Accept", "application/json")
	response, err := p.client.Do(request)
	if err != nil {
		return nil, unavailable("userinfo", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return nil, unavailable("userinfo", err)
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		return nil, &Refused{"the provider's userinfo refuses the access token"}
	case response.StatusCode != http.StatusOK:
		return nil, unavailable("userinfo", errors.New(response.Status))
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "application/json" {
		return nil, &Refused{"the provider's userinfo is not JSON"}
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		return nil, &Refused{"the provider's userinfo is malformed"}
	}
	if sub, _ := claims["sub"].(string); sub != subject {
		return nil, &Refused{"the provider's userinfo is for another subject"}
	}
	return claims, nil
}

// withoutControlChars removes control characters, which could look like a new line in a log.
func withoutControlChars(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, text)
}

// clip returns text as valid UTF-8 with at most the given number of bytes.
func clip(text string, bytes int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "")
}
