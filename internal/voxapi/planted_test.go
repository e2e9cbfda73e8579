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
	plantedOld = "Old-Planted&9 secret"
	plantedNew = "New-Planted;7/secret"
)

// An unfriendly vendor sends everything that it was sent back, in every place
// that could end up in a text of ours. Nothing may get through.
func TestPlantedSecrets(t *testing.T) {
	t.Parallel()
	echoes := map[string]http.HandlerFunc{
		"in the message of a refusal": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "error", 464, everything(r))
		},
		"in the message of a failure": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "error", 2, everything(r))
		},
		"in errors": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "errors", 523, everything(r))
		},
		"after a refused token": func(
			w http.ResponseWriter,
			r *http.Request,
		) {
			writeErrors(w, "error", 456, everything(r))
		},
		"as the result": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"result": everything(r)})
		},
		"as a code": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": everything(r)}})
		},
		"as a page": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, everything(r))
		},
		"in the head": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/?"+url.QueryEscape(everything(r)))
			w.Header().Set("Content-Type", url.QueryEscape(everything(r)))
			w.Header().Set("Date", url.QueryEscape(everything(r)))
			w.Header().Set("Retry-After", url.QueryEscape(everything(r)))
			w.WriteHeader(http.StatusFound)
		},
		"as no HTTP at all": func(w http.ResponseWriter, r *http.Request) {
			text := everything(r)
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
			w := newWatcher(t, echo)
			c := networkClient(t, w.server.URL, w.attach)
			ctx := context.Background()
			_, err := c.Writer().
				AddSubUser(ctx, testAccount, NewSubUser{Login: "jdoe_1", Password: config.NewSecret(plantedNew)})
			w.check(t, err)
			w.check(t, c.Writer().SetSubUserInfo(ctx, testAccount, SubUserInfo{
				ID: 7, OldPassword: config.NewSecret(plantedOld), NewPassword: config.NewSecret(plantedNew),
			}))
			_, err = c.Reader().GetRoles(ctx, testAccount, "")
			w.check(t, err)
		})
	}
}

// A transport may put what it was given into its error.
func TestPlantedSecretsInTransportErrors(t *testing.T) {
	t.Parallel()
	w := newWatcher(t, http.NotFound)
	leaky := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		w.addToken(r)
		return nil, &url.Error{
			Op:  "Post",
			URL: "/?" + string(body),
			Err: errors.New(r.Header.Get("Authorization") + plantedNew),
		}
	})
	c := newTestClient(t, leaky, w.attach)
	_, err := c.Writer().AddSubUser(context.Background(), testAccount, NewSubUser{Password: config.NewSecret(plantedNew)})
	w.check(t, err)
}

// The private key of CreateKey's answer is in the file and nowhere else.
func TestPlantedPrivateKey(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"good":          `{"result":{"key_id":"k","account_id":1,"private_key":"` + plantedNew + `"}}`,
		"without id":    `{"result":{"account_id":1,"private_key":"` + plantedNew + `"}}`,
		"of odd shape":  `{"result":{"key_id":{},"private_key":"` + plantedNew + `"}}`,
		"not a number":  `{"result":{"key_id":"k","account_id":"` + plantedNew + `"}}`,
		"with an error": `{"error":{"code":2,"msg":"x"},"result":{"private_key":"` + plantedNew + `"}}`,
		"cut off":       `{"result":{"key_id":"k","account_id":1,"private_key":"` + plantedNew,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatcher(t, func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(rw, answer)
			})
			c := networkClient(t, w.server.URL, w.attach)
			info, err := c.Writer().CreateKey(context.Background(), testAccount, NewKey{})
			if name != "good" {
				w.check(t, err)
				return
			}
			w.checkTexts(t, fmt.Sprintf("%v %+v %#v", info, info, info))
			if err != nil || !bytes.Contains(info.CredentialsJSON(), []byte(plantedNew)) {
				t.Errorf("the file lacks the private key: %v", err)
			}
		})
	}
}

func everything(r *http.Request) string {
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

// watcher gathers everything that a client says, and the secrets that it sent.
type watcher struct {
	server *httptest.Server

	mu      sync.Mutex
	log     bytes.Buffer
	calls   []CallInfo
	secrets []string
}

func newWatcher(t *testing.T, answer http.HandlerFunc) *watcher {
	t.Helper()
	w := &watcher{secrets: []string{plantedOld, plantedNew, testKey().D.String()}}
	for _, secret := range []string{plantedOld, plantedNew} {
		w.secrets = append(w.secrets, url.QueryEscape(secret), url.PathEscape(secret))
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.addToken(r)
		answer(rw, r)
	}))
	t.Cleanup(w.server.Close)
	return w
}

func (w *watcher) addToken(r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.secrets = append(w.secrets, strings.Split(token, ".")...)
}

func (w *watcher) attach(o *Options) {
	o.Logger = slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Observe = func(i CallInfo) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, i)
	}
}

// check looks for the secrets in an error, in all it wraps, in the log and in
// what the observer was told.
func (w *watcher) check(t *testing.T, err error) {
	t.Helper()
	e, ok := err.(*Error)
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

func (w *watcher) checkTexts(t *testing.T, texts ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.log.Len() == 0 || len(w.calls) == 0 {
		t.Error("nothing was logged or observed: this test would see nothing")
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
