package directory

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/voxapi"
)

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	code := func(code int) error {
		return &voxapi.Error{Kind: voxapi.Refused, Method: "GetSubUsers", Code: code, VendorMessage: "their words"}
	}
	status := func(status int) error {
		return &voxapi.Error{Kind: voxapi.Unavailable, Method: "GetSubUsers", Status: status}
	}
	because := func(kind voxapi.Kind, cause error) error {
		return errors.Join(&voxapi.Error{Kind: kind, Method: "GetSubUsers"}, cause)
	}
	tests := []struct {
		name string
		err  error
		want ErrorKind
	}{
		{"nothing sent", because(voxapi.NotSent, nil), Unreachable},
		{"no way to them", because(voxapi.NotSent, syscall.ECONNREFUSED), Unreachable},
		{"connection reset", because(voxapi.Unavailable, syscall.ECONNRESET), Unreachable},
		{"no connection in time", because(voxapi.NotSent, context.DeadlineExceeded), Slow},
		{"no answer in time", because(voxapi.Unavailable, context.DeadlineExceeded), Slow},
		{"an unreadable answer", because(voxapi.Unavailable, nil), Unreadable},
		{"an error of another kind", errors.New("anything"), Unreadable},
		{"a bare limit", fmt.Errorf("read: %w", context.DeadlineExceeded), Slow},
		{"our key", code(100), KeyRefused},
		{"our roles", code(104), KeyRefused},
		{"our account", code(115), KeyRefused},
		{"our token's form", code(447), KeyRefused},
		{"token of the future", code(455), ClockWrong},
		{"token of the past", code(456), ClockWrong},
		{"rate limit", code(340), RateLimited},
		{"try later", code(162), RateLimited},
		{"a code that refuses", code(440), Refused},
		{"a failure inside", code(2), VendorFault},
		{"an unknown code", code(9999), Refused},
		{"HTTP 401", status(401), KeyRefused},
		{"HTTP 403", status(403), KeyRefused},
		{"HTTP 429", status(429), RateLimited},
		{"HTTP 500", status(500), Unreadable},
		{"HTTP 302", status(302), Unreadable},
	}
	d := newTestDirectory(t, newFakeVendor(0), Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			readError := d.newReadError("GetSubUsers", test.err)
			if readError.Kind != test.want {
				t.Errorf("kind %q, want %q", readError.Kind, test.want)
			}
			if readError.Method != "GetSubUsers" || readError.At.IsZero() || !errors.Is(readError, test.err) {
				t.Errorf("readError %+v", readError)
			}
			if !strings.HasSuffix(readError.Advice, ".") || strings.ToUpper(readError.Advice[:1]) != readError.Advice[:1] {
				t.Errorf("advice %q is not a sentence", readError.Advice)
			}
			hasCode := voxapi.Code(test.err) != 0
			if hasCode && (readError.VendorMessage != "their words" || readError.Code == 0) {
				t.Errorf("the vendor's text is missing: %+v", readError)
			}
		})
	}
}

// Each kind without a code has its own advice.
func TestAdviceDiffersByErrorKind(t *testing.T) {
	t.Parallel()
	seen := map[string]ErrorKind{}
	for _, kind := range []ErrorKind{Unreachable, Slow, Unreadable} {
		advice := adviceForTransportError(kind)
		if other, twice := seen[advice]; twice {
			t.Errorf("%s and %s say the same: %q", kind, other, advice)
		}
		seen[advice] = kind
	}
}

// The advice after a failed connection names its cause, and so does the error in the log.
func TestConnectionErrorNamesTheCause(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	file, err := json.Marshal(map[string]any{
		"account_id":  testAccount,
		"key_id":      "aaaaaaaa-0000-4000-8000-000000000001",
		"private_key": string(pem.EncodeToMemory(block)),
	})
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := voxapi.ParseCredentials(file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := voxapi.New(voxapi.Options{
		BaseURL:     server.URL,
		Credentials: voxapi.FixedCredentials(credentials),
		RootCAs:     x509.NewCertPool(),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(client.Reader(), Options{}).ByID(t.Context(), testAccount, access.SubuserRef(1))
	readError, ok := errors.AsType[*ReadError](err)
	if !ok || readError.Kind != Unreachable || !strings.Contains(readError.Advice, "VOXWARDEN_CA_FILE") {
		t.Fatalf("got %+v", err)
	}
	if !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("the log would not name the cause: %v", err)
	}
}
