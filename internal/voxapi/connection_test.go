package voxapi

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// rawServer is a server that handles each TCP connection itself.
type rawServer struct {
	address     string
	connections atomic.Int32
	requests    atomic.Int32
}

// startRawServer serves each connection with handle, on loopback.
func startRawServer(t *testing.T, handle func(f *rawServer, c *net.TCPConn)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &rawServer{address: listener.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			f.connections.Add(1)
			wg.Go(func() {
				defer c.Close()
				handle(f, c.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		wg.Wait()
	})
	return f
}

// receive reads one whole request.
func (f *rawServer) receive(c net.Conn) bool {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	f.requests.Add(1)
	return err == nil
}

// reset closes a connection so that the client receives a reset.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// waitClosed returns when the client has closed the connection.
func waitClosed(c net.Conn) {
	_, _ = io.Copy(io.Discard, c)
}

const okResponseHeader = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// newNetworkClient returns a client with the default transport.
func newNetworkClient(t *testing.T, baseURL string, change ...func(*Options)) *Client {
	t.Helper()
	return newTestClient(t, nil, append([]func(*Options){func(o *Options) {
		o.BaseURL = baseURL
		o.CallTimeout = 300 * time.Millisecond
	}}, change...)...)
}

// The point at which a connection fails decides between NotSent and Unknown.
func TestWriteConnectionFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handle func(f *rawServer, c *net.TCPConn)
		cause  error
	}{
		"reset at the first byte": {func(_ *rawServer, c *net.TCPConn) {
			_, _ = io.ReadFull(c, make([]byte, 1))
			reset(c)
		}, nil},
		"closed before reading": {func(_ *rawServer, c *net.TCPConn) {
			_ = c.CloseWrite()
			waitClosed(c)
		}, nil},
		"reset after the request": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			reset(c)
		}, syscall.ECONNRESET},
		"closed after the request": {func(f *rawServer, c *net.TCPConn) { f.receive(c) }, nil},
		"no response": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			waitClosed(c)
		}, context.DeadlineExceeded},
		"half a header": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			_, _ = io.WriteString(c, okResponseHeader)
		}, nil},
		"half a body": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			_, _ = io.WriteString(c, okResponseHeader+"Content-Length: 12\r\n\r\n{\"res")
		}, io.ErrUnexpectedEOF},
		"body cut by a reset": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			_, _ = io.WriteString(c, okResponseHeader+"Content-Length: 12\r\n\r\n{\"res")
			reset(c)
		}, nil},
		"slow body": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			_, _ = io.WriteString(c, okResponseHeader+"Content-Length: 12\r\n\r\n{\"res")
			waitClosed(c)
		}, context.DeadlineExceeded},
		"not HTTP": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			_, _ = io.WriteString(c, "220 mail.example ESMTP\r\n")
		}, nil},
		"not gzip": {func(f *rawServer, c *net.TCPConn) {
			f.receive(c)
			_, _ = io.WriteString(c, okResponseHeader+"Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n{\"result\":1}")
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startRawServer(t, test.handle)
			c := newNetworkClient(t, "http://"+f.address)
			e := wantError(t, c.Writer().DelSubUser(context.Background(), testAccount, 7), Unknown, 0)
			if test.cause != nil && !errors.Is(e, test.cause) {
				t.Errorf("the cause is %v, want %v", e, test.cause)
			}
			if n := f.connections.Load(); n != 1 {
				t.Errorf("the client connected %d times", n)
			}
		})
	}
}

func TestRefusedConnectionIsNotSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	c := newNetworkClient(t, "http://"+address)
	e := wantError(t, c.Writer().DelSubUser(context.Background(), testAccount, 7), NotSent, 0)
	if !errors.Is(e, syscall.ECONNREFUSED) {
		t.Errorf("the cause is %v", e)
	}
	_, err = c.Reader().GetRoles(context.Background(), testAccount, "")
	wantError(t, err, NotSent, 0)
}

// A failure before the end of the TLS handshake comes before the request.
func TestFailedTLSIsNotSent(t *testing.T) {
	t.Parallel()
	plain := startRawServer(t, func(_ *rawServer, c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, 5))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	silent := startRawServer(t, func(_ *rawServer, c *net.TCPConn) {
		// The transport continues the handshake for a while after the call has failed.
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		waitClosed(c)
	})
	cut := startRawServer(t, func(_ *rawServer, c *net.TCPConn) { reset(c) })
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)

	for name, base := range map[string]string{
		"not TLS":             "https://" + plain.address,
		"handshake hangs":     "https://" + silent.address,
		"handshake is reset":  "https://" + cut.address,
		"unknown certificate": untrusted.URL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newNetworkClient(t, base, func(o *Options) { o.RootCAs = x509.NewCertPool() })
			wantError(t, c.Writer().DelSubUser(context.Background(), testAccount, 7), NotSent, 0)
		})
	}
}

// A transport that does not report its steps gives no proof.
func TestUntracedTransportFailureIsUnknown(t *testing.T) {
	t.Parallel()
	v := respondInOrder(respondTransportError(syscall.ECONNREFUSED))
	wantError(t, newTestClient(t, v).Writer().DelSubUser(context.Background(), testAccount, 7), Unknown, 0)
}

// A server that closes an idle connection just when it is used again costs a read one retry. A write never uses such a
// connection.
func TestWritesDoNotUseIdleConnections(t *testing.T) {
	t.Parallel()
	f := startRawServer(t, func(f *rawServer, c *net.TCPConn) {
		if f.receive(c) {
			_, _ = io.WriteString(c, okResponseHeader+"Content-Length: 13\r\n\r\n{\"result\":[]}")
		}
		// The second request on this connection is read, and then the connection is reset: the server may have carried
		// it out.
		if f.receive(c) {
			reset(c)
		}
	})
	c := newNetworkClient(t, "http://"+f.address)
	defer c.CloseIdleConnections()
	ctx := context.Background()
	for range 2 {
		if _, err := c.Reader().GetRoles(ctx, testAccount, ""); err != nil {
			t.Fatal(err)
		}
	}
	if n, m := f.connections.Load(), f.requests.Load(); n != 2 || m != 3 {
		t.Fatalf("two reads used %d connections and %d requests, want 2 and 3", n, m)
	}
	for range 2 {
		wantError(t, c.Writer().DelSubUser(ctx, testAccount, 7), Unknown, 0) // [] is not 1
	}
	if n, m := f.connections.Load(), f.requests.Load(); n != 4 || m != 5 {
		t.Errorf("two writes used %d connections and %d requests, want two of each", n-2, m-3)
	}
}

// Even with a transport that reuses connections, a write is sent only once if its connection is lost, and its result is
// unknown.
func TestReusingTransportDoesNotRepeatAWrite(t *testing.T) {
	t.Parallel()
	f := startRawServer(t, func(f *rawServer, c *net.TCPConn) {
		if f.receive(c) {
			_, _ = io.WriteString(c, okResponseHeader+"Content-Length: 12\r\n\r\n{\"result\":1}")
		}
		if f.receive(c) {
			reset(c)
		}
	})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := newNetworkClient(t, "http://"+f.address, func(o *Options) { o.Transport = transport })
	if err := c.Writer().DelSubUser(context.Background(), testAccount, 7); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.Writer().DelSubUser(context.Background(), testAccount, 7), Unknown, 0)
	if n, m := f.connections.Load(), f.requests.Load(); n != 1 || m != 2 {
		t.Errorf("%d connections and %d requests, want 1 and 2", n, m)
	}
}
