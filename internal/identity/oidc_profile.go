package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/voxwarden/voxwarden/internal/operator"
)

const (
	// maxTextBytes is the maximum length of a name and of an e-mail address.
	maxTextBytes = 256
	// userInfoTime limits a request to userinfo, without which a sign-in goes on.
	userInfoTime = 5 * time.Second
)

// errOtherSubject means that userinfo has the claims of another subject, none of which may be used (OpenID Connect Core
// 1.0, section 5.3.2).
var errOtherSubject = errors.New("the provider's userinfo is for another subject")

// loadProfile sets the operator's groups, name and e-mail address from the claims of the ID token, and from userinfo if
// the ID token lacks some of them.
//
// A missing name or e-mail address leaves the previous one. Without groups, GroupsStatus is the reason. If userinfo
// cannot be read, the claims of the ID token alone count; userinfo of another subject is refused if the configured
// groups would come from it.
func (p *OIDC) loadProfile(
	ctx context.Context,
	metadata *providerMetadata,
	o *operator.Operator,
	claims map[string]any,
	accessToken string,
) error {
	groups := parseGroups(claims, p.groupsClaim)
	nameAndEmail(o, claims)
	complete := groups.status == operator.GroupsSent && o.Email != "" && o.Name != ""
	if !complete && metadata.UserInfo != "" && accessToken != "" {
		more, err := p.userInfo(ctx, metadata, o.Subject, accessToken)
		missing := groups.status == operator.GroupsMissing
		switch {
		case errors.Is(err, errOtherSubject) && missing && len(p.configured) > 0:
			return &Refused{"the provider's userinfo is for another subject"}
		case err != nil:
			p.logger.WarnContext(
				ctx,
				"reading userinfo failed, using the ID token alone",
				"operator", o.ID(),
				"groups_missing", missing,
				"error", err,
			)
			if missing {
				groups.status = operator.GroupsUnavailable
			}
		default:
			if found := parseGroups(more, p.groupsClaim); groups.status != operator.GroupsSent &&
				found.status != operator.GroupsMissing {
				groups = found
			}
			for _, name := range []string{"name", "preferred_username", "email", "email_verified"} {
				if _, known := claims[name]; known {
					delete(more, name)
				}
			}
			nameAndEmail(o, more)
		}
	}
	if groups.problem != "" {
		p.logger.WarnContext(ctx, string(groups.problem), "operator", o.ID(), "claim", p.groupsClaim)
	}
	o.Groups, o.GroupsOmitted = keepGroups(groups.names, p.configured)
	o.GroupsStatus, o.GroupsClaim, o.GroupsAt = groups.status, p.groupsClaim, p.now()
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

// userInfo returns the claims of a subject from userinfo (OpenID Connect Core 1.0, section 5.3). Signed responses
// (application/jwt) are not supported; providers send them only on request. The error is errOtherSubject for claims of
// another subject.
func (p *OIDC) userInfo(
	ctx context.Context,
	metadata *providerMetadata,
	subject, accessToken string,
) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, userInfoTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metadata.UserInfo, nil)
	if err != nil {
		return nil, fmt.Errorf("preparing a request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken)
	request.Header.Set("Accept", "application/json")
	response, err := p.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("requesting userinfo: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the response: %w", err)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the response has the status %d", response.StatusCode)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "application/json" {
		return nil, errors.New("the response is not JSON")
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		return nil, errors.New("the response is malformed")
	}
	if sub, _ := claims["sub"].(string); sub != subject {
		return nil, errOtherSubject
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
