package kill

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voxwarden/voxwarden/internal/testkit/process"
)

// startRetryingProxy starts a proxy in front of two consoles that sends a request to the second one when the first one
// does not respond, as balancers do that are configured to retry every method. A change then arrives twice.
func startRetryingProxy(t *testing.T, consoles []*process.Console) (address string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		for _, console := range consoles {
			request := r.Clone(r.Context())
			request.RequestURI, request.URL.Scheme, request.URL.Host = "", "http", console.Address
			request.Host = console.Address
			request.Body = io.NopCloser(bytes.NewReader(body))
			response, err := transport.RoundTrip(request)
			if err != nil {
				continue
			}
			defer response.Body.Close()
			for name, values := range response.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(response.StatusCode)
			_, _ = io.Copy(w, response.Body)
			return
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	return proxy.Listener.Addr().String()
}
