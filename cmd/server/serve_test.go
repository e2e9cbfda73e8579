package main

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

// oneConnection is an in-memory listener with one connection, for tests with a fake clock.
type oneConnection struct {
	given  chan net.Conn
	closed chan struct{}
	close  sync.Once
}

func (l *oneConnection) Accept() (net.Conn, error) {
	select {
	case c := <-l.given:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneConnection) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

func (*oneConnection) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// Clients that send or read slowly can keep a connection open only for a limited time.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const head = "POST /subusers/new HTTP/1.1\r\nHost: example.com\r\nContent-Type: " +
		"application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
	for _, test := range []struct {
		name string
		talk func(t *testing.T, c net.Conn) // returns when the server closes the connection
		most time.Duration
	}{
		{"sends nothing", func(_ *testing.T, c net.Conn) { _, _ = c.Read(make([]byte, 1)) }, readHeaderTimeout},
		{"sends an endless header", func(_ *testing.T, c net.Conn) {
			go func() { _, _ = io.Copy(io.Discard, c) }()
			drip(c, "GET / HTTP/1.1\r\nX: y"+strings.Repeat("z", 1000))
		}, readHeaderTimeout},
		{"sends a form byte by byte", func(_ *testing.T, c net.Conn) {
			go func() { _, _ = io.Copy(io.Discard, c) }()
			_, _ = io.WriteString(c, head)
			drip(c, strings.Repeat("a", 1000))
		}, readTimeout},
		{"does not read the response", func(_ *testing.T, c net.Conn) {
			_, _ = io.WriteString(c, "GET /large HTTP/1.1\r\nHost: example.com\r\n\r\n")
			_, _ = bufio.NewReaderSize(c, 16).ReadString('\n')
			<-time.After(writeTimeout + time.Second)
			_, _ = io.Copy(io.Discard, c)
		}, writeTimeout + time.Second},
		{"sends no second request", func(_ *testing.T, c net.Conn) {
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}, idleTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if r.URL.Path == "/large" {
						_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
					}
				})
				server := newServer(handler, slog.New(slog.DiscardHandler))
				here, there := net.Pipe()
				listener := &oneConnection{given: make(chan net.Conn, 1), closed: make(chan struct{})}
				listener.given <- there
				served := make(chan error, 1)
				go func() { served <- server.Serve(listener) }()
				begun := time.Now()
				test.talk(t, here)
				if took := time.Since(begun); took > test.most+time.Second {
					t.Errorf("the connection was open for %s, want at most %s", took, test.most)
				}
				_ = here.Close()
				if err := server.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				if err := <-served; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// drip sends one byte per second until the server closes the connection.
func drip(c net.Conn, text string) {
	for i := range len(text) {
		if _, err := io.WriteString(c, text[i:i+1]); err != nil {
			return
		}
		<-time.After(time.Second)
	}
}

// A header that is too large is refused without reading the rest. The groups of an operator in 1,500 groups fit: as a
// header of a proxy they have 55 KB, in a signed assertion 80 KB.
func TestLargeHeader(t *testing.T) {
	t.Parallel()
	for bytes, status := range map[int]int{
		80 << 10:           http.StatusNotFound,
		2 * maxHeaderBytes: http.StatusRequestHeaderFieldsTooLarge,
	} {
		if got := statusWithHeader(t, bytes); got != status {
			t.Errorf("%d bytes: status %d, want %d", bytes, got, status)
		}
	}
}

// statusWithHeader returns the status of a request with a header of that length.
func statusWithHeader(t *testing.T, bytes int) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	request, err := http.NewRequest(http.MethodGet, "http://"+listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Padding", strings.Repeat("x", bytes))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// TestListenWaitsForAddress starts while another process uses the address: one that ends, and one that does not.
func TestListenWaitsForAddress(t *testing.T) {
	t.Parallel()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := other.Addr().String()
	if _, err := listen(t.Context(), address, 0, slog.New(slog.DiscardHandler)); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("without waiting: %v", err)
	}
	log := &lockedBuffer{}
	waiting := log.await("the address is in use")
	go func() {
		<-waiting
		_ = other.Close()
	}()
	listener, err := listen(t.Context(), address, time.Minute, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFailedStartWritesNoEvent starts a demo on an address that is in use.
func TestFailedStartWritesNoEvent(t *testing.T) {
	t.Parallel()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	database := storetest.SQLite(t)
	environ := []string{"VOXWARDEN_DATABASE_URL=" + database}
	_, _, err = runServer(t, environ, "-demo", "-history=false", "-listen", other.Addr().String())
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("got %v", err)
	}
	db := openDatabase(t, database)
	defer closeDatabase(t, db)
	events := 0
	query := `SELECT COUNT(*) FROM events WHERE kind = 'start'`
	if err := db.SQL().QueryRow(query).Scan(&events); err != nil || events != 0 {
		t.Errorf("%d start events, %v", events, err)
	}
}
