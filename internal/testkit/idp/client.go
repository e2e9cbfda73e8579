package idp

import (
	"net/url"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is the registration of the console at the provider. It implements op.Client.
type client struct {
	id                string
	redirect, signOut []string
	refresh           bool
}

var _ op.Client = client{}

func (c client) GetID() string                      { return c.id }
func (c client) RedirectURIs() []string             { return c.redirect }
func (c client) PostLogoutRedirectURIs() []string   { return c.signOut }
func (client) ApplicationType() op.ApplicationType  { return op.ApplicationTypeWeb }
func (client) AuthMethod() oidc.AuthMethod          { return oidc.AuthMethodBasic }
func (client) ResponseTypes() []oidc.ResponseType   { return []oidc.ResponseType{oidc.ResponseTypeCode} }
func (client) LoginURL(id string) string            { return "/login?id=" + url.QueryEscape(id) }
func (client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (client) IDTokenLifetime() time.Duration       { return time.Hour }
func (client) DevMode() bool                        { return true }
func (client) IsScopeAllowed(scope string) bool     { return scope == "groups" }
func (client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (client) ClockSkew() time.Duration             { return 0 }
func (c client) GrantTypes() []oidc.GrantType {
	grants := []oidc.GrantType{oidc.GrantTypeCode}
	if c.refresh {
		grants = append(grants, oidc.GrantTypeRefreshToken)
	}
	return grants
}
func (client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return slices.Clone[[]string]
}
func (client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return slices.Clone[[]string]
}
