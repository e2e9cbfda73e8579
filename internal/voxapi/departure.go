package voxapi

import (
	"net/http/httptrace"
	"sync/atomic"
)

// departure watches whether a request may have left this process.
//
// net/http reports GetConn when it starts to look for a connection, and GotConn
// when it has one, TLS handshake included, before it writes the first byte of
// the request. So a request that failed after GetConn and without GotConn was
// not sent. Anything else is no proof: a transport that reports neither may
// have sent it.
type departure struct {
	sought, connected atomic.Bool
}

func (d *departure) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { d.sought.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { d.connected.Store(true) },
		WroteHeaders: func() { d.connected.Store(true) },
	}
}

// provenUnsent reports whether it is certain that nothing of the request left.
func (d *departure) provenUnsent() bool {
	return d.sought.Load() && !d.connected.Load()
}
