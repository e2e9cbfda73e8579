package voxsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// errConnectionReset is the error of Transport where a network would report a reset connection.
var errConnectionReset = errors.New("connection reset by the simulated service")

// Transport returns a round tripper that serves requests in memory, with the same faults as over a network: a closed
// connection is an error, a call that hangs ends with the request's context, and a body is readable while it is
// written. It is meant for tests in a testing/synctest bubble, where a real connection would keep time from advancing.
func (s *Sim) Transport() http.RoundTripper { return transport{s} }

type transport struct{ handler http.Handler }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	served, err := serverRequest(r)
	if err != nil {
		return nil, err
	}
	reader, writer := io.Pipe()
	stop := context.AfterFunc(ctx, func() { reader.CloseWithError(ctx.Err()) })
	w := &pipeWriter{header: make(http.Header), body: writer, started: make(chan struct{}), aborted: make(chan struct{})}
	go func() {
		defer stop()
		w.serve(t.handler, served)
	}()
	select {
	case <-w.started:
		return w.response(r, reader), nil
	case <-w.aborted:
		return nil, errConnectionReset
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serverRequest converts a client's request to the request that a server on this machine would receive.
func serverRequest(r *http.Request) (*http.Request, error) {
	served := r.Clone(r.Context())
	served.RemoteAddr = "127.0.0.1:0"
	served.RequestURI = r.URL.RequestURI()
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	served.Body = http.NoBody
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close() // already read completely or failed
		if err != nil {
			return nil, fmt.Errorf("reading the request body: %w", err)
		}
		served.Body = io.NopCloser(bytes.NewReader(body))
	}
	return served, nil
}

// pipeWriter is an http.ResponseWriter with a body that the client reads while it is written.
type pipeWriter struct {
	header  http.Header
	body    *io.PipeWriter
	once    sync.Once
	status  int
	sent    http.Header
	started chan struct{} // closed when the status is written
	aborted chan struct{} // closed when the handler aborts before that
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.started)
	})
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush does nothing: a pipe has no buffer.
func (w *pipeWriter) Flush() {}

// serve runs the handler and closes the body, with an error if the handler aborted.
func (w *pipeWriter) serve(handler http.Handler, r *http.Request) {
	defer func() {
		aborted := recover()
		if err, _ := aborted.(error); aborted != nil && !errors.Is(err, http.ErrAbortHandler) {
			panic(aborted)
		}
		if aborted == nil {
			w.WriteHeader(http.StatusOK)
			_ = w.body.Close() // closing a pipe never fails
			return
		}
		w.once.Do(func() { close(w.aborted) })
		_ = w.body.CloseWithError(io.ErrUnexpectedEOF)
	}()
	handler.ServeHTTP(w, r)
}

func (w *pipeWriter) response(r *http.Request, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode:    w.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.sent,
		Body:          body,
		ContentLength: -1,
		Request:       r,
	}
}
