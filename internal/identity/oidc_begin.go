package identity

import (
	"crypto/rand"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Begin starts a sign-in and returns the provider's address to which the browser must be redirected. returnTo is a path
// of the console; Finish returns it unchanged, or "" if it is longer than 2000 bytes.
//
// With reauthenticate the operator must sign in at the provider again, even with a session there. The error wraps
// ErrUnavailable if the provider is not available.
func (p *OIDC) Begin(
	w http.ResponseWriter,
	r *http.Request,
	returnTo string,
	reauthenticate bool,
) (address string, err error) {
	metadata, err := p.discovery.get(r.Context())
	if err != nil {
		return "", err
	}
	if len(returnTo) > maxReturnToBytes {
		returnTo = ""
	}
	pending := attempt{
		state:          rand.Text(),
		nonce:          rand.Text(),
		verifier:       oauth2.GenerateVerifier(),
		startedAt:      p.now(),
		reauthenticate: reauthenticate,
		returnTo:       returnTo,
	}
	if err := p.attempts.save(w, r, pending); err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(pending.nonce), oauth2.S256ChallengeOption(pending.verifier)}
	switch {
	case reauthenticate && p.reauthenticate:
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	case reauthenticate:
		// Without max_age, choosing an account is the most that the provider can request.
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return p.oauthConfig(metadata).AuthCodeURL(pending.state, options...), nil
}
