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

// The limits of one exchange with the provider.
const (
	exchangeTime           = 10 * time.Second // also of all that finishing a sign-in takes together
	maxResponseBytes       = 1 << 20          // bytes of a body
	maxRedirects           = 3
	maxResponseHeaderBytes = 64 << 10
)

// newProviderClient makes the client for the provider. No proxy is taken from the environment, as for the vendor.
func newProviderClient(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout: exchangeTime,
		Transport: guardedTransport{&http.Transport{
			DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout:    3 * time.Second,
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: maxResponseHeaderBytes,
		}},
		// A provider's answer must not send the client's secret, or us, to another place.
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects || next.URL.Host != before[0].URL.Host || next.URL.Scheme != before[0].URL.Scheme {
				return errors.New("a redirect to another place is not followed")
			}
			return nil
		},
	}
}

// guardedTransport sends nothing in the clear beyond this machine, and bounds every answer: the libraries above read
// whatever comes.
type guardedTransport struct{ next *http.Transport }

// RoundTrip implements http.RoundTripper.
func (g guardedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !safeAddress(r.URL) {
		return nil, errors.New("the provider is asked by https only")
	}
	response, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxResponseBytes)
	return response, nil
}

// safeAddress says whether an address is https, or http on this machine.
func safeAddress(address *url.URL) bool {
	if address.Host == "" || address.User != nil {
		return false
	}
	host := address.Hostname()
	local := host == "localhost" || net.ParseIP(host).IsLoopback()
	return address.Scheme == "https" || address.Scheme == "http" && local
}

// fetchMu gives a context the client for the libraries.
func (p *OIDC) clientContext(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}
