package identity

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	keyFetchLimit       = 5 * time.Second // for one fetch, from dialling to the last byte
	maxKeyResponseBytes = 256 << 10       // the largest known key sets are AWS's, up to 150 KB
)

// keyFetcher fetches keys from an address in the settings. It does not follow redirects: keys come only from the
// configured address.
type keyFetcher struct{ client *http.Client }

func newKeyFetcher(o ProxyJWTOptions) keyFetcher {
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  o.Proxy,
			DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout:    3 * time.Second,
			TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: 64 << 10,
			// Keys are fetched so rarely that the server would have closed a kept connection.
			DisableKeepAlives: true,
		}
	}
	return keyFetcher{client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// get returns the response body of an address, at most maxKeyResponseBytes. If the status is not 200, it returns the
// status and an error. The fetch continues when the browser that caused it disconnects, because other requests wait for
// the same keys.
func (f keyFetcher) get(ctx context.Context, address string) (body []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyFetchLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("fetching keys: %w", err)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("fetching keys: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, response.StatusCode, fmt.Errorf("fetching keys: status %d", response.StatusCode)
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, maxKeyResponseBytes+1))
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("reading keys: %w", err)
	case len(body) > maxKeyResponseBytes:
		return nil, 0, fmt.Errorf("reading keys: more than %d bytes", maxKeyResponseBytes)
	}
	return body, http.StatusOK, nil
}
