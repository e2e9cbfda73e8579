package idptest

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// request is a sign-in at the provider, from the address that began it to its tokens. It implements op.AuthRequest.
type request struct {
	id       string
	asked    oidc.AuthRequest
	prompt   []string
	maxAge   *uint
	subject  string
	loggedIn time.Time
	done     bool
}

var _ op.AuthRequest = (*request)(nil)

func (r *request) finish(in login) { r.subject, r.loggedIn, r.done = in.subject, in.at, true }

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return []string{"pwd"} }
func (r *request) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.loggedIn }
func (r *request) GetClientID() string                { return r.asked.ClientID }
func (r *request) GetNonce() string                   { return r.asked.Nonce }
func (r *request) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *request) GetScopes() []string                { return r.asked.Scopes }
func (r *request) GetState() string                   { return r.asked.State }
func (r *request) GetSubject() string                 { return r.subject }
func (r *request) Done() bool                         { return r.done }
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

// access is what an access token or a refresh token opens. It implements op.RefreshTokenRequest.
type access struct {
	subject  string
	scopes   []string
	loggedIn time.Time
	ends     time.Time // of an access token
}

var _ op.RefreshTokenRequest = (*access)(nil)

func (a *access) GetAMR() []string            { return []string{"pwd"} }
func (a *access) GetAudience() []string       { return []string{"voxwarden"} }
func (a *access) GetAuthTime() time.Time      { return a.loggedIn }
func (a *access) GetClientID() string         { return "voxwarden" }
func (a *access) GetScopes() []string         { return a.scopes }
func (a *access) GetSubject() string          { return a.subject }
func (a *access) SetCurrentScopes(s []string) { a.scopes = s }
