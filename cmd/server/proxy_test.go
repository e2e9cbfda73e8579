package main

import (
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/config"
)

// connectProxy is a company's proxy: it opens connections to any host with CONNECT, all of them to one server.
type connectProxy struct {
	target string // host:port
	mu     sync.Mutex
	seen   []string // the hosts, with what the client authenticated with
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := (&http.Request{
		Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]},
	}).BasicAuth()
	p.mu.Lock()
	p.seen = append(p.seen, r.Method+" "+r.Host+" as "+user)
	p.mu.Unlock()
	if r.Method != http.MethodConnect || password != "planted/1" {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	to, err := net.Dial("tcp", p.target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	from, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = to.Close()
		return
	}
	_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(to, from); _ = to.Close() })
	both.Go(func() { _, _ = io.Copy(from, to); _ = from.Close() })
	both.Wait()
}

func (p *connectProxy) hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(p.seen)))
}

// The vendor and the provider are reached through the configured proxy, with its name and password.
func TestProxyOfTheCompany(t *testing.T) {
	t.Parallel()
	outside := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		text := `{"error":{"code":433,"msg":"no such subuser"}}`
		if r.Host == "id.example.com" {
			text = `{"issuer":"https://id.example.com","authorization_endpoint":"https://id.example.com/authorize",
				"token_endpoint":"https://id.example.com/token","jwks_uri":"https://id.example.com/keys"}`
		}
		_, _ = io.WriteString(w, text)
	}))
	outside.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(outside.Close)
	proxy := &connectProxy{target: outside.Listener.Addr().String()}
	listening := httptest.NewServer(proxy)
	t.Cleanup(listening.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: outside.Certificate().Raw})
	for _, tc := range []struct {
		name, password, noProxy string
		want                    []string
		problem                 string // of reading from the vendor
	}{
		{
			"both", "planted%2F1", "",
			[]string{"CONNECT api.example.com:443 as anna", "CONNECT id.example.com:443 as anna"},
			"refused", // by the vendor, not by the proxy
		},
		{"only the vendor", "planted%2F1", "id.example.com", []string{"CONNECT api.example.com:443 as anna"}, "refused"},
		{
			"wrong password", "planted", "",
			[]string{"CONNECT api.example.com:443 as anna", "CONNECT id.example.com:443 as anna"},
			"the proxy refused the connection with status 407",
		},
	} {
		proxy.mu.Lock()
		proxy.seen = nil
		proxy.mu.Unlock()
		environ := append(
			processEnvironment(t, t.TempDir()),
			"VOXWARDEN_API_URL=https://api.example.com/platform_api",
			"VOXWARDEN_CA_FILE="+secretFile(t, string(authority)),
			"VOXWARDEN_HTTPS_PROXY=http://anna:"+tc.password+"@"+strings.TrimPrefix(listening.URL, "http://"),
		)
		if tc.noProxy != "" {
			environ = append(environ, "VOXWARDEN_NO_PROXY="+tc.noProxy)
		}
		initDatabase(t, environ)
		cfg, err := config.Parse(environ)
		if err != nil {
			t.Fatal(err)
		}
		log := &lockedBuffer{}
		logger := newLogger(cfg, log)
		key, err := readCredentials(cfg.CredentialsFile, logger, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		up := upstream{url: cfg.APIURL, publicURL: cfg.APIURL, credentials: key}
		c, err := assemble(t.Context(), cfg, up, &logs{logger: logger, copies: &auditCopies{logger: logger}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.directory.ByID(t.Context(), key.account(), access.SubuserRef(7))
		if tc.problem != "" && (err == nil || !strings.Contains(err.Error()+log.String(), tc.problem)) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.problem)
		}
		c.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/sign-in", nil))
		if got := proxy.hosts(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: the proxy saw %v, want %v", tc.name, got, tc.want)
		}
		if strings.Contains(log.String(), "planted") {
			t.Errorf("%s: the log has the password: %s", tc.name, log)
		}
		if err := errors.Join(c.close()); err != nil {
			t.Error(err)
		}
	}
}
