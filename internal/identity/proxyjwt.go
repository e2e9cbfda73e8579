package identity

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/operator"
)

// ProxyJWTOptions configure the sign-in by a signed assertion in a header.
type ProxyJWTOptions struct {
	config.ProxyJWT
	Configured []string       // the configured groups, which decide about roles; nil for none
	RootCAs    *x509.CertPool // nil means the system's
	// Proxy is for http.Transport; nil means none.
	Proxy     func(*http.Request) (*url.URL, error)
	Transport http.RoundTripper // for fetching keys; nil means a transport of its own. For tests
	Sessions  proxySessions
	Now       func() time.Time // nil means time.Now
	Logger    *slog.Logger     // nil means slog.Default
}

// NewProxyJWT returns a Proxy that accepts the signed assertions of a proxy. Every request is checked: signature,
// issuer, audience and time. The address of the client does not matter.
//
// It returns an error with all problems of the settings. It does not use the network: keys are fetched when the first
// assertion arrives. KeysFile is read at once, and again whenever it changes.
func NewProxyJWT(o ProxyJWTOptions) (*Proxy, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	preset, keys, err := o.complete()
	if err != nil {
		return nil, err
	}
	p := newProxy(operator.ProxyJWT, o.Sessions, o.Now)
	v := &assertionVerifier{
		header: http.CanonicalHeaderKey(o.Header),
		parser: newAssertionParser(o, preset.Padded),
		keys:   keys,
		issuer: o.Issuer,
		groups: o.GroupsClaim,
		preset: preset,

		configuredGroups: o.Configured,
	}
	if preset.RequiredHeaders != nil {
		v.requiredHeaders = preset.RequiredHeaders(o.ProxyJWT)
	}
	p.verify = v.verify
	return p, nil
}

// complete checks the settings, fills in those that the preset knows, and returns the source of the keys.
func (o *ProxyJWTOptions) complete() (preset config.Preset, keys assertionKeys, err error) {
	if err := o.Check(); err != nil {
		return preset, nil, err
	}
	preset, ok := config.FindPreset(o.Preset)
	if !ok {
		return preset, nil, fmt.Errorf("unknown preset %q", o.Preset)
	}
	applyPreset(o, preset)
	keys, err = newAssertionKeys(*o, preset)
	return preset, keys, err
}

// applyPreset fills in the settings that the preset knows.
func applyPreset(o *ProxyJWTOptions, preset config.Preset) {
	if preset.Header != "" {
		o.Header = preset.Header
	}
	if preset.Algorithms != nil {
		o.Algorithms = preset.Algorithms
	}
	if preset.Issuer != "" {
		o.Issuer = preset.Issuer
	}
	if o.GroupsClaim == "" {
		o.GroupsClaim = preset.GroupsClaim
	}
	if preset.KeysURL != nil {
		o.KeysURL = preset.KeysURL(o.ProxyJWT)
	}
}

// newAssertionKeys returns the source of the keys: a key server, a file or the address of a key set.
func newAssertionKeys(o ProxyJWTOptions, preset config.Preset) (assertionKeys, error) {
	switch {
	case preset.KeyServer != nil:
		return newALBKeys(preset.KeyServer(o.ProxyJWT), o), nil
	case o.KeysFile != "":
		return newKeyFile(o.KeysFile, o.Logger)
	}
	fetcher := newKeyFetcher(o)
	return newRemoteKeys(fetcher, o.KeysURL, unknownKeyRetryDelay, failedFetchRetryDelay, o.Now, o.Logger), nil
}
