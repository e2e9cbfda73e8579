package identity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Limits of requests to the provider.
const (
	exchangeTime           = 10 * time.Second // of one request, and of all requests of Finish together
	maxResponseBytes       = 1 << 20          // of a body
	maxRedirects           = 3
	maxResponseHeaderBytes = 64 << 10
)

// newProviderClient returns the client for the provider. Like the vendor's client it uses no proxy but the configured
// one.
func newProviderClient(roots *x509.CertPool, proxy func(*http.Request) (*url.URL, error)) *http.Client {
	return &http.Client{
		Timeout: exchangeTime,
		Transport: guardedTransport{&http.Transport{
			Proxy:                  proxy,
			DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout:    3 * time.Second,
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: maxResponseHeaderBytes,
		}},
		// The provider must not redirect requests with the client secret to another host.
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects || next.URL.Host != before[0].URL.Host || next.URL.Scheme != before[0].URL.Scheme {
				return errors.New("refused a redirect to another host, or too many redirects")
			}
			return nil
		},
	}
}

// guardedTransport refuses plain http to other machines, and limits the size of responses: the libraries that use it
// read responses of any size.
type guardedTransport struct{ next *http.Transport }

// RoundTrip implements http.RoundTripper.
func (g guardedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !safeAddress(r.URL) {
		return nil, errors.New("refused a request to the provider without https")
	}
	response, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxResponseBytes)
	return response, nil
}

// safeAddress reports whether an address is https, or http on this machine.
func safeAddress(address *url.URL) bool {
	if address.Host == "" || address.User != nil {
		return false
	}
	host := address.Hostname()
	local := host == "localhost" || net.ParseIP(host).IsLoopback()
	return address.Scheme == "https" || address.Scheme == "http" && local
}

// clientContext returns a context with the client for the libraries.
func (p *OIDC) clientContext(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}
