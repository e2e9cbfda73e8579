package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// TestServeAccount starts the console as in production, with a vendor on the network and sign-in by a proxy.
func TestServeAccount(t *testing.T) {
	t.Parallel()
	company, err := voxsim.CompanyNamed("small", 0)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := voxsim.New(voxsim.Options{Company: company})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	vendor := httptest.NewServer(sim)
	t.Cleanup(vendor.Close)
	dir := t.TempDir()
	credentials := filepath.Join(dir, "credentials.json")
	if err := os.WriteFile(credentials, sim.Credentials(), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"VOXWARDEN_CREDENTIALS_FILE=" + credentials,
		"VOXWARDEN_SECRET_KEY=planted-0123456789abcdef0123456789",
		"VOXWARDEN_AUDIT_KEY=planted-9876543210fedcba9876543210",
		"VOXWARDEN_API_URL=" + vendor.URL + "/platform_api",
		"VOXWARDEN_DATABASE_URL=sqlite:" + filepath.Join(dir, "x.db"),
		"VOXWARDEN_AUTH=proxy-header",
		"VOXWARDEN_PROXY_HEADER_USER=Remote-User",
		"VOXWARDEN_PROXY_HEADER_GROUPS=Remote-Groups",
		"VOXWARDEN_TRUSTED_PROXIES=127.0.0.1",
		"VOXWARDEN_ADMIN_GROUPS=phone-admins",
		"VOXWARDEN_LISTEN=127.0.0.1:0",
		"VOXWARDEN_SHUTDOWN_DELAY=0s",
	}
	initDatabase(t, environ)
	ctx, stop := context.WithCancel(t.Context())
	out, log := &lockedBuffer{}, &lockedBuffer{}
	ready := log.await("Voxwarden is at ")
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, nil, environ, out, log) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("the console ended with %v", err)
	}
	listening := regexp.MustCompile(`"address":"(127[^"]+)"`).FindStringSubmatch(log.String())
	if listening == nil || out.String() != "" {
		t.Fatalf("want the address in the log, and nothing on stdout: %q\n%s", out, log)
	}
	address := "http://" + listening[1]
	ask := func(path string, headers ...string) (int, string) {
		request, err := http.NewRequest(http.MethodGet, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		answer, err := newBrowser(t).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body := new(strings.Builder)
		if _, err := body.WriteString(answer.Request.URL.Path); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, body.String()
	}
	status, at := ask("/subusers", "Remote-User", "anna", "Remote-Groups", "staff,phone-admins")
	if status != http.StatusOK || at != "/subusers" {
		t.Errorf("admin: %d at %s", status, at)
	}
	if status, _ := ask("/subusers", "Remote-User", "eve", "Remote-Groups", "staff"); status != http.StatusForbidden {
		t.Errorf("operator without a dashboard role: %d", status)
	}
	if status, at := ask("/subusers"); status != http.StatusUnauthorized || at != "/sign-in" {
		t.Errorf("without an operator: %d at %s", status, at)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the console ended with %v", err)
	}
	if !strings.Contains(log.String(), "the audit log is new: if this console had one before") {
		t.Errorf("no warning about a new audit log: %s", log.String())
	}
	if !strings.Contains(log.String(), `"sign_in":"proxy-header"`) || strings.Contains(log.String(), "planted-") {
		t.Errorf("log of the start: %s", log)
	}
}

func TestInvalidConfigurationStopsStart(t *testing.T) {
	t.Parallel()
	_, _, err := runServer(t, nil)
	if err == nil || !strings.Contains(err.Error(), "VOXWARDEN_AUTH is missing") ||
		!strings.Contains(err.Error(), "-demo") {
		t.Errorf("got %v", err)
	}
}

// TestExamplesOfSigningIn creates the sign-in of every example in the documentation: settings that config accepts must
// also be valid for package identity.
func TestExamplesOfSigningIn(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/sign-in*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	secret, auditKeyFile := filepath.Join(dir, "secret"), filepath.Join(dir, "audit-key")
	credentials := filepath.Join(dir, "credentials.json")
	for name, content := range map[string]string{
		secret:       "5d8a1f0c7e93b264f1c08e6a2b9d7350\n",
		auditKeyFile: "c3b7e2904f6d18a5d0b3f79e6c2a8415\n",
		credentials:  "{}\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.OpenOrCreate(t.Context(), "sqlite:"+filepath.Join(dir, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	examples, fenced := 0, regexp.MustCompile("(?s)```env\n(.*?)```")
	for _, page := range append(pages, "../../docs/sign-in.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
			environ := []string{
				"VOXWARDEN_CREDENTIALS_FILE=" + credentials,
				"VOXWARDEN_SECRET_KEY_FILE=" + secret,
				"VOXWARDEN_AUDIT_KEY_FILE=" + auditKeyFile,
			}
			for line := range strings.Lines(block[1]) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				switch {
				case name == "VOXWARDEN_CREDENTIALS_FILE":
					value = credentials
				case name == "VOXWARDEN_AUDIT_KEY_FILE":
					value = auditKeyFile
				case strings.HasSuffix(name, "_FILE"):
					value = secret
				}
				environ = append(environ, name+"="+strings.Trim(value, "'"))
			}
			cfg, err := config.Parse(environ)
			if err != nil {
				t.Errorf("%s: %v", page, err)
				continue
			}
			sessions, err := session.New(session.Options{
				DB:      db,
				BaseURL: cfg.BaseURL,
				Idle:    cfg.SessionIdle,
				Max:     cfg.SessionMax,
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := newSignIn(cfg, sessions, slog.New(slog.DiscardHandler)); err != nil {
				t.Errorf("%s: the example\n%s is refused: %v", page, block[1], err)
			}
			examples++
		}
	}
	if examples < 12 {
		t.Errorf("found only %d examples", examples)
	}
}
