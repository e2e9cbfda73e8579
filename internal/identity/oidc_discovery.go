package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/sync/singleflight"

	"github.com/voxwarden/voxwarden/internal/config"
)

const (
	// discoveryMaxAge is the age at which the discovery document is fetched again.
	discoveryMaxAge = time.Hour
	// discoveryRetryDelay is the time between two attempts after a failure.
	discoveryRetryDelay = 3 * time.Second
)

// providerMetadata is the discovery document (OpenID Connect Discovery 1.0, section 3, and RFC 9207).
type providerMetadata struct {
	Authorization         string   `json:"authorization_endpoint"`
	Token                 string   `json:"token_endpoint"`
	Keys                  string   `json:"jwks_uri"`
	UserInfo              string   `json:"userinfo_endpoint"`
	EndSession            string   `json:"end_session_endpoint"`
	Revocation            string   `json:"revocation_endpoint"` // for CheckProvider only
	AuthMethods           []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms            []string `json:"id_token_signing_alg_values_supported"`
	IssParameterSupported bool     `json:"authorization_response_iss_parameter_supported"`

	keys *remoteKeys
}

// discovery fetches and caches the provider's metadata. Concurrent requests share one fetch.
type discovery struct {
	issuer string
	client *http.Client
	now    func() time.Time
	logger *slog.Logger
	flight singleflight.Group

	mu      sync.Mutex
	known   *providerMetadata
	tried   time.Time
	lastErr error // of the last attempt
}

func newDiscovery(issuer string, client *http.Client, now func() time.Time, logger *slog.Logger) *discovery {
	return &discovery{issuer: issuer, client: client, now: now, logger: logger}
}

// get returns the provider's metadata. Only the first fetch blocks: later, the cached metadata is used while it is
// fetched again, and also if that fails.
func (d *discovery) get(ctx context.Context) (*providerMetadata, error) {
	known, err, due := d.state()
	if !due {
		return known, err
	}
	// The fetch continues when this request is cancelled, because others may wait for it.
	detached := context.WithoutCancel(ctx)
	done := d.flight.DoChan("", func() (any, error) {
		if known, err, due := d.state(); !due {
			return known, err
		}
		found, err := d.fetch(detached)
		return d.store(found, err)
	})
	if known != nil {
		return known, nil
	}
	select {
	case <-ctx.Done():
		return nil, unavailable("discovery", ctx.Err())
	case result := <-done:
		found, _ := result.Val.(*providerMetadata)
		return found, result.Err
	}
}

// state returns the cached metadata or the last error, and whether a fetch is due.
func (d *discovery) state() (known *providerMetadata, err error, due bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait := discoveryMaxAge
	if d.lastErr != nil {
		wait = discoveryRetryDelay
	}
	due = d.tried.IsZero() || d.now().Sub(d.tried) >= wait
	if d.known != nil {
		return d.known, nil, due
	}
	return nil, d.lastErr, due
}

func (d *discovery) store(found *providerMetadata, err error) (*providerMetadata, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tried, d.lastErr = d.now(), err
	if err == nil {
		if d.known != nil && d.known.Keys == found.Keys {
			found.keys = d.known.keys // they have an age of their own
		}
		d.known = found
	}
	return found, err
}

// fetch fetches the discovery document. The library checks its issuer.
func (d *discovery) fetch(ctx context.Context) (*providerMetadata, error) {
	ctx = oidc.ClientContext(ctx, d.client)
	library, err := oidc.NewProvider(ctx, d.issuer)
	if err != nil {
		return nil, unavailable("discovery", err)
	}
	found := new(providerMetadata)
	if err := library.Claims(found); err != nil {
		return nil, unavailable("discovery", err)
	}
	if err := found.check(d.logger); err != nil {
		return nil, unavailable("discovery", err)
	}
	// Only the provider's token endpoint sends ID tokens, so that there is no flood of made-up key ids.
	found.keys = newRemoteKeys(keyFetcher{d.client}, found.Keys, 0, discoveryRetryDelay, d.now, d.logger)
	return found, nil
}

// check reports unusable addresses, and removes those that a sign-in does not need. It removes the algorithms that the
// console does not accept.
func (p *providerMetadata) check(logger *slog.Logger) error {
	for _, endpoint := range []struct{ name, address string }{
		{"authorization_endpoint", p.Authorization},
		{"token_endpoint", p.Token},
		{"jwks_uri", p.Keys},
	} {
		if parsed, err := url.Parse(endpoint.address); err != nil || !safeAddress(parsed) {
			return fmt.Errorf("the provider's %s is missing or not an https address", endpoint.name)
		}
	}
	// Userinfo is a courtesy: without a usable address, the ID token alone counts.
	if parsed, err := url.Parse(p.UserInfo); err != nil || p.UserInfo != "" && !safeAddress(parsed) {
		logger.Warn("userinfo_endpoint of the provider is not an https address, using the ID token alone")
		p.UserInfo = ""
	}
	// Signing out at the provider is optional: without a usable address it is not offered.
	if parsed, err := url.Parse(p.EndSession); err != nil || !safeAddress(parsed) {
		p.EndSession = ""
	}
	accepted := config.SignatureAlgorithms()
	if len(p.Algorithms) == 0 {
		p.Algorithms = accepted
		return nil
	}
	p.Algorithms = slices.DeleteFunc(p.Algorithms, func(a string) bool { return !slices.Contains(accepted, a) })
	if len(p.Algorithms) == 0 {
		return errors.New("the provider signs ID tokens with no public-key algorithm")
	}
	return nil
}
