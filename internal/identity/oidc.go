package identity

import (
	"context"
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

// OIDCSessions reads and writes sessions; *session.Store implements it.
type OIDCSessions interface {
	Operator(r *http.Request) (operator.Operator, error)
	Tokens(r *http.Request) (session.Tokens, error)
	Hash(r *http.Request) string
	SignIn(w http.ResponseWriter, r *http.Request, o operator.Operator, p session.Tokens) error
	SignOut(w http.ResponseWriter, r *http.Request) error
	Reload(r *http.Request) error
	Newest(ctx context.Context, id string) (hash string, o operator.Operator, err error)
	Load(ctx context.Context, hash string) (operator.Operator, session.Tokens, error)
	Renew(ctx context.Context, hash string, o operator.Operator, p session.Tokens) error
	EndRefused(ctx context.Context, hash string, o operator.Operator) error
}

// OIDCOptions configure the sign-in by OpenID Connect.
type OIDCOptions struct {
	Issuer         string          // exactly as in the provider's tokens; https, or http on a loopback address
	ClientID       string          // of the console at the provider
	ClientSecret   config.Secret   // empty for a public client
	Scopes         []string        // requested besides "openid"; nil means profile and email
	GroupsClaim    string          // claim with the groups; a.b means b inside a; "" means groups
	Configured     []string        // the configured groups, which decide about roles; nil for none
	Reauthenticate bool            // the provider supports max_age and sends auth_time
	BaseURL        *url.URL        // address of the console, with an optional path
	Keys           []config.Secret // encrypt the cookies of sign-ins in progress, newest first
	RootCAs        *x509.CertPool  // nil means the system's
	// Proxy is for http.Transport; nil means none.
	Proxy    func(*http.Request) (*url.URL, error)
	Sessions OIDCSessions
	Now      func() time.Time // nil means time.Now
	Logger   *slog.Logger     // nil means no log
}

// OIDC signs operators in by OpenID Connect, always with the authorization code flow, PKCE, state and nonce. It is safe
// for concurrent use.
type OIDC struct {
	issuer, clientID, groupsClaim string
	configured                    []string // groups
	secret                        config.Secret
	scopes                        []string
	reauthenticate                bool
	callback, signedOut           string // absolute addresses of console pages
	client                        *http.Client
	discovery                     *discovery
	attempts                      *attempts
	renewals                      *renewals
	sessions                      OIDCSessions
	now                           func() time.Time
	logger                        *slog.Logger
}

// NewOIDC checks the settings. It does not call the provider, which may be unavailable when the console starts.
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
	client := newProviderClient(o.RootCAs, o.Proxy)
	scopes := slices.DeleteFunc(slices.Clone(o.Scopes), func(s string) bool { return s == "openid" })
	return &OIDC{
		issuer:         o.Issuer,
		clientID:       o.ClientID,
		groupsClaim:    o.GroupsClaim,
		configured:     o.Configured,
		secret:         o.ClientSecret,
		scopes:         append([]string{"openid"}, scopes...),
		reauthenticate: o.Reauthenticate,
		callback:       absolute(o.BaseURL, "/sign-in/callback"),
		signedOut:      absolute(o.BaseURL, "/sign-out"),
		client:         client,
		discovery:      newDiscovery(o.Issuer, client, o.Now, o.Logger),
		attempts:       attempts,
		renewals:       newRenewals(o.Now),
		sessions:       o.Sessions,
		now:            o.Now,
		logger:         o.Logger,
	}, nil
}

func (o OIDCOptions) check() error {
	issuer, err := url.Parse(o.Issuer)
	switch {
	case err != nil || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil:
		return errors.New("the issuer is not an address of the form https://host/path")
	case !safeAddress(issuer):
		return errors.New("the issuer is not an https address")
	case o.ClientID == "":
		return errors.New("the client id is missing")
	case o.BaseURL == nil || o.BaseURL.Host == "":
		return errors.New("the console's address is missing")
	case o.Sessions == nil:
		return errors.New("the sessions are missing")
	}
	return nil
}

// oauthConfig returns the settings of x/oauth2 for a provider. The client authentication method comes from the
// discovery document. Trying both methods could send a code or refresh token twice, which providers treat as theft.
func (p *OIDC) oauthConfig(metadata *providerMetadata) *oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if p.secret.Empty() || len(metadata.AuthMethods) > 0 && !slices.Contains(metadata.AuthMethods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID:     p.clientID,
		ClientSecret: p.secret.Reveal(),
		RedirectURL:  p.callback,
		Scopes:       p.scopes,
		Endpoint:     oauth2.Endpoint{AuthURL: metadata.Authorization, TokenURL: metadata.Token, AuthStyle: style},
	}
}

// absolute returns the absolute address of a path of the console.
func absolute(base *url.URL, path string) string {
	address := *base
	address.Path, address.RawPath = strings.TrimSuffix(base.Path, "/")+path, ""
	address.RawQuery, address.Fragment = "", ""
	return address.String()
}

// unavailable wraps ErrUnavailable with the failed step and its cause. The cause is cut, because it may quote a page of
// the provider.
func unavailable(doing string, cause error) error {
	text := Printable(cause.Error(), maxDetailBytes)
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](cause); unknown {
		text += " (name a file with the authority's certificate in VOXWARDEN_CA_FILE)"
	}
	return fmt.Errorf("%w: %s: %s", ErrUnavailable, doing, text)
}
