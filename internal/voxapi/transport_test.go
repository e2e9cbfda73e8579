package voxapi

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestOverTLSWithoutHTTP2(t *testing.T) {
	t.Parallel()
	var proto, path, query string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto, path, query = r.Proto, r.URL.Path, r.URL.RawQuery
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"result":1}`))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	c := newNetworkClient(t, server.URL+"/platform_api/", func(o *Options) { o.RootCAs = pool })
	if err := c.Writer().DelSubUser(context.Background(), testAccount, 7); err != nil {
		t.Fatal(err)
	}
	if proto != "HTTP/1.1" || path != "/platform_api/DelSubUser" || query != "" {
		t.Errorf("request was %s %s?%s", proto, path, query)
	}
}

// A redirect must not carry the token anywhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var followed bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	c := newNetworkClient(t, server.URL)
	e := wantError(t, c.Writer().DelSubUser(context.Background(), testAccount, 7), Unknown, 0)
	if followed || e.Status != http.StatusTemporaryRedirect {
		t.Errorf("followed: %v, status %d", followed, e.Status)
	}
	if !strings.Contains(e.Advice(), "API_URL") {
		t.Errorf("advice: %s", e.Advice())
	}
}

func TestDefaultTransportUsesNoProxy(t *testing.T) {
	t.Parallel()
	if newTransport(Options{}, true).Proxy != nil || newTransport(Options{}, false).Proxy != nil {
		t.Error("a proxy from the environment would see the token")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := Options{BaseURL: "https://vendor.example/platform_api", Credentials: FixedCredentials(testCredentials())}
	tests := map[string]struct {
		change func(*Options)
		want   string // in the error; empty when the options are good
	}{
		"good":              {func(*Options) {}, ""},
		"slash at the end":  {func(o *Options) { o.BaseURL += "/" }, ""},
		"loopback":          {func(o *Options) { o.BaseURL = "http://127.0.0.1:9091/platform_api" }, ""},
		"loopback IPv6":     {func(o *Options) { o.BaseURL = "http://[::1]:9091" }, ""},
		"localhost":         {func(o *Options) { o.BaseURL = "http://localhost/x" }, ""},
		"plain http":        {func(o *Options) { o.BaseURL = "http://vendor.example" }, "https"},
		"looks like local":  {func(o *Options) { o.BaseURL = "http://localhost.vendor.example" }, "https"},
		"another scheme":    {func(o *Options) { o.BaseURL = "ftp://127.0.0.1" }, "https"},
		"no scheme":         {func(o *Options) { o.BaseURL = "vendor.example/x" }, "host"},
		"empty":             {func(o *Options) { o.BaseURL = "" }, "host"},
		"port only":         {func(o *Options) { o.BaseURL = "https://:443" }, "host"},
		"not a URL":         {func(o *Options) { o.BaseURL = "https://planted-secret\x7f" }, "cannot be parsed"},
		"user and password": {func(o *Options) { o.BaseURL = "https://u:planted-secret@vendor.example" }, "password"},
		"query":             {func(o *Options) { o.BaseURL += "?api_key=planted-secret" }, "query"},
		"fragment":          {func(o *Options) { o.BaseURL += "#x" }, "fragment"},
		"no credentials":    {func(o *Options) { o.Credentials = nil }, "credentials"},
		"two ways of TLS":   {func(o *Options) { o.RootCAs, o.Transport = x509.NewCertPool(), &fakeVendor{} }, "Transport"},
		"negative rate":     {func(o *Options) { o.RPS = -1 }, "rate"},
		"negative timeout":  {func(o *Options) { o.CallTimeout = -time.Second }, "timeout"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := good
			test.change(&o)
			_, err := New(o)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error is %v, want one about %q", err, test.want)
			case err != nil && strings.Contains(err.Error(), "planted"):
				t.Errorf("error quotes the address: %v", err)
			}
		})
	}
}
