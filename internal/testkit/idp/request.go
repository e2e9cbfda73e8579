package idp

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// request is a sign-in at the provider, from the authorization request to the tokens. It implements op.AuthRequest.
type request struct {
	id       string
	params   oidc.AuthRequest
	prompt   []string
	maxAge   *uint
	subject  string
	loggedIn time.Time
	done     bool
}

var _ op.AuthRequest = (*request)(nil)

func (r *request) complete(session login) {
	r.subject, r.loggedIn, r.done = session.subject, session.since, true
}

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return []string{"pwd"} }
func (r *request) GetAudience() []string              { return []string{r.params.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.loggedIn }
func (r *request) GetClientID() string                { return r.params.ClientID }
func (r *request) GetNonce() string                   { return r.params.Nonce }
func (r *request) GetRedirectURI() string             { return r.params.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.params.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.params.ResponseMode }
func (r *request) GetScopes() []string                { return r.params.Scopes }
func (r *request) GetState() string                   { return r.params.State }
func (r *request) GetSubject() string                 { return r.subject }
func (r *request) Done() bool                         { return r.done }
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.params.CodeChallenge, Method: r.params.CodeChallengeMethod}
}

// tokenGrant is the grant of an access token or refresh token. It implements op.RefreshTokenRequest.
type tokenGrant struct {
	subject  string
	scopes   []string
	loggedIn time.Time
	expires  time.Time // of the access token
}

var _ op.RefreshTokenRequest = (*tokenGrant)(nil)

func (a *tokenGrant) GetAMR() []string            { return []string{"pwd"} }
func (a *tokenGrant) GetAudience() []string       { return []string{"voxwarden"} }
func (a *tokenGrant) GetAuthTime() time.Time      { return a.loggedIn }
func (a *tokenGrant) GetClientID() string         { return "voxwarden" }
func (a *tokenGrant) GetScopes() []string         { return a.scopes }
func (a *tokenGrant) GetSubject() string          { return a.subject }
func (a *tokenGrant) SetCurrentScopes(s []string) { a.scopes = s }
