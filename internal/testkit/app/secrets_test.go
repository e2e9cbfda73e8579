package app_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voxwarden/voxwarden/internal/metrics"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// lockedBuffer is a buffer that several goroutines may write to.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestNoSecretIsLeftAnywhere creates subusers with known passwords and every outcome. The passwords, the private key
// and the tokens must be in no other page, in no metric, in no log and in no file of the database.
func TestNoSecretIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	folder := t.TempDir()
	registry := metrics.New("test")
	site := apptest.NewSite(t, apptest.Options{
		Logger:   slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics:  registry,
		Database: filepath.Join(folder, "voxwarden.db"),
	})
	visitor := site.Visit(t, policy.Admin)
	faults := []voxsim.FaultKind{
		"",
		voxsim.Refuse,
		voxsim.CommitThenReset,
		voxsim.CommitThenRefuse,
		voxsim.HTMLBody,
		voxsim.HTTP500,
		voxsim.TruncatedJSON,
	}
	var secrets []string
	var pages []apptest.Page
	for i, fault := range faults {
		typed := "Planted-1!" + strings.Repeat("x", i+1)
		secrets = append(secrets, typed)
		for _, password := range []string{typed, "", "too-weak-planted"} {
			if fault != "" {
				site.Sim.AddFault(voxsim.Fault{Method: "AddSubUser", Kind: fault})
			}
			form := visitor.Get("/subusers/new").FormValues(t, "/subusers/new")
			form.Set("login", "planted_"+string(rune('a'+i))+string(rune('a'+len(pages)%20)))
			form.Set("password", password)
			page := visitor.Post("/subusers/new", form)
			if generated := page.Find("#f-secret").AttrOr("value", ""); generated != "" {
				secrets = append(secrets, generated)
				if !strings.Contains(page.Header.Get("Cache-Control"), "no-store") {
					t.Errorf("a page with a password may be stored: %s", page.Header.Get("Cache-Control"))
				}
			} else {
				pages = append(pages, page)
			}
			site.Sim.ClearFaults()
		}
	}
	if len(secrets) < len(faults)+2 {
		t.Fatalf("only %d secrets were planted: no page showed a generated password", len(secrets))
	}
	for _, path := range []string{"/", "/subusers", "/subusers?q=planted", "/subusers.csv", "/roles"} {
		pages = append(pages, visitor.Get(path))
	}
	key := string(site.Sim.Credentials())
	secrets = append(secrets, key[strings.Index(key, "BEGIN")+30:][:40], "Bearer ey", "too-weak-planted")
	metricsPage := scrapeMetrics(registry)
	if !strings.Contains(metricsPage.Body, `route="/subusers/new"`) ||
		!strings.Contains(metricsPage.Body, `method="AddSubUser"`) ||
		strings.Contains(metricsPage.Body, "planted") {
		t.Errorf("the metrics lack the requests, or contain what was typed:\n%s", metricsPage.Body)
	}
	searchEverywhere(t, secrets, append(pages, metricsPage), log.String(), folder)
}

// scrapeMetrics returns what Prometheus reads.
func scrapeMetrics(m *metrics.Metrics) apptest.Page {
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return apptest.Page{Path: "/metrics", Status: w.Code, Body: w.Body.String()}
}

// searchEverywhere looks for secrets in pages, in the log, and in every file of the database.
func searchEverywhere(t *testing.T, secrets []string, pages []apptest.Page, log, folder string) {
	t.Helper()
	places := map[string]string{"the log": log}
	for _, page := range pages {
		if page.Status >= http.StatusInternalServerError && page.Status != http.StatusBadGateway {
			t.Errorf("%s: status %d", page.Path, page.Status)
		}
		places["a page of "+page.Path] += page.Body
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database files: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places[file] = string(data)
	}
	for place, text := range places {
		if len(text) == 0 {
			continue
		}
		for _, secret := range secrets {
			if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("%s contains %q", place, secret)
			}
		}
	}
}
