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

// DefaultCallTimeout is how long one request may take, from connecting to the
// last byte of the answer.
const DefaultCallTimeout = 5 * time.Second

// DefaultRPS is the rate limit where none is configured. The vendor publishes no
// number; this one is far above what people cause by clicking.
const DefaultRPS = 10

// Options is what a [Client] is made of.
type Options struct {
	// BaseURL is the address under which the methods are, without a slash at the
	// end, such as https://api.voximplant.com/platform_api. It must be https,
	// except on a loopback host.
	BaseURL string
	// Credentials is asked at each signing, so that they can be exchanged while
	// the program runs; see FixedCredentials. A nil answer fails the call as NotSent.
	Credentials func() *Credentials
	// RootCAs, if set, replaces the system's certificate authorities. To add one,
	// start from x509.SystemCertPool. It cannot be combined with Transport.
	RootCAs *x509.CertPool
	// Transport, if set, carries every request. It is meant for tests: the one
	// used otherwise gives each write a connection of its own.
	Transport http.RoundTripper
	// RPS is how many requests per second this process may send; 0 means
	// DefaultRPS. It is halved when the vendor answers 340 or HTTP 429, and
	// recovers slowly.
	RPS float64
	// CallTimeout bounds one request; 0 means DefaultCallTimeout.
	CallTimeout time.Duration
	// Now is the clock for tokens and durations; nil means time.Now.
	Now func() time.Time
	// Logger gets one line per request: method, outcome, code, duration. Nil means none.
	Logger *slog.Logger
	// Observe, if set, is called after each request, before the method returns. It
	// must be quick and safe for concurrent use.
	Observe func(CallInfo)
}

// withDefaults checks the options and fills in the defaults.
func (o Options) withDefaults() (Options, error) {
	base, err := normalizeBaseURL(o.BaseURL)
	if err != nil {
		return Options{}, err
	}
	o.BaseURL = base
	switch {
	case o.Credentials == nil:
		return Options{}, errors.New("voxapi: no credentials given")
	case o.RootCAs != nil && o.Transport != nil:
		return Options{}, errors.New("voxapi: RootCAs and Transport cannot both be given")
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

// normalizeBaseURL refuses every address that could carry a token in the clear, or
// to which a method's name cannot simply be appended.
func normalizeBaseURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("voxapi: the base URL cannot be read")
	}
	switch {
	case u.Host == "" || u.Hostname() == "":
		return "", errors.New("voxapi: the base URL names no host")
	case u.User != nil:
		return "", errors.New("voxapi: the base URL must not hold a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("voxapi: the base URL must not hold a query or a fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return "", fmt.Errorf("voxapi: the base URL must be https, since %q is not a loopback host", u.Hostname())
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
