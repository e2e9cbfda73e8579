package idptest

import (
	"context"
	"crypto/rsa"
	"slices"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// SetUserinfoFromRequest fills an ID token.
func (s storage) SetUserinfoFromRequest(
	_ context.Context,
	info *oidc.UserInfo,
	r op.IDTokenRequest,
	scopes []string,
) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	return s.fill(info, r.GetSubject(), scopes, !s.p.options.NoIDGroups)
}

// SetUserinfoFromToken fills userinfo, for an access token that is still good.
func (s storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, token, _, _ string) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	opens, ok := s.p.access[token]
	if !ok || s.p.disabled[opens.subject] || !s.p.options.Now().Before(opens.ends) {
		return errNothing
	}
	return s.fill(info, opens.subject, opens.scopes, !s.p.options.NoInfoGroups)
}

// fill says of somebody what the scopes allow. The caller holds the lock.
func (s storage) fill(info *oidc.UserInfo, subject string, scopes []string, groups bool) error {
	user, ok := s.p.users[subject]
	if !ok {
		return errNothing
	}
	info.Subject = subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		info.Name, info.PreferredUsername = user.Name, user.Username
	}
	if slices.Contains(scopes, oidc.ScopeEmail) {
		info.Email, info.EmailVerified = user.Email, oidc.Bool(user.EmailVerified)
	}
	if groups {
		info.AppendClaims(s.p.options.GroupsClaim, slices.Clone(user.Groups))
	}
	return nil
}

// What follows the server wants, and no test needs.

func (storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNothing
}

func (storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNothing
}

func (storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNothing
}

func (storage) RevokeToken(context.Context, string, string, string) *oidc.Error { return nil }

func (storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// signingKey and publicKey are the provider's only key, as the server wants to see it.
type signingKey struct{ key *rsa.PrivateKey }

func (signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                  { return k.key }
func (signingKey) ID() string                                  { return "key-1" }

type publicKey struct{ key *rsa.PrivateKey }

func (publicKey) ID() string                         { return "key-1" }
func (publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                         { return &k.key.PublicKey }
