package identity

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/session"
)

// OIDCSessions is what signing in by OpenID Connect needs of the sessions; *session.Store has it.
type OIDCSessions interface {
	Operator(r *http.Request) (operator.Operator, error)
	Tokens(r *http.Request) (session.Tokens, error)
	Hash(r *http.Request) string
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	Renew(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// OIDCOptions are the settings of signing in by OpenID Connect.
type OIDCOptions struct {
	Issuer         string        // the provider, exactly as it names itself; https, or http on a loopback address
	ClientID       string        // the console's name at the provider
	ClientSecret   config.Secret // empty for a client that the provider knows as public
	Scopes         []string      // asked for beside "openid"; nil means profile and email
	GroupsClaim    string        // where the groups are: a claim's name, else a path with dots into it; "" means groups
	Reauthenticate bool          // the provider can ask a person anew (max_age) and says when it last did (auth_time)
	BaseURL        *url.URL      // where the console is reached; may have a path
	Keys           []config.Secret
	RootCAs        *x509.CertPool // nil means the system's
	Sessions       OIDCSessions
	Now            func() time.Time // nil means time.Now
	Logger         *slog.Logger     // nil means none
}

// OIDC signs people in by OpenID Connect: authorization code with PKCE, state and nonce, always. It is safe for
// concurrent use.
type OIDC struct {
	issuer, clientID, groupsClaim string
	secret                        config.Secret
	scopes                        []string
	reauthenticate                bool
	callback, signedOut           string // absolute addresses of the console
	client                        *http.Client
	discovery                     *discovery
	attempts                      *attempts
	renewals                      *renewals
	sessions                      OIDCSessions
	now                           func() time.Time
	logger                        *slog.Logger
}

// NewOIDC checks the settings. It does not call the provider, which may be away when the console starts.
func NewOIDC(o OIDCOptions) (*OIDC, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Scopes == nil {
		o.Scopes = []string{"profile", "email"}
	}
	if o.GroupsClaim == "" {
		o.GroupsClaim = "groups"
	}
	attempts, err := newAttempts(o.BaseURL, o.Keys, o.Now)
	if err != nil {
		return nil, err
	}
	client := newProviderClient(o.RootCAs)
	return &OIDC{
		issuer: o.Issuer, clientID: o.ClientID, groupsClaim: o.GroupsClaim, secret: o.ClientSecret,
		scopes: append(
			[]string{"openid"},
			slices.DeleteFunc(slices.Clone(o.Scopes), func(s string) bool { return s == "openid" })...),
		reauthenticate: o.Reauthenticate,
		callback:       absolute(o.BaseURL, "/sign-in/callback"),
		signedOut:      absolute(o.BaseURL, "/sign-out"),
		client:         client,
		discovery:      newDiscovery(o.Issuer, client, o.Now),
		attempts:       attempts,
		renewals:       newRenewals(o.Now),
		sessions:       o.Sessions, now: o.Now, logger: o.Logger,
	}, nil
}

func (o OIDCOptions) check() error {
	issuer, err := url.Parse(o.Issuer)
	switch {
	case err != nil || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil:
		return errors.New("the issuer is not an address of the form https://host/path")
	case !safeAddress(issuer):
		return errors.New("the issuer is not reached by https")
	case o.ClientID == "":
		return errors.New("the client id is missing")
	case o.BaseURL == nil || o.BaseURL.Host == "":
		return errors.New("the console's own address is missing")
	case o.Sessions == nil:
		return errors.New("the sessions are missing")
	}
	return nil
}

// oauthConfig answers the settings of x/oauth2 for a provider. How the client names itself is read from the discovery
// rather than tried out: a code or a refresh token that was sent twice can count as stolen at the provider.
func (p *OIDC) oauthConfig(metadata *providerMetadata) *oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if p.secret.Empty() || len(metadata.AuthMethods) > 0 && !slices.Contains(metadata.AuthMethods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.clientID, ClientSecret: p.secret.Reveal(), RedirectURL: p.callback, Scopes: p.scopes,
		Endpoint: oauth2.Endpoint{AuthURL: metadata.Authorization, TokenURL: metadata.Token, AuthStyle: style},
	}
}

// absolute is the address of one of the console's paths.
func absolute(base *url.URL, path string) string {
	address := *base
	address.Path, address.RawPath = strings.TrimSuffix(base.Path, "/")+path, ""
	address.RawQuery, address.Fragment = "", ""
	return address.String()
}

// down wraps what keeps the provider from being used. The cause is cut, since it may quote a page of the provider's.
func unavailable(doing string, cause error) error {
	return fmt.Errorf("%w: %s: %s", ErrUnavailable, doing, clip(cause.Error(), 300))
}
