package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ProviderCheck is what CheckProvider found: an error for each part that a sign-in needs, which says what to do.
type ProviderCheck struct {
	Provider error // discovery and the key set
	// The others are not known if Provider is not nil.
	Client      error // whether the provider accepts the client id and secret
	ClientKnown bool  // its replies prove that it does
	Callback    error // whether the provider begins a sign-in for the console's callback
}

// CheckProvider tries what a sign-in needs of the provider. It does not sign in: it revokes a token or redeems a code
// that does not exist, and requests the sign-in page once. Of o it needs neither keys nor sessions.
func CheckProvider(ctx context.Context, o OIDCOptions) ProviderCheck {
	p := &OIDC{
		issuer:   o.Issuer,
		clientID: o.ClientID,
		secret:   o.ClientSecret,
		scopes:   o.Scopes,
		callback: absolute(o.BaseURL, "/sign-in/callback"),
		client:   newProviderClient(o.RootCAs, o.Proxy),
	}
	metadata, err := newDiscovery(o.Issuer, p.client, time.Now, slog.New(slog.DiscardHandler)).get(ctx)
	if err != nil {
		return ProviderCheck{Provider: discoveryAdvice(err)}
	}
	if _, err := metadata.keys.known(ctx); err != nil {
		return ProviderCheck{Provider: fmt.Errorf("reading the key set %s: %w. Check the provider", metadata.Keys, err)}
	}
	var found ProviderCheck
	found.ClientKnown, found.Client = p.checkClient(ctx, metadata)
	found.Callback = p.checkCallback(ctx, metadata)
	return found
}

// discoveryAdvice adds what to do to an error of the discovery. The cause is a text, see unavailable.
func discoveryAdvice(err error) error {
	if strings.Contains(err.Error(), "did not match the issuer") {
		_, detail, _ := strings.Cut(err.Error(), "oidc: ")
		return fmt.Errorf(
			"the provider names another issuer: %s. Set VOXWARDEN_OIDC_ISSUER to exactly what the provider returns, if that is "+
				"your provider",
			detail,
		)
	}
	return fmt.Errorf("%w. Check VOXWARDEN_OIDC_ISSUER, and that this server can reach the provider", err)
}

// errClient is returned for a client that the provider does not accept.
var errClient = errors.New("the provider does not accept the client: correct VOXWARDEN_OIDC_CLIENT_ID or " +
	"VOXWARDEN_OIDC_CLIENT_SECRET")

// checkClient returns errClient if the provider does not accept the client. known is false if its replies do not prove
// that it does.
func (p *OIDC) checkClient(ctx context.Context, metadata *providerMetadata) (known bool, err error) {
	config := p.oauthConfig(metadata)
	if known, err := p.revokeNothing(ctx, metadata.Revocation, config.Endpoint.AuthStyle); known || err != nil {
		return known, err
	}
	// Some providers check the client first, and others the code.
	ctx = oidc.ClientContext(ctx, p.client)
	_, err = config.Exchange(ctx, noToken, oauth2.VerifierOption(oauth2.GenerateVerifier()))
	reply, refused := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !refused:
		return false, unavailable("the token endpoint", errors.Join(err, errors.New("no usable response")))
	case refusesClient(reply.Response.StatusCode, reply.ErrorCode):
		return false, errClient
	}
	return false, nil
}

// noToken is a token and a code that no provider has issued.
const noToken = "check-without-a-token"

// revokeNothing revokes a token that does not exist. A provider checks the client first, and otherwise does nothing
// (RFC 7009, sections 2.1 and 2.2). known is false if there is no such endpoint, or if it does something else.
func (p *OIDC) revokeNothing(ctx context.Context, address string, style oauth2.AuthStyle) (known bool, err error) {
	if parsed, err := url.Parse(address); err != nil || !safeAddress(parsed) || p.secret.Empty() {
		return false, nil
	}
	form := url.Values{"token": {noToken}, "token_type_hint": {"refresh_token"}}
	if style == oauth2.AuthStyleInParams {
		form.Set("client_id", p.clientID)
		form.Set("client_secret", p.secret.Reveal())
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return false, unavailable("the revocation endpoint", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if style == oauth2.AuthStyleInHeader {
		request.SetBasicAuth(url.QueryEscape(p.clientID), url.QueryEscape(p.secret.Reveal()))
	}
	response, err := p.client.Do(request)
	if err != nil {
		return false, unavailable("the revocation endpoint", err)
	}
	defer response.Body.Close()
	var reply struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(response.Body).Decode(&reply) // a reply without JSON has no code
	if refusesClient(response.StatusCode, reply.Error) {
		return false, errClient
	}
	return response.StatusCode == http.StatusOK, nil
}

// refusesClient reports whether a reply means that the client's id or secret is wrong (RFC 6749, section 5.2).
func refusesClient(status int, code string) bool {
	return code == "invalid_client" || code == "unauthorized_client" || status == http.StatusUnauthorized
}

// checkCallback requests the page to which a browser is sent for signing in. Providers refuse a callback there that is
// not registered.
func (p *OIDC) checkCallback(ctx context.Context, metadata *providerMetadata) error {
	address := p.oauthConfig(metadata).AuthCodeURL(
		"check",
		oidc.Nonce("check"),
		oauth2.S256ChallengeOption(oauth2.GenerateVerifier()),
	)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return unavailable("the sign-in page", err)
	}
	client := *p.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return unavailable("the sign-in page", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	code := ""
	if to, err := url.Parse(response.Header.Get("Location")); err == nil {
		code = Printable(to.Query().Get("error"), maxDetailBytes)
	}
	switch {
	case code != "":
		return fmt.Errorf("the provider refuses to begin a sign-in: %q. Check the client's settings at the provider, and "+
			"VOXWARDEN_OIDC_SCOPES", code)
	case response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("the provider's sign-in page has the status %d. Check the provider", response.StatusCode)
	case response.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("the provider refuses to begin a sign-in, with status %d. Register exactly %s as a redirect URI "+
			"of the client %q", response.StatusCode, p.callback, p.clientID)
	}
	return nil
}

// CheckKeys tries to read the keys that verify a proxy's assertions. known is false if they are fetched one by one,
// when an assertion names them.
func CheckKeys(ctx context.Context, o ProxyJWTOptions) (known bool, err error) {
	o.Now, o.Logger = time.Now, slog.New(slog.DiscardHandler)
	_, keys, err := o.complete()
	if err != nil {
		return false, err
	}
	switch keys := keys.(type) {
	case *remoteKeys:
		_, err := keys.known(ctx)
		return true, err
	case *keyFile:
		return true, nil
	}
	return false, nil
}
