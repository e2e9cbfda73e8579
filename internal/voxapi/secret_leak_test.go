package voxapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

const (
	plantedOldPassword = "Old-Planted&9 secret"
	plantedNewPassword = "New-Planted;7/secret"
)

// The vendor returns everything that it received, in every place that could end up in a text. No secret may appear.
func TestEchoedSecretsDoNotLeak(t *testing.T) {
	t.Parallel()
	echoes := map[string]http.HandlerFunc{
		"in the message of a refusal": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "error", 464, echoRequest(r))
		},
		"in the message of a failure": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "error", 2, echoRequest(r))
		},
		"in errors": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "errors", 523, echoRequest(r))
		},
		"after a refused token": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "error", 456, echoRequest(r))
		},
		"as the result": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"result": echoRequest(r)})
		},
		"as a code": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": echoRequest(r)}})
		},
		"as an HTML page": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, echoRequest(r))
		},
		"in the header": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/?"+url.QueryEscape(echoRequest(r)))
			w.Header().Set("Content-Type", url.QueryEscape(echoRequest(r)))
			w.Header().Set("Date", url.QueryEscape(echoRequest(r)))
			w.Header().Set("Retry-After", url.QueryEscape(echoRequest(r)))
			w.WriteHeader(http.StatusFound)
		},
		"not HTTP": func(w http.ResponseWriter, r *http.Request) {
			text := echoRequest(r)
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = fmt.Fprintf(c, "%s\r\n%s", strings.ReplaceAll(text, "\n", " "), text)
				_ = c.(*net.TCPConn).CloseWrite()
				c.Close()
			}
		},
	}
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLeakDetector(t, echo)
			c := newNetworkClient(t, w.server.URL, w.attach)
			ctx := context.Background()
			_, err := c.Writer().
				AddSubUser(ctx, testAccount, NewSubUser{Login: "jdoe_1", Password: config.NewSecret(plantedNewPassword)})
			w.check(t, err)
			w.check(t, c.Writer().SetSubUserInfo(ctx, testAccount, SubUserInfo{
				ID:          7,
				OldPassword: config.NewSecret(plantedOldPassword),
				NewPassword: config.NewSecret(plantedNewPassword),
			}))
			_, err = c.Reader().GetRoles(ctx, testAccount, "")
			w.check(t, err)
		})
	}
}

// A transport may include the request in its error.
func TestSecretsInTransportErrorsDoNotLeak(t *testing.T) {
	t.Parallel()
	w := newLeakDetector(t, http.NotFound)
	leaky := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		w.addToken(r)
		return nil, &url.Error{
			Op:  "Post",
			URL: "/?" + string(body),
			Err: errors.New(r.Header.Get("Authorization") + plantedNewPassword),
		}
	})
	c := newTestClient(t, leaky, w.attach)
	_, err := c.Writer().AddSubUser(
		context.Background(),
		testAccount,
		NewSubUser{Password: config.NewSecret(plantedNewPassword)},
	)
	w.check(t, err)
}

// The private key of CreateKey's response is in the file and nowhere else.
func TestPrivateKeyDoesNotLeak(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]string{
		"good":          `{"result":{"key_id":"k","account_id":1,"private_key":"` + plantedNewPassword + `"}}`,
		"without id":    `{"result":{"account_id":1,"private_key":"` + plantedNewPassword + `"}}`,
		"invalid field": `{"result":{"key_id":{},"private_key":"` + plantedNewPassword + `"}}`,
		"not a number":  `{"result":{"key_id":"k","account_id":"` + plantedNewPassword + `"}}`,
		"with an error": `{"error":{"code":2,"msg":"x"},"result":{"private_key":"` + plantedNewPassword + `"}}`,
		"cut off":       `{"result":{"key_id":"k","account_id":1,"private_key":"` + plantedNewPassword,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLeakDetector(t, func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(rw, response)
			})
			c := newNetworkClient(t, w.server.URL, w.attach)
			info, err := c.Writer().CreateKey(context.Background(), testAccount, NewKey{})
			if name != "good" {
				w.check(t, err)
				return
			}
			w.checkTexts(t, fmt.Sprintf("%v %+v %#v", info, info, info))
			if err != nil || !bytes.Contains(info.CredentialsJSON(), []byte(plantedNewPassword)) {
				t.Errorf("the file lacks the private key: %v", err)
			}
		})
	}
}

func echoRequest(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	return fmt.Sprintf("%s %s %s %s", r.Header.Get("Authorization"), body,
		form.Get("old_subuser_password"), form.Get("new_subuser_password"))
}

func writeErrors(w http.ResponseWriter, field string, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{field: map[string]any{"code": code, "msg": message}})
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// leakDetector collects every text that a client produces, and the secrets that were sent.
type leakDetector struct {
	server *httptest.Server

	mu      sync.Mutex
	log     bytes.Buffer
	calls   []CallInfo
	secrets []string
}

func newLeakDetector(t *testing.T, response http.HandlerFunc) *leakDetector {
	t.Helper()
	w := &leakDetector{secrets: []string{plantedOldPassword, plantedNewPassword, testKey().D.String()}}
	for _, secret := range []string{plantedOldPassword, plantedNewPassword} {
		w.secrets = append(w.secrets, url.QueryEscape(secret), url.PathEscape(secret))
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.addToken(r)
		response(rw, r)
	}))
	t.Cleanup(w.server.Close)
	return w
}

func (w *leakDetector) addToken(r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.secrets = append(w.secrets, strings.Split(token, ".")...)
}

func (w *leakDetector) attach(o *Options) {
	o.Logger = slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Observe = func(i CallInfo) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, i)
	}
}

// check searches for the secrets in an error, in all errors that it wraps, in the log and in what was observed.
func (w *leakDetector) check(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error is %T, want *Error", err)
	}
	texts := []string{
		e.Advice(),
		e.VendorMessage,
		fmt.Sprintf("%v %+v %#v %q", e, e, e, e),
		fmt.Sprintf("%+v %#v", *e, *e),
	}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		texts = append(texts, cause.Error(), fmt.Sprintf("%#v", cause))
	}
	w.checkTexts(t, texts...)
}

func (w *leakDetector) checkTexts(t *testing.T, texts ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.log.Len() == 0 || len(w.calls) == 0 {
		t.Error("nothing was logged or observed, so the test proves nothing")
	}
	texts = append(texts, w.log.String(), fmt.Sprintf("%+v", w.calls))
	for _, text := range texts {
		for _, secret := range w.secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
}
