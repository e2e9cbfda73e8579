package voxapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func respondTransportError(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

func respondStatus(code int, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		response := newHTTPResponse(code, "text/html", "<html>")
		for i := 0; i+1 < len(header); i += 2 {
			response.Header.Set(header[i], header[i+1])
		}
		return response, nil
	}
}

// For each kind of failure: how often a read is sent, and how it ends.
func TestReadRetries(t *testing.T) {
	t.Parallel()
	good := respondJSON(`{"result":[]}`)
	reset := respondTransportError(syscall.ECONNRESET)
	tests := map[string]struct {
		responses []func() (*http.Response, error)
		sent      int
		kind      Kind // of the error, when code or kind is set
		code      int
		fails     bool
	}{
		"success at once":  {responses: []func() (*http.Response, error){good}, sent: 1},
		"reset, good":      {responses: []func() (*http.Response, error){reset, good}, sent: 2},
		"reset, 503, good": {responses: []func() (*http.Response, error){reset, respondStatus(503), good}, sent: 3},
		"429, good":        {responses: []func() (*http.Response, error){respondStatus(429), good}, sent: 2},
		"340, good":        {responses: []func() (*http.Response, error){respondError("340"), good}, sent: 2},
		"340 three times": {
			responses: []func() (*http.Response, error){respondError("340"), respondError("340"), respondError("340")},
			sent:      3,
			fails:     true,
			kind:      Refused,
			code:      340,
		},
		"500 three times": {
			responses: []func() (*http.Response, error){respondStatus(500), respondStatus(502), respondStatus(500)},
			sent:      3,
			fails:     true,
			kind:      Unavailable,
		},
		"reset three times": {
			responses: []func() (*http.Response, error){reset, reset, reset},
			sent:      3,
			fails:     true,
			kind:      Unavailable,
		},
		"456, 340, 340, good": {
			responses: []func() (*http.Response, error){respondError("456"), respondError("340"), respondError("340"), good},
			sent:      4,
		},
		"456 twice": {
			responses: []func() (*http.Response, error){respondError("456"), respondError("456")},
			sent:      2,
			fails:     true,
			kind:      Refused,
			code:      456,
		},
		"455, 456": {
			responses: []func() (*http.Response, error){respondError("455"), respondError("456")},
			sent:      2,
			fails:     true,
			kind:      Refused,
			code:      456,
		},
		"a refusal": {
			responses: []func() (*http.Response, error){respondError("104")},
			sent:      1,
			fails:     true,
			kind:      Refused,
			code:      104,
		},
		"an inner error": {
			responses: []func() (*http.Response, error){respondError("2")},
			sent:      1,
			fails:     true,
			kind:      Unavailable,
			code:      2,
		},
		"404": {
			responses: []func() (*http.Response, error){respondStatus(404)},
			sent:      1,
			fails:     true,
			kind:      Unavailable,
		},
		"a redirect": {
			responses: []func() (*http.Response, error){respondStatus(307, "Location", "https://elsewhere.example/")},
			sent:      1,
			fails:     true,
			kind:      Unavailable,
		},
		"a page": {
			responses: []func() (*http.Response, error){respondStatus(200)},
			sent:      1,
			fails:     true,
			kind:      Unavailable,
		},
		"asked to wait a year": {
			responses: []func() (*http.Response, error){respondStatus(429, "Retry-After", "31536000")},
			sent:      1,
			fails:     true,
			kind:      Unavailable,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := respondInOrder(test.responses...)
				_, err := newTestClient(t, v).Reader().GetRoles(context.Background(), testAccount, "")
				if test.fails {
					wantError(t, err, test.kind, test.code)
				} else if err != nil {
					t.Error(err)
				}
				if n := len(v.received()); n != test.sent {
					t.Errorf("sent %d times, want %d", n, test.sent)
				}
			})
		})
	}
}

