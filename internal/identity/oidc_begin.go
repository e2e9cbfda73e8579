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
func (p *OIDC) Begin(w http.ResponseWriter, r *http.Request, back string, again bool) (address string, err error) {
	at, err := p.discovery.get(r.Context())
	if err != nil {
		return "", err
	}
	if len(back) > maxBack {
		back = ""
	}
	one := attempt{
		state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), begun: p.now(), again: again, back: back,
	}
	if err := p.attempts.keep(w, r, one); err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(one.nonce), oauth2.S256ChallengeOption(one.verifier)}
	switch {
	case again && p.reauthenticate:
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	case again:
		// The most that such a provider offers: the person at least has to choose who they are.
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return p.exchange(at).AuthCodeURL(one.state, options...), nil
}
