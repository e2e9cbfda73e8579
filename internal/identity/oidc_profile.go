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

// maxText bounds a name and an address, in bytes.
const maxText = 256

// loadProfile fills in what the provider tells of a person: groups, name and e-mail, from the ID token's claims, else
// from userinfo. Not every provider puts them in the ID token, and some put only the groups elsewhere.
//
// What is told nowhere stays as it was, but for the groups: a provider that tells none has said that there are none.
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
				"the provider's userinfo could not be read; the groups are in the ID token",
				"operator",
				o.ID(),
				"error",
				err,
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

// nameAndEmail takes over what claims tell. Whether an address is verified is believed only of the address beside it.
func nameAndEmail(o *operator.Operator, claims map[string]any) {
	for _, claim := range []string{"name", "preferred_username"} {
		if name, _ := claims[claim].(string); name != "" {
			o.Name = clip(withoutControlChars(name), maxText)
			break
		}
	}
	if email, _ := claims["email"].(string); email != "" && email == clip(withoutControlChars(email), maxText) {
		verified := claims["email_verified"]
		o.Email, o.EmailVerified = email, verified == true || verified == "true"
	}
}

// userInfo asks the provider for a person's claims (OpenID Connect Core 1.0, section 5.3). An answer about somebody
// else is refused. One that is signed (application/jwt) is not understood, and no provider sends it unasked.
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
		return nil, &Refused{"the provider's userinfo refuses the access token that the provider gave"}
	case response.StatusCode != http.StatusOK:
		return nil, unavailable("userinfo", errors.New(response.Status))
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "application/json" {
		return nil, &Refused{"the provider's userinfo is not JSON"}
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		return nil, &Refused{"the provider's userinfo cannot be read"}
	}
	if sub, _ := claims["sub"].(string); sub != subject {
		return nil, &Refused{"the provider's userinfo is about somebody else"}
	}
	return claims, nil
}

// withoutControlChars takes out what cannot be seen and could pass for a line of its own.
func withoutControlChars(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, text)
}

// clip makes a text valid and at most so many bytes long.
func clip(text string, bytes int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "")
}
