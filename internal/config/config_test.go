package config_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
)

// Keys as openssl rand creates them, in hexadecimal and base64.
const (
	key      = "5d8a1f0c7e93b264f1c08e6a2b9d7350"
	auditKey = "q3V0d1hTn8rUuKcYb7m2JxwZ5eFgLpA9oRi6tEsHkQM="
)

// minimalEnviron returns the smallest valid environment with AUTH=oidc.
func minimalEnviron(t *testing.T) []string {
	t.Helper()
	return append(accountEnviron(t), "VOXWARDEN_AUTH=oidc", "VOXWARDEN_OIDC_ISSUER=https://id.example.com",
		"VOXWARDEN_OIDC_CLIENT_ID=console", "VOXWARDEN_OIDC_CLIENT_SECRET=of-the-client")
}

// accountEnviron returns the settings that every sign-in method needs besides its own.
func accountEnviron(t testing.TB) []string {
	t.Helper()
	return []string{
		"PATH=/bin", "VOXWARDEN_CREDENTIALS_FILE=" + writeFile(t, `{"key_id":"x"}`, 0o600),
		"VOXWARDEN_SECRET_KEY=" + key, "VOXWARDEN_AUDIT_KEY=" + auditKey, "VOXWARDEN_ADMIN_GROUPS=ops",
	}
}

// writeFile creates a file with exactly this mode, regardless of the umask, in a folder of its own.
func writeFile(t testing.TB, content string, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	// The folder's mode depends on the umask too.
	if err := errors.Join(os.Chmod(path, mode), os.Chmod(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	return path
}

// without removes variables.
func without(environ []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(line string) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, config.Prefix), "=")
		return slices.Contains(names, name)
	})
}

func TestParseDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(minimalEnviron(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct {
		name string
		ok   bool
	}{
		{"listen", c.Listen == "127.0.0.1:8080"},
		{"base url follows listen", c.BaseURL.String() == "http://127.0.0.1:8080"},
		{"api url", c.APIURL == "https://api.voximplant.com/platform_api"},
		{"database", c.Database.Reveal() == "sqlite:voxwarden.db"},
		{"privileged", slices.Equal(c.PrivilegedRoles, []string{"Owner", "Admin"})},
		{"reason optional", !c.RequireReason},
		{"tags", c.TagDescriptions},
		{"snapshot", c.SnapshotMaxAge == 5*time.Minute},
		{"settle", c.ReconcileAfter == 5*time.Minute},
		{"idle", c.SessionIdle == 30*time.Minute},
		{"max", c.SessionMax == 10*time.Hour},
		{"shutdown delay", c.ShutdownDelay == 5*time.Second},
		{"level", c.LogLevel == slog.LevelInfo},
		{"format", c.LogFormat == "json"},
		{"default rate", c.VendorRPS == 0},
		{"default roots", c.RootCAs == nil},
	} {
		if !check.ok {
			t.Errorf("%s: got %+v", check.name, c)
		}
	}
}

func TestParseValues(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(append(
		minimalEnviron(t),
		"VOXWARDEN_LISTEN=:8080",
		"VOXWARDEN_BASE_URL=HTTPS://Voxwarden.Example.com:443/",
		"VOXWARDEN_API_URL=http://127.0.0.1:9091/platform_api/",
		"VOXWARDEN_EDITOR_PEOPLE=https://id.example.com|u1, https://id.example.com | u|2",
		"VOXWARDEN_SECRET_KEY="+key+"-new,"+key,
		"VOXWARDEN_REQUIRE_REASON=On",
		"VOXWARDEN_DESCRIPTION_TAGS=off",
		"VOXWARDEN_VENDOR_RPS=2.5",
		"VOXWARDEN_LOG_LEVEL=WARN",
		"VOXWARDEN_LOG_FORMAT=text",
		"VOXWARDEN_PRIVILEGED_ROLES= Owner ,,Payer",
		"VOXWARDEN_VIEWER_GROUPS=/ops/On call, Ops Team",
		"VOXWARDEN_VIEWER_PEOPLE=https://id.example.com|email:anna@example.com",
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct {
		name string
		ok   bool
	}{
		{"listen on all addresses", c.Listen == ":8080"},
		{"base url without trailing slash", c.BaseURL.String() == "https://voxwarden.example.com"},
		{"api url without trailing slash", c.APIURL == "http://127.0.0.1:9091/platform_api"},
		{"people", slices.Equal(c.Access.EditorPeople, []string{"https://id.example.com|u1", "https://id.example.com|u|2"})},
		{"keys newest first", len(c.SecretKeys) == 2 && c.SecretKeys[0].Reveal() == key+"-new"},
		{"reason", c.RequireReason},
		{"no tags", !c.TagDescriptions},
		{"rate", c.VendorRPS == 2.5},
		{"level", c.LogLevel == slog.LevelWarn},
		{"format", c.LogFormat == "text"},
		{"groups with spaces and slashes", slices.Equal(c.Access.ViewerGroups, []string{"/ops/On call", "Ops Team"})},
		{
			"person by e-mail address",
			slices.Equal(c.Access.ViewerPeople, []string{"https://id.example.com|email:anna@example.com"}),
		},
		{"list", slices.Equal(c.PrivilegedRoles, []string{"Owner", "Payer"})},
	} {
		if !check.ok {
			t.Errorf("%s: got %+v", check.name, c)
		}
	}
}

func TestParseReportsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := config.Parse([]string{"VOXWARDEN_LOG_LEVEL=loud", "VOXWARDEN_NOPE=1"})
	for _, name := range []string{"LOG_LEVEL", "NOPE", "CREDENTIALS_FILE", "SECRET_KEY", "ADMIN_GROUPS", "AUTH"} {
		if err == nil || !strings.Contains(err.Error(), "VOXWARDEN_"+name) {
			t.Errorf("%s is not reported: %v", name, err)
		}
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	c, err := config.Demo(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Database.Empty() || c.Listen != "127.0.0.1:8080" || !slices.Equal(c.Access.AdminGroups, []string{"demo-admin"}) {
		t.Errorf("got %+v", c)
	}
	c, err = config.Demo([]string{"VOXWARDEN_DATABASE_URL=sqlite:kept.db", "VOXWARDEN_LISTEN=localhost:0"})
	if err != nil || c.Database.Reveal() != "sqlite:kept.db" {
		t.Errorf("got %q, %v", c.Database.Reveal(), err)
	}
	if c.Auth != "demo" || c.OIDC.Scopes != nil || len(c.Access.AdminPeople) != 0 {
		t.Errorf("sign-in of a demo: %+v", c)
	}
	for _, line := range []string{
		"LISTEN=:8080", "LISTEN=0.0.0.0:8080", "LISTEN=10.0.0.1:8080", "METRICS_LISTEN=:9090",
		"CREDENTIALS_FILE=x", "API_URL=https://api.voximplant.com",
		"ADMIN_GROUPS=ops", "VIEWER_PEOPLE=a|b",
		"AUTH=oidc", "AUTH=demo", "OIDC_ISSUER=https://id.example.com",
		"OIDC_CLIENT_SECRET=x", "OIDC_CLIENT_SECRET_FILE=/nowhere/x", "OIDC_SCOPES=email",
		"PROXY_JWT_PRESET=custom", "PROXY_HEADER_USER=Remote-User", "PROXY_SIGN_OUT_URL=/out", "TRUSTED_PROXIES=10.0.0.0/8",
	} {
		_, err := config.Demo([]string{config.Prefix + line})
		if problems, ok := errors.AsType[*config.Problems](err); !ok || len(problems.Sentences) != 1 ||
			!strings.Contains(err.Error(), "-demo") {
			t.Errorf("%s in a demo: got %v, want one problem that names -demo", line, err)
		}
	}
}

func TestListenAddress(t *testing.T) {
	t.Parallel()
	if got := config.ListenAddress(nil); got != "127.0.0.1:8080" {
		t.Errorf("default: %s", got)
	}
	if got := config.ListenAddress([]string{"VOXWARDEN_LISTEN=:9000", "VOXWARDEN_NONSENSE=x"}); got != ":9000" {
		t.Errorf("set: %s", got)
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]bool{
		"127.0.0.1:8080": true,
		"127.9.9.9:1":    true,
		"[::1]:8080":     true,
		"localhost:8080": true,
		":8080":          false,
		"0.0.0.0:8080":   false,
		"[::]:8080":      false,
		"192.168.1.1:80": false,
		"example.com:80": false,
		"127.0.0.1":      false,
	} {
		if got := config.Loopback(listen); got != want {
			t.Errorf("%s: got %t", listen, got)
		}
	}
}

func TestSettingsTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range config.Settings() {
		if seen[s.Name] || s.Name != strings.ToUpper(s.Name) || !strings.HasSuffix(s.Text, ".") ||
			strings.Contains(s.Text, "|") {
			t.Errorf("%s: duplicate, not upper case, or its text is not a sentence without a vertical bar: %q", s.Name, s.Text)
		}
		seen[s.Name] = true
	}
}

// Kubernetes sets variables for each service of the namespace. A service with a name such as voxwarden-metrics must not
// stop the console.
func TestServiceVariables(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"SERVICE_HOST=10.43.0.12", "SERVICE_PORT=80", "SERVICE_PORT_HTTP=80", "PORT=tcp://10.43.0.12:80",
		"PORT_80_TCP=tcp://10.43.0.12:80", "PORT_80_TCP_PROTO=tcp", "PORT_80_TCP_PORT=80", "PORT_80_TCP_ADDR=10.43.0.12",
		"METRICS_SERVICE_HOST=10.43.0.12", "METRICS_SERVICE_PORT=9090", "METRICS_SERVICE_PORT_HTTP_METRICS=9090",
		"METRICS_PORT=tcp://10.43.0.12:9090", "METRICS_PORT_9090_TCP=tcp://10.43.0.12:9090",
		"METRICS_PORT_9090_TCP_PROTO=tcp", "METRICS_PORT_9090_TCP_PORT=9090", "METRICS_PORT_9090_TCP_ADDR=10.43.0.12",
		"DNS_PORT=udp://10.43.0.12:53", "DNS_PORT_53_UDP=udp://10.43.0.12:53", "DNS_PORT_53_UDP_ADDR=fd00::c",
		"DNS_PORT_53_UDP_PROTO=udp", "DNS_PORT_53_UDP_PORT=53",
		"SIP_PORT_5060_SCTP=sctp://10.43.0.12:5060", "SIP_PORT_5060_SCTP_ADDR=10.43.0.12",
		"LISTEN_PORT=tcp://10.43.0.12:8080", "SECRET_KEY_SERVICE_HOST=10.43.0.12", "DB_V2_SERVICE_PORT_PG=5432",
		"LINKED=tcp://10.43.0.12:1",
	} {
		if _, err := config.Parse(append(minimalEnviron(t), config.Prefix+line)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if _, err := config.Demo([]string{config.Prefix + line}); err != nil {
			t.Errorf("%s in a demo: %v", line, err)
		}
	}
}

// Keys that common commands create are accepted.
func TestGeneratedKeys(t *testing.T) {
	t.Parallel()
	random := make([]byte, 64)
	for range 2000 {
		_, _ = rand.Read(random)
		for _, generated := range []string{
			hex.EncodeToString(random[:16]), hex.EncodeToString(random[:32]), hex.EncodeToString(random),
			base64.StdEncoding.EncodeToString(random[:24]), base64.StdEncoding.EncodeToString(random[:32]),
			base64.RawURLEncoding.EncodeToString(random[:48]), rand.Text() + rand.Text(),
		} {
			if _, err := config.ParseAudit([]string{"VOXWARDEN_AUDIT_KEY=" + generated}); err != nil {
				t.Fatalf("%s: %v", generated, err)
			}
		}
	}
}

// A socket folder can be written as the host, with its slashes escaped, or as a parameter.
func TestDatabaseSockets(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"postgres://u:p@%2Frun%2Fpostgresql/x", "postgres://u@%2frun%2fpostgresql:5433/x",
		"postgresql://u@/x?host=/run/postgresql", "postgres://%2Frun%2Fpostgresql/x?user=u",
	} {
		c, err := config.Parse(append(without(minimalEnviron(t), "DATABASE_URL"), "VOXWARDEN_DATABASE_URL="+value))
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		if text := strings.Join(c.Warnings(), " "); strings.Contains(text, "does not require TLS") {
			t.Errorf("%s: a socket needs no TLS: %s", value, text)
		}
	}
}
