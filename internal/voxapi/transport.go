package voxapi

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// transports sends the requests. The round trippers are used without an http.Client, so no redirect is followed and no
// cookie is kept.
type transports struct {
	reads, writes http.RoundTripper
}

// newTransports gives reads a connection pool, and each write a connection of its own. On a pooled connection that the
// server has just closed, a write could be lost without knowing whether the server read it, and a late response to an
// earlier request could be taken for the response to the write. With a new connection neither can happen, and a failure
// to open it proves that nothing was sent.
func newTransports(o Options) transports {
	if o.Transport != nil {
		return transports{reads: o.Transport, writes: o.Transport}
	}
	return transports{reads: newTransport(o, true), writes: newTransport(o, false)}
}

// newTransport returns an HTTP/1.1 transport, with no proxy but that of the options. HTTP/2 is off because it shares a
// connection between requests and repeats some of them by itself.
func newTransport(o Options, keepAlive bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  o.Proxy,
		OnProxyConnectResponse: checkProxy,
		DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
		TLSHandshakeTimeout:    3 * time.Second,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		Protocols:              protocols,
		DisableKeepAlives:      !keepAlive,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// proxyRefusal means that the proxy refused to open a connection.
type proxyRefusal struct{ status int }

func (p proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy refused the connection with status %d", p.status)
}

// checkProxy keeps the proxy's status for the error. The transport's own error would be the proxy's text.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode != http.StatusOK {
		return proxyRefusal{response.StatusCode}
	}
	return nil
}

func (s transports) forCall(write bool) http.RoundTripper {
	if write {
		return s.writes
	}
	return s.reads
}

func (s transports) closeIdle() {
	for _, sender := range []http.RoundTripper{s.reads, s.writes} {
		if closer, ok := sender.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()
		}
	}
}
