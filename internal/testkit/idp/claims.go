package idp

import (
	"context"
	"crypto/rsa"
	"slices"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// SetUserinfoFromRequest sets the claims of an ID token.
func (s storage) SetUserinfoFromRequest(
	_ context.Context,
	info *oidc.UserInfo,
	r op.IDTokenRequest,
	scopes []string,
) error {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	return s.setClaims(info, r.GetSubject(), scopes, !s.provider.options.NoIDGroups)
}

// SetUserinfoFromToken sets the claims of userinfo for a valid access token.
func (s storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, token, _, _ string) error {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	grant, ok := s.provider.access[token]
	if !ok || s.provider.disabled[grant.subject] || !s.provider.options.Now().Before(grant.expires) {
		return errUnknown
	}
	return s.setClaims(info, grant.subject, grant.scopes, !s.provider.options.NoInfoGroups)
}

// setClaims sets the claims of a subject that the scopes allow. The caller holds the lock.
func (s storage) setClaims(info *oidc.UserInfo, subject string, scopes []string, groups bool) error {
	user, ok := s.provider.users[subject]
	if !ok {
		return errUnknown
	}
	info.Subject = subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		info.Name, info.PreferredUsername = user.Name, user.Username
	}
	if slices.Contains(scopes, oidc.ScopeEmail) {
		info.Email, info.EmailVerified = user.Email, oidc.Bool(user.EmailVerified)
	}
	if groups {
		// A user without groups has an empty list: a missing claim would not say that there are none.
		info.AppendClaims(s.provider.options.GroupsClaim, append([]string{}, user.Groups...))
	}
	return nil
}

// The interface of the server requires the following methods, but no test uses them.

func (storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errUnknown
}

func (storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnknown
}

func (storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnknown
}

func (storage) RevokeToken(context.Context, string, string, string) *oidc.Error { return nil }

func (storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// signingKey and publicKey implement the server's interfaces for the only key of the provider.
type signingKey struct{ key *rsa.PrivateKey }

func (signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                  { return k.key }
func (signingKey) ID() string                                  { return "key-1" }

type publicKey struct{ key *rsa.PrivateKey }

func (publicKey) ID() string                         { return "key-1" }
func (publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                         { return &k.key.PublicKey }
