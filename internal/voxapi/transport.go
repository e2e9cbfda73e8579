package voxapi

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// transports carry the requests. Round trippers are used directly, not through an
// http.Client: so no redirect is ever followed and no cookie kept.
type transports struct {
	reads, writes http.RoundTripper
}

// newTransports gives reads a pool of connections, and each write a connection of
// its own. On a pooled connection that the other side has just closed, a write
// would be lost without anyone knowing whether it was read; and an answer left
// over from an earlier request could be taken for the write's. A fresh
// connection has neither, and failing to open it proves that nothing was sent.
func newTransports(o Options) transports {
	if o.Transport != nil {
		return transports{reads: o.Transport, writes: o.Transport}
	}
	return transports{reads: newTransport(o, true), writes: newTransport(o, false)}
}

// newTransport makes an HTTP/1.1 transport without a proxy. HTTP/2 is off
// because it shares a connection between requests and repeats some by itself.
func newTransport(o Options, keepAlive bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
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
