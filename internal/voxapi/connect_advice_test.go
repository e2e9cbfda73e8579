package voxapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

// failing is a transport that fails.
type failing struct{ err error }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GetConn(r.URL.Host)
	return nil, f.err
}

// The log line and the advice say why the vendor cannot be reached.
func TestWhyTheVendorCannotBeReached(t *testing.T) {
	t.Parallel()
	overTLS := httptest.NewUnstartedServer(http.NotFoundHandler())
	overTLS.Config.ErrorLog = log.New(io.Discard, "", 0)
	overTLS.StartTLS()
	t.Cleanup(overTLS.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	roots := x509.NewCertPool()
	roots.AddCert(overTLS.Certificate())
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "https://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(overTLS.URL)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, tc := range map[string]struct {
		baseURL       string
		roots         *x509.CertPool
		err           error // of the transport, instead of the network
		logged        string
		failure       string
		meaning, hint string
	}{
		"unknown authority": {
			failure: "unknown_authority",
			baseURL: overTLS.URL, roots: x509.NewCertPool(),
			logged:  "certificate signed by unknown authority",
			meaning: "certificate is signed by an authority that this server does not know",
			hint:    "VOXWARDEN_CA_FILE",
		},
		"another host": {
			failure: "certificate",
			baseURL: "https://localhost:" + address.Port(), roots: roots,
			logged:  "not localhost",
			meaning: "certificate is for another host",
			hint:    "VOXWARDEN_API_URL",
		},
		"no TLS": {
			failure: "no_tls",
			baseURL: "https://" + strings.TrimPrefix(plain.URL, "http://"), roots: roots,
			logged:  "does not use TLS",
			meaning: "does not use TLS",
			hint:    "VOXWARDEN_API_URL",
		},
		"refused": {
			failure: "refused",
			baseURL: refused, roots: roots,
			logged:  "connection refused",
			meaning: "the connection was refused",
			hint:    "firewall",
		},
		"no such host": {
			failure: "no_such_host",
			baseURL: "https://nowhere.invalid",
			err:     dial(&net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}),
			logged:  "lookup nowhere.invalid: no such host",
			meaning: "the host name in VOXWARDEN_API_URL was not found",
			hint:    "DNS",
		},
		"DNS does not answer": {
			failure: "dns",
			baseURL: "https://nowhere.invalid",
			err:     dial(&net.DNSError{Err: "server misbehaving", Name: "nowhere.invalid", IsTemporary: true}),
			logged:  "server misbehaving",
			meaning: "the host name in VOXWARDEN_API_URL could not be looked up",
			hint:    "DNS",
		},
		"no route": {
			failure: "no_route",
			baseURL: "https://192.0.2.1",
			err:     dial(syscall.EHOSTUNREACH),
			logged:  "no route to host",
			meaning: "there is no route",
			hint:    "firewall",
		},
		"connecting timed out": {
			failure: "connect_timeout",
			baseURL: "https://192.0.2.1",
			err:     dial(context.DeadlineExceeded),
			logged:  "deadline exceeded",
			meaning: "connecting took too long",
			hint:    "firewall",
		},
		"expired": {
			failure: "certificate",
			baseURL: "https://192.0.2.1",
			err: &tls.CertificateVerificationError{
				Err: x509.CertificateInvalidError{Cert: overTLS.Certificate(), Reason: x509.Expired},
			},
			logged:  "certificate has expired",
			meaning: "certificate has expired or is not valid yet",
			hint:    "clock",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text bytes.Buffer
			var seen CallInfo
			c := newNetworkClient(t, tc.baseURL, func(o *Options) {
				o.RootCAs = tc.roots
				if tc.err != nil {
					o.RootCAs, o.Transport = nil, failing{tc.err}
				}
				o.Logger = slog.New(slog.NewJSONHandler(&text, nil))
				o.Observe = func(i CallInfo) { seen = i }
			})
			err := c.Writer().DelSubUser(t.Context(), testAccount, 7)
			failure, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatal(err)
			}
			var line struct{ Msg, Cause, Failure string }
			if err := json.Unmarshal(text.Bytes(), &line); err != nil || line.Msg != "voximplant call" ||
				!strings.Contains(line.Cause, tc.logged) || seen.Cause != line.Cause {
				t.Errorf("want the cause %q, %v: %s", tc.logged, err, text.String())
			}
			if line.Failure != tc.failure || seen.Failure != tc.failure {
				t.Errorf("the failure is %q, and %q in the log, want %q", seen.Failure, line.Failure, tc.failure)
			}
			advice := failure.Advice()
			for _, want := range []string{"was not sent, so nothing was changed: ", tc.meaning, tc.hint} {
				if !strings.Contains(advice, want) {
					t.Errorf("want %q: %s", want, advice)
				}
			}
			if failure.Kind != NotSent {
				t.Errorf("kind %s", failure.Kind)
			}
		})
	}
}
