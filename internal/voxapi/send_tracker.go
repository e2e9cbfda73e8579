package voxapi

import (
	"net/http/httptrace"
	"sync/atomic"
)

// sendTracker records whether a request may have left this process.
//
// net/http reports GetConn when it starts to look for a connection, and GotConn when it has one, after the TLS
// handshake and before the first byte of the request. So a request that failed after GetConn and without GotConn was
// not sent. Nothing else is proof: a transport that reports neither may have sent the request.
type sendTracker struct {
	connecting, connected atomic.Bool
}

func (d *sendTracker) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { d.connecting.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { d.connected.Store(true) },
		WroteHeaders: func() { d.connected.Store(true) },
	}
}

// provenNotSent reports whether it is certain that no part of the request was sent.
func (d *sendTracker) provenNotSent() bool {
	return d.connecting.Load() && !d.connected.Load()
}
