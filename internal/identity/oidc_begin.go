package identity

import (
	"crypto/rand"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Begin begins a sign-in and answers the provider's address to send the browser to. back is where the person was
// going, a path of the console's; Finish answers it as it was given, or "" when it had more than 2000 bytes.
//
// With again the person must prove themselves anew, although the provider remembers them. The error is ErrAway when
// the provider cannot be used.
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
		// The most that such a provider offers: the person at least has to choose who they are.
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return p.oauthConfig(metadata).AuthCodeURL(pending.state, options...), nil
}
