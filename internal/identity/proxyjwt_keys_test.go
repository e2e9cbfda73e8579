package identity_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/voxwarden/voxwarden/internal/identity"
)

const annaID = "https://idp.example|anna-1"

func wantAnna(t *testing.T, v proxyVisit) {
	t.Helper()
	wantOperator(t, v, annaID, "ops", "night")
}

// A key set is fetched once for many requests. A removed key is accepted for at most 15 minutes.
func TestKeySetRotates(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	if s.net.fetches() != 0 {
		t.Error("request before the first assertion")
	}
	for range 50 {
		wantAnna(t, s.sendClaims())
	}
	if got := s.net.fetches(); got != 1 {
		t.Fatalf("%d fetches for 50 requests", got)
	}
	retired := s.signer
	s.signer = ecSigner(t, "two")
	s.net.serve(customKeys, keySetOf(t, s.signer))
	wantAnna(t, s.send(retired.sign(t, s.claims(), nil)))
	s.clock.pass(15*time.Minute - time.Second)
	wantAnna(t, s.send(retired.sign(t, s.claims(), nil)))
	s.clock.pass(time.Second)
	wantRefused(t, s.send(retired.sign(t, s.claims(), nil)), "not in the key set")
	wantAnna(t, s.sendClaims())
	if got := s.net.fetches(); got != 2 {
		t.Errorf("%d fetches", got)
	}
}

// A new key is accepted when an assertion names it, at the latest after a minute.
func TestKeySetFetchesNewKey(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	wantAnna(t, s.sendClaims())
	newer := ecSigner(t, "two")
	s.net.serve(customKeys, keySetOf(t, s.signer, newer))
	wantRefused(t, s.send(newer.sign(t, s.claims(), nil)), "not in the key set")
	s.clock.pass(time.Minute)
	wantAnna(t, s.send(newer.sign(t, s.claims(), nil)))
	wantAnna(t, s.sendClaims())
	if got := s.net.fetches(); got != 2 {
		t.Errorf("%d fetches", got)
	}
}

// Made-up key ids cause at most one fetch a minute, and do not affect other assertions.
func TestKeySetUnknownKeysAreRateLimited(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	wantAnna(t, s.sendClaims())
	valid := s.signer.sign(t, s.claims(), nil)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 15 {
				token := s.signer.sign(t, s.claims(), map[string]any{"kid": fmt.Sprintf("made-up-%d-%d", worker, i)})
				if v := s.send(token); v.operator.Authenticated() {
					t.Errorf("accepted %+v", v.operator)
				}
				if v := s.send(valid); v.err != nil {
					t.Errorf("anna was refused: %v", v.err)
				}
			}
		})
	}
	group.Wait()
	if got := s.net.fetches(); got != 1 {
		t.Errorf("%d fetches within the first minute", got)
	}
	for range 10 {
		s.clock.pass(time.Minute)
		for range 20 {
			s.send(s.signer.sign(t, s.claims(), map[string]any{"kid": "made-up"}))
		}
	}
	if got := s.net.fetches(); got != 11 {
		t.Errorf("%d fetches in ten more minutes, want one a minute", got)
	}
}

// Without keys, assertions are unavailable, not refused.
func TestKeySetUnavailableAtStart(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	s.net.setDown(true)
	for range 20 {
		wantUnavailable(t, s.sendClaims())
	}
	if got := s.net.fetches(); got != 1 {
		t.Errorf("%d fetches at once from an unavailable server", got)
	}
	wantNoOperator(t, visit(s.proxy))
	s.clock.pass(10 * time.Second)
	wantUnavailable(t, s.sendClaims())
	s.net.setDown(false)
	s.clock.pass(10*time.Second - time.Nanosecond)
	wantUnavailable(t, s.sendClaims())
	s.clock.pass(time.Nanosecond)
	wantAnna(t, s.sendClaims())
}

// Keys stay in use for a day while the key server is unavailable. An unknown key id is not refused then: it may be new.
func TestKeySetUnavailableLater(t *testing.T) {
	t.Parallel()
	s := customSite(t)
	wantAnna(t, s.sendClaims())
	s.net.setDown(true)
	newer := ecSigner(t, "two")
	s.clock.pass(time.Minute)
	wantUnavailable(t, s.send(newer.sign(t, s.claims(), nil)))
	wantAnna(t, s.sendClaims())
	s.clock.pass(24*time.Hour - time.Minute - time.Second)
	wantAnna(t, s.sendClaims())
	s.clock.pass(time.Second)
	wantUnavailable(t, s.sendClaims())
	s.clock.pass(10 * time.Second)
	s.net.setDown(false)
	wantAnna(t, s.sendClaims())
}

