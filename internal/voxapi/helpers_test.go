package voxapi

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// testAccount is the account of the tests.
const testAccount = 4711

// testKey returns the RSA key of all tests; generating one is slow.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func testCredentials() *Credentials {
	return &Credentials{AccountID: testAccount, KeyID: "11111111-2222-3333-4444-555555555555", key: testKey()}
}

// request is a request that a fake vendor received.
type request struct {
	method string
	url    string
	path   string
	header http.Header
	form   url.Values
	raw    string
}

// fakeVendor records every request and responds with a function. It is an http.RoundTripper, so that it works in a
// synctest bubble.
type fakeVendor struct {
	respond func(n int, r request) (*http.Response, error)

	mu       sync.Mutex
	requests []request
}

func (v *fakeVendor) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	seen := request{
		method: r.Method,
		url:    r.URL.String(),
		path:   r.URL.Path,
		header: r.Header.Clone(),
		form:   form,
		raw:    string(body),
	}
	v.mu.Lock()
	v.requests = append(v.requests, seen)
	n := len(v.requests)
	v.mu.Unlock()
	return v.respond(n, seen)
}

func (v *fakeVendor) received() []request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.requests
}

// alwaysRespond returns the same JSON to every request.
func alwaysRespond(body string) *fakeVendor {
	return &fakeVendor{respond: func(int, request) (*http.Response, error) { return newJSONResponse(body), nil }}
}

// respondInOrder returns the responses in order, and an error for any further request.
func respondInOrder(responses ...func() (*http.Response, error)) *fakeVendor {
	return &fakeVendor{respond: func(n int, _ request) (*http.Response, error) {
		if n > len(responses) {
			return newJSONResponse(`{"error":{"code":9999,"msg":"one request too many"}}`), nil
		}
		return responses[n-1]()
	}}
}

func newJSONResponse(body string) *http.Response {
	return newHTTPResponse(http.StatusOK, "application/json", body)
}

func newHTTPResponse(status int, contentType, body string) *http.Response {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

// respondJSON returns JSON, with a Date header if one is given.
func respondJSON(body string, date ...time.Time) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		response := newJSONResponse(body)
		for _, d := range date {
			response.Header.Set("Date", d.UTC().Format(http.TimeFormat))
		}
		return response, nil
	}
}

func respondError(code string) func() (*http.Response, error) {
	return respondJSON(`{"error":{"code":` + code + `,"msg":"no"}}`)
}

// newTestClient returns a client of a fake vendor, with a rate limit that tests do not reach.
func newTestClient(t *testing.T, v http.RoundTripper, change ...func(*Options)) *Client {
	t.Helper()
	options := Options{
		BaseURL:     "https://vendor.example/platform_api",
		Credentials: FixedCredentials(testCredentials()),
		Transport:   v,
		RPS:         1e6,
	}
	for _, c := range change {
		c(&options)
	}
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// wantError checks the kind and code of an error and returns it.
func wantError(t *testing.T, err error, kind Kind, code int) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error is %T (%v), want *Error of kind %s", err, err, kind)
	}
	if e.Kind != kind || e.Code != code {
		t.Errorf("error is %q with code %d, want %q with code %d (%v)", e.Kind, e.Code, kind, code, err)
	}
	return e
}