// No failure causes a write to be sent twice.
func TestWritesAreNeverRepeated(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]func() (*http.Response, error){
		"reset":        respondTransportError(syscall.ECONNRESET),
		"429":          respondStatus(429),
		"503":          respondStatus(503),
		"340":          respondError("340"),
		"416":          respondError("416"),
		"484":          respondError("484"),
		"515":          respondError("515"),
		"307":          respondStatus(307, "Location", "/x"),
		"refused dial": respondTransportError(syscall.ECONNREFUSED),
		"retry after":  respondStatus(503, "Retry-After", "1"),
	} {
		for _, m := range methodTests() {
			if !m.write {
				continue
			}
			t.Run(name+" "+m.name, func(t *testing.T) {
				t.Parallel()
				v := respondInOrder(response)
				c := newTestClient(t, v)
				if err := m.call(context.Background(), c.Reader(), c.Writer(), testAccount); err == nil {
					t.Error("the failure was not returned")
				}
				if n := len(v.received()); n != 1 {
					t.Errorf("sent %d times", n)
				}
			})
		}
	}
}

// After a refused token a write is sent exactly once more.
func TestWriteIsSignedAgainOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"455", "456"} {
		v := respondInOrder(respondError(code), respondJSON(`{"result":1}`))
		if err := newTestClient(t, v).Writer().DelSubUser(context.Background(), testAccount, 7); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		v = respondInOrder(respondError(code), respondStatus(500))
		err := newTestClient(t, v).Writer().DelSubUser(context.Background(), testAccount, 7)
		wantError(t, err, Unknown, 0)
		v = respondInOrder(respondError(code), respondError("456"))
		err = newTestClient(t, v).Writer().DelSubUser(context.Background(), testAccount, 7)
		wantError(t, err, Refused, 456)
		if len(v.received()) != 2 {
			t.Errorf("%s: sent %d times", code, len(v.received()))
		}
	}
}

func TestRetryDelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		v := respondInOrder(respondStatus(503), respondStatus(503, "Retry-After", "3"), respondJSON(`{"result":[]}`))
		if _, err := newTestClient(t, v).Reader().GetRoles(context.Background(), testAccount, ""); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 3200*time.Millisecond || took > 3400*time.Millisecond {
			t.Errorf("took %v, want up to 0.4 s and then the 3 s asked for", took)
		}
	})
}

// No retry is started that could not end within the context.
func TestRetryStaysWithinTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
		defer cancel()
		v := respondInOrder(respondError("340"))
		_, err := newTestClient(t, v).Reader().GetRoles(ctx, testAccount, "")
		wantError(t, err, Refused, 340)
		if ctx.Err() != nil {
			t.Error("the last failure was returned only when the context ended")
		}
	})
}

func TestCallTimeout(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{0, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			hang := hangingTransport{}
			c := newTestClient(t, hang, func(o *Options) { o.CallTimeout = timeout })
			err := c.Writer().DelSubUser(context.Background(), testAccount, 7)
			e := wantError(t, err, Unknown, 0)
			if !errors.Is(e, context.DeadlineExceeded) {
				t.Errorf("the cause is %v", e)
			}
			want := timeout
			if want == 0 {
				want = 5 * time.Second
			}
			if took := time.Since(start); took != want {
				t.Errorf("took %v, want %v", took, want)
			}
		})
	}
}

// hangingTransport is a transport that never responds.
type hangingTransport struct{}

func (hangingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, fmt.Errorf("transport: %w", r.Context().Err())
}

func TestCanceledContextIsNotSent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	v := alwaysRespond(`{"result":1}`)
	err := newTestClient(t, v).Writer().DelSubUser(ctx, testAccount, 7)
	e := wantError(t, err, NotSent, 0)
	if !errors.Is(e, context.Canceled) {
		t.Errorf("the cause is %v", e)
	}
	if len(v.received()) != 0 {
		t.Error("the request was sent")
	}
}