// An invalid key set, or one without usable keys, counts as unavailable.
func TestInvalidKeySets(t *testing.T) {
	t.Parallel()
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	short := proxySigner{kid: "one", method: jwt.SigningMethodRS256, key: weak}
	signer := ecSigner(t, "one")
	changed := func(change func(map[string]any)) []byte {
		var set struct {
			Keys []map[string]any `json:"keys"`
		}
		if err := json.Unmarshal(keySetOf(t, signer), &set); err != nil {
			t.Fatal(err)
		}
		change(set.Keys[0])
		data, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	withoutUsableKey := map[string]bool{ // well-formed
		"null": true, "no keys": true, "secret key": true, "short RSA key": true, "point off curve": true,
		"unknown curve": true, "EC key as RSA": true,
	}
	for name, body := range map[string][]byte{
		"empty":            nil,
		"HTML":             []byte("<html>"),
		"null":             []byte("null"),
		"no keys":          []byte(`{"keys":[]}`),
		"a list":           []byte("[]"),
		"secret key":       []byte(`{"keys":[{"kty":"oct","kid":"one","k":"c2VjcmV0"}]}`),
		"short RSA key":    keySetOf(t, short),
		"point off curve":  changed(func(k map[string]any) { k["x"] = k["y"] }),
		"unknown curve":    changed(func(k map[string]any) { k["crv"] = "P-999" }),
		"more than 256 KB": append(keySetOf(t, signer), bytes.Repeat([]byte(" "), 256<<10)...),
		"PEM":              pemOf(t, signer),
		"EC key as RSA":    changed(func(k map[string]any) { k["kty"] = "RSA" }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := customSite(t, func(o *identity.ProxyJWTOptions) { o.Algorithms = []string{"ES256", "RS256"} })
			s.net.serve(customKeys, body)
			v := s.send(signer.sign(t, s.claims(), nil))
			wantUnavailable(t, v)
			wantUnavailable(t, s.send(short.sign(t, s.claims(), nil)))
			if _, named := errors.AsType[*identity.NoUsableKeyError](v.err); named != withoutUsableKey[name] {
				t.Errorf("got %v", v.err)
			}
		})
	}
	const unusable = `[{"kty":"oct","kid":"zero","k":"c2VjcmV0"},{"kty":"??"},7,`
	for name, tc := range map[string]struct {
		body  []byte
		words string
	}{
		"encryption key": {changed(func(k map[string]any) { k["use"] = "enc" }), "not for signing"},
		"another algorithm": {
			changed(func(k map[string]any) { k["alg"] = "ES384" }), "not for its algorithm",
		},
		"a byte order mark":                  {append([]byte("\ufeff"), keySetOf(t, signer)...), ""},
		"without use and alg":                {changed(func(k map[string]any) { delete(k, "use"); delete(k, "alg") }), ""},
		"with a private key":                 {privateKeySetOf(t, signer), ""},
		"a certificate of empty text":        {changed(func(k map[string]any) { k["x5c"] = []string{""} }), ""},
		"another key of the same name first": {keySetOf(t, ecSigner(t, "one"), signer), ""},
		"another key of the same name last":  {keySetOf(t, signer, ecSigner(t, "one")), ""},
		"with unusable keys":                 {bytes.Replace(keySetOf(t, signer), []byte(`[`), []byte(unusable), 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := customSite(t)
			s.net.serve(customKeys, tc.body)
			v := s.send(signer.sign(t, s.claims(), nil))
			if tc.words == "" {
				wantAnna(t, v)
				return
			}
			wantRefused(t, v, tc.words)
		})
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	first, second := ecSigner(t, "one"), ecSigner(t, "two")
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(path+".new", data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	write(keySetOf(t, first))
	var logged bytes.Buffer
	s := customSite(t, func(o *identity.ProxyJWTOptions) {
		o.KeysURL, o.KeysFile, o.Logger = "", path, slog.New(slog.NewTextHandler(&logged, nil))
	})
	wantAnna(t, s.send(first.sign(t, s.claims(), nil)))
	wantRefused(t, s.send(second.sign(t, s.claims(), nil)), "not in the key set")

	write(keySetOf(t, second))
	wantAnna(t, s.send(second.sign(t, s.claims(), nil)))
	wantRefused(t, s.send(first.sign(t, s.claims(), nil)), "not in the key set")

	replace := func() { write(keySetOf(t, second)) }
	move := func(from, to string) func() {
		return func() {
			if err := os.Rename(from, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	away, back := move(path, path+".away"), move(path+".away", path)
	for _, trouble := range []struct{ begin, end func() }{
		{func() { write([]byte("half a f")) }, replace}, {away, replace}, {away, back}, {away, back},
	} {
		logged.Reset()
		trouble.begin()
		for range 3 {
			wantAnna(t, s.send(second.sign(t, s.claims(), nil)))
		}
		trouble.end()
		wantAnna(t, s.send(second.sign(t, s.claims(), nil)))
		if got := strings.Count(logged.String(), "level=WARN"); got != 1 {
			t.Errorf("logged %d times:\n%s", got, &logged)
		}
	}
	write(keySetOf(t, first))
	wantRefused(t, s.send(second.sign(t, s.claims(), nil)), "not in the key set")
	if s.net.fetches() != 0 {
		t.Error("network request with a key file")
	}
}

// A key file that another user could have written is refused also when it is read again. The previous keys stay in use.
func TestKeyFileIsCheckedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.json")
	first, second := ecSigner(t, "one"), ecSigner(t, "two")
	write := func(data []byte, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path+".new", data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path+".new", mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	mark := []byte("\xef\xbb\xbf")
	write(append(mark, keySetOf(t, first)...), 0o644)
	var logged bytes.Buffer
	s := customSite(t, func(o *identity.ProxyJWTOptions) {
		o.KeysURL, o.KeysFile, o.Logger = "", path, slog.New(slog.NewTextHandler(&logged, nil))
	})
	wantAnna(t, s.send(first.sign(t, s.claims(), nil)))
	for _, trouble := range []struct {
		name       string
		begin, end func() error
		want       string
	}{
		{
			"written by all",
			func() error { write(keySetOf(t, second), 0o666); return nil },
			func() error { return os.Chmod(path, 0o644) },
			"a file that users other than its owner can write",
		},
		{
			"folder that all can write",
			func() error { write(keySetOf(t, first), 0o644); return os.Chmod(dir, 0o777) },
			func() error { return os.Chmod(dir, 0o700) },
			"in which users other than its owner can write",
		},
		{
			"UTF-16",
			func() error { write([]byte("\xff\xfe{\x00"), 0o644); return nil },
			func() error { write(append(mark, keySetOf(t, second)...), 0o644); return nil },
			"byte order mark of UTF-16",
		},
		{
			"larger than 64 KiB",
			func() error {
				write(append(keySetOf(t, first), bytes.Repeat([]byte(" "), 64<<10)...), 0o644)
				return nil
			},
			func() error { write(keySetOf(t, second), 0o644); return nil },
			"too large",
		},
	} {
		logged.Reset()
		trusted, other := first, second
		if trouble.name != "written by all" {
			trusted, other = second, first
		}
		if err := trouble.begin(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			wantAnna(t, s.send(trusted.sign(t, s.claims(), nil)))
		}
		wantRefused(t, s.send(other.sign(t, s.claims(), nil)), "not in the key set")
		if got := strings.Count(logged.String(), trouble.want); got != 1 {
			t.Errorf("%s: logged %d times:\n%s", trouble.name, got, &logged)
		}
		if err := trouble.end(); err != nil {
			t.Fatal(err)
		}
		if trouble.name == "folder that all can write" {
			write(keySetOf(t, second), 0o644)
		}
		wantAnna(t, s.send(second.sign(t, s.claims(), nil)))
	}
}

// Fetching keys follows no redirects, and accepts no other status and no unknown certificate.
func TestKeyFetch(t *testing.T) {
	t.Parallel()
	signer := ecSigner(t, "one")
	keys := keySetOf(t, signer)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/keys":
			_, _ = w.Write(keys)
		case "/elsewhere":
			http.Redirect(w, r, "/keys", http.StatusFound)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write(keys)
		}
	}))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for name, tc := range map[string]struct {
		path  string
		roots *x509.CertPool
		found bool
	}{
		"found":             {"/keys", roots, true},
		"redirect":          {"/elsewhere", roots, false},
		"error":             {"/broken", roots, false},
		"unknown authority": {"/keys", x509.NewCertPool(), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := customSite(t, func(o *identity.ProxyJWTOptions) {
				o.KeysURL, o.Transport, o.RootCAs = server.URL+tc.path, nil, tc.roots
			})
			v := s.send(signer.sign(t, s.claims(), nil))
			if tc.found {
				wantAnna(t, v)
			} else {
				wantUnavailable(t, v)
			}
			if name == "unknown authority" && !strings.Contains(v.err.Error(), "VOXWARDEN_CA_FILE") {
				t.Errorf("does not say what to do: %v", v.err)
			}
		})
	}
}
