package identity

import (
	"context"
	"net/http"
	"net/url"
)

// maxHintBytes is the maximum length of the ID token in an address: servers refuse longer addresses.
const maxHintBytes = 6 << 10

// SignOutURL returns the address for signing out at the provider (OpenID Connect RP-Initiated Logout 1.0), from which
// the provider redirects to /sign-out. It returns "" if the provider has no such address or is unavailable. Call it
// before ending the session.
func (p *OIDC) SignOutURL(r *http.Request) string {
	o, err := p.sessions.Operator(r)
	if err != nil || !p.isFromProvider(o) {
		return ""
	}
	tokens, err := p.sessions.Tokens(r)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(r.Context(), renewTime)
	defer cancel()
	metadata, err := p.discovery.get(ctx)
	if err != nil || metadata.EndSession == "" {
		return ""
	}
	address, err := url.Parse(metadata.EndSession)
	if err != nil {
		return ""
	}
	query := address.Query()
	query.Set("client_id", p.clientID)
	query.Set("post_logout_redirect_uri", p.signedOut)
	// Without the hint the provider asks the operator to confirm.
	if tokens.IDToken != "" {
		query.Set("id_token_hint", tokens.IDToken)
	}
	address.RawQuery = query.Encode()
	return address.String()
}
