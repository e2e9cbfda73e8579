package identity

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/voxwarden/voxwarden/internal/operator"
)

// ProxyJWTOptions are the settings of signing in by a signed assertion in a header. Which of them a preset needs is
// said by NewProxyJWT's errors; what a preset decides by itself must stay empty, so that no setting is silently
// without effect.
type ProxyJWTOptions struct {
	Preset      string   // "cloudflare-access", "google-iap", "aws-alb", "pomerium" or "custom"
	Header      string   // custom: the header that carries the assertion
	Issuer      string   // what iss must be; google-iap knows its own
	Audiences   []string // aud must hold one of these; not for aws-alb, whose assertions have none
	KeysURL     string   // the key set's address: https, or plain http on a loopback address; not for aws-alb
	KeysFile    string   // custom: a file with the key set, instead of KeysURL
	Algorithms  []string // custom: the signatures to accept, asymmetric ones
	GroupsClaim string   // the claim with the groups, a.b for b within a; "" means the preset's, else no groups
	Signer      string   // aws-alb: the ARN of the load balancer
	Client      string   // aws-alb: the client id that the load balancer has at the identity provider
	Region      string   // aws-alb: the load balancer's region
	RootCAs     *x509.CertPool
	Transport   http.RoundTripper // fetches the keys; nil means one of its own. For tests
	Sessions    proxySessions
	Now         func() time.Time // nil means time.Now
	Logger      *slog.Logger     // nil means slog.Default
}

// NewProxyJWT makes a Proxy that believes assertions signed by the proxy in front. The signature, the issuer, the
// audience and the time are checked on every request; who connects does not matter.
//
// It reports all that is missing or wrong in the settings together. It asks the network for nothing: keys are fetched
// when the first assertion comes, and while they cannot be had nobody is proven. KeysFile is read at once, and again
// whenever it changes.
func NewProxyJWT(o ProxyJWTOptions) (*Proxy, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	preset, err := presetOf(o.Preset)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(preset.check(preset, &o)...); err != nil {
		return nil, err
	}
	keys, err := preset.keys(o)
	if err != nil {
		return nil, err
	}
	p := newProxy(operator.ProxyJWT, o.Sessions, o.Now)
	p.verify = (&assertionVerifier{
		header:          http.CanonicalHeaderKey(o.Header),
		parser:          newAssertionParser(o, preset),
		keys:            keys,
		requiredHeaders: preset.requiredHeaders(o),
		issuer:          o.Issuer,
		groups:          o.GroupsClaim,
		checkOperator:   preset.checkOperator,
	}).verify
	return p, nil
}
