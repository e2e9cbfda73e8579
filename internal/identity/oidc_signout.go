package identity

import (
	"context"
	"net/http"
	"net/url"
)

// maxHint bounds the ID token in an address, in bytes: servers refuse longer ones.
const maxHint = 6 << 10

// SignOutURL answers where the person of the request's session can sign out at the provider too (OpenID Connect
// RP-Initiated Logout 1.0), "" when the provider has no such place or cannot be asked. It is to be read before the
// session is ended. The provider sends the browser on to /sign-out.
func (p *OIDC) SignOutURL(r *http.Request) string {
	o, err := p.sessions.Operator(r)
	if err != nil || !p.isFromProvider(o) {
		return ""
	}
	// Without a proof the provider asks the person whom it is to sign out.
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
	if tokens.IDToken != "" && len(tokens.IDToken) <= maxHint {
		query.Set("id_token_hint", tokens.IDToken)
	}
	address.RawQuery = query.Encode()
	return address.String()
}
