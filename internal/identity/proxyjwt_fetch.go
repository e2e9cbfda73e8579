package identity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	keyFetchLimit       = 5 * time.Second // one fetch, from dialling to the last byte
	maxKeyResponseBytes = 256 << 10       // bytes; AWS allows key sets of 150 KB, and those are the largest
)

// keyFetcher gets keys from an address of the settings. It follows no redirects: a key set is where the settings say
// it is, and nowhere else.
type keyFetcher struct{ client *http.Client }

func newKeyFetcher(o ProxyJWTOptions) keyFetcher {
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout:    3 * time.Second,
			TLSClientConfig:        keyFetchTLS(o.RootCAs),
			MaxResponseHeaderBytes: 64 << 10,
			// Keys are fetched so rarely that a connection kept for the next time would be closed by then.
			DisableKeepAlives: true,
		}
	}
	return keyFetcher{client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func keyFetchTLS(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// get answers what an address holds, and the status when that is not 200. The fetch goes on when the browser that
// caused it goes away, since others wait for the same keys.
func (f keyFetcher) get(ctx context.Context, address string) (body []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyFetchLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("asking for keys: %w", err)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("asking for keys: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, response.StatusCode, fmt.Errorf("asking for keys: status %d", response.StatusCode)
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
