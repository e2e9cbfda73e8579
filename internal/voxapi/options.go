package voxapi

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultCallTimeout bounds one request, from connecting to the last byte of the response.
const DefaultCallTimeout = 5 * time.Second

// DefaultRPS is the default limit of requests per second. The vendor publishes no limit; this one is far above what
// operators cause by clicking.
const DefaultRPS = 10

// Options configures a [Client].
type Options struct {
	// BaseURL is the address to which method names are appended, such as https://api.voximplant.com/platform_api. It
	// must use https, except for a loopback host.
	BaseURL string
	// Credentials is called for each signing, so that the credentials can be replaced while the program runs; see
	// FixedCredentials. If it returns nil, the call fails as NotSent.
	Credentials func() *Credentials
	// RootCAs, if set, replaces the system's certificate authorities. To add one, start from x509.SystemCertPool. It
	// cannot be combined with Transport.
	RootCAs *x509.CertPool
	// Proxy, if set, returns the proxy for a request, as for http.Transport. It has no effect with Transport.
	Proxy func(*http.Request) (*url.URL, error)
	// Transport, if set, sends every request. It is meant for tests: the default gives each write a connection of its
	// own.
	Transport http.RoundTripper
	// RPS is how many requests per second this process may send; 0 means DefaultRPS. It is halved when the vendor
	// returns its rate limit code or HTTP 429, and recovers slowly.
	RPS float64
	// CallTimeout bounds one request; 0 means DefaultCallTimeout.
	CallTimeout time.Duration
	// Now is the clock for tokens and durations; nil means time.Now.
	Now func() time.Time
	// Logger receives one line per request with method, outcome, code and duration; nil means none.
	Logger *slog.Logger
	// Observe, if set, is called after each request, before the method returns. It must be fast and safe for concurrent
	// use.
	Observe func(CallInfo)
}

// withDefaults validates the options and fills in the defaults.
func (o Options) withDefaults() (Options, error) {
	base, err := normalizeBaseURL(o.BaseURL)
	if err != nil {
		return Options{}, err
	}
	o.BaseURL = base
	switch {
	case o.Credentials == nil:
		return Options{}, errors.New("voxapi: no credentials")
	case o.RootCAs != nil && o.Transport != nil:
		return Options{}, errors.New("voxapi: RootCAs and Transport cannot be combined")
	case o.RPS < 0:
		return Options{}, errors.New("voxapi: the rate limit is negative")
	case o.CallTimeout < 0:
		return Options{}, errors.New("voxapi: the call timeout is negative")
	}
	if o.RPS == 0 {
		o.RPS = DefaultRPS
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = DefaultCallTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(CallInfo) {}
	}
	return o, nil
}

// normalizeBaseURL rejects an address that would send a token unencrypted, or to which a method name cannot simply be
// appended.
func normalizeBaseURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("voxapi: the base URL cannot be parsed")
	}
	switch {
	case u.Host == "" || u.Hostname() == "":
		return "", errors.New("voxapi: the base URL has no host")
	case u.User != nil:
		return "", errors.New("voxapi: the base URL must not contain a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("voxapi: the base URL must not contain a query or a fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return "", fmt.Errorf("voxapi: the base URL must be https, since %q is not a loopback host", u.Hostname())
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
