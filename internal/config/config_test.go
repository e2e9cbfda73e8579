package config_test

import (
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

const key = "0123456789abcdef0123456789abcdef"

// least is the smallest environment that Parse accepts.
func least() []string {
	return []string{
		"PATH=/bin", "VOXWARDEN_CREDENTIALS_FILE=/run/credentials.json",
		"VOXWARDEN_SECRET_KEY=" + key, "VOXWARDEN_ADMIN_GROUPS=ops",
	}
}

func with(lines ...string) []string { return append(least(), lines...) }

func TestParseDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(least())
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
		{"no reason required", !c.RequireReason},
		{"marks", c.MarkCreated},
		{"snapshot", c.SnapshotMaxAge == 5*time.Minute},
		{"settle", c.SettleAfter == 5*time.Minute},
		{"idle", c.SessionIdle == 30*time.Minute},
		{"max", c.SessionMax == 10*time.Hour},
		{"level", c.LogLevel == slog.LevelInfo},
		{"format", c.LogFormat == "json"},
		{"client's own rate", c.VendorRPS == 0},
		{"system's roots", c.RootCAs == nil},
	} {
		if !check.ok {
			t.Errorf("%s: got %+v", check.name, c)
		}
	}
}

func TestParseValues(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(with(
		"VOXWARDEN_LISTEN=:8080", "VOXWARDEN_BASE_URL=https://voxwarden.example.com/",
		"VOXWARDEN_API_URL=http://127.0.0.1:9091/platform_api/", "VOXWARDEN_EDITOR_PEOPLE=https://idp.example|u1, https://idp.example|u2",
		"VOXWARDEN_SECRET_KEY="+key+"-new,"+key, "VOXWARDEN_REQUIRE_REASON=On", "VOXWARDEN_DESCRIPTION_TAGS=off",
		"VOXWARDEN_VENDOR_RPS=2.5", "VOXWARDEN_LOG_LEVEL=WARN", "VOXWARDEN_LOG_FORMAT=text", "VOXWARDEN_PRIVILEGED_ROLES= Owner ,,Payer",
		"VOXWARDEN_PORT=tcp://10.0.0.1:80", "VOXWARDEN_PORT_80_TCP=x", "VOXWARDEN_SERVICE_HOST=10.0.0.1",
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct {
		name string
		ok   bool
	}{
		{"listen on all", c.Listen == ":8080"},
		{"base url without slash", c.BaseURL.String() == "https://voxwarden.example.com"},
		{"api url without slash", c.APIURL == "http://127.0.0.1:9091/platform_api"},
		{"people", slices.Equal(c.Access.EditorPeople, []string{"https://idp.example|u1", "https://idp.example|u2"})},
		{"keys newest first", len(c.SecretKeys) == 2 && c.SecretKeys[0].Reveal() == key+"-new"},
		{"reason", c.RequireReason},
		{"marks", !c.MarkCreated},
		{"rate", c.VendorRPS == 2.5},
		{"level", c.LogLevel == slog.LevelWarn},
		{"format", c.LogFormat == "text"},
		{"list", slices.Equal(c.PrivilegedRoles, []string{"Owner", "Payer"})},
	} {
		if !check.ok {
			t.Errorf("%s: got %+v", check.name, c)
		}
	}
}

func TestParseProblems(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, line, want string }{
		{"unknown", "VOXWARDEN_LISTNE=x", "VOXWARDEN_LISTNE is not a setting"},
		{"file of what is no secret", "VOXWARDEN_LISTEN_FILE=x", "VOXWARDEN_LISTEN_FILE is not a setting"},
		{"both", "VOXWARDEN_SECRET_KEY_FILE=" + empty, "VOXWARDEN_SECRET_KEY and VOXWARDEN_SECRET_KEY_FILE are both set"},
		{"empty file", "VOXWARDEN_DATABASE_URL_FILE=" + empty, "which is empty"},
		{"missing file", "VOXWARDEN_DATABASE_URL_FILE=/nowhere/x", "cannot be read: no such file"},
		{"listen without port", "VOXWARDEN_LISTEN=127.0.0.1", "must be an address and a port"},
		{"listen port", "VOXWARDEN_LISTEN=127.0.0.1:99999", "port number"},
		{"listen everywhere without base url", "VOXWARDEN_LISTEN=:8080", "VOXWARDEN_BASE_URL is missing"},
		{"base url relative", "VOXWARDEN_BASE_URL=voxwarden", "VOXWARDEN_BASE_URL must be an address"},
		{"base url with user", "VOXWARDEN_BASE_URL=https://a:b@voxwarden.example.com", "VOXWARDEN_BASE_URL must be an address"},
		{"base url with path", "VOXWARDEN_BASE_URL=https://example.com/voxwarden", "has a path"},
		{"base url open", "VOXWARDEN_BASE_URL=http://voxwarden.example.com", "must begin with https://"},
		{"api url open", "VOXWARDEN_API_URL=http://api.example.com", "VOXWARDEN_API_URL must begin with https://"},
		{"api url with query", "VOXWARDEN_API_URL=https://api.example.com?x=1", "VOXWARDEN_API_URL must be an address"},
		{"ca missing", "VOXWARDEN_CA_FILE=/nowhere/ca.pem", "VOXWARDEN_CA_FILE names the file"},
		{"ca not pem", "VOXWARDEN_CA_FILE=" + empty, "without a PEM certificate"},
		{"postgres", "VOXWARDEN_DATABASE_URL=postgres://u:hunter2@db/x", "not supported in this version"},
		{"no scheme", "VOXWARDEN_DATABASE_URL=voxwarden.db", "must be sqlite:"},
		{"short key", "VOXWARDEN_SECRET_KEY=hunter2", "fewer than 32"},
		{"people", "VOXWARDEN_ADMIN_PEOPLE=anna@example.com", "issuer|subject"},
		{"no privileged role", "VOXWARDEN_PRIVILEGED_ROLES= , ", "VOXWARDEN_PRIVILEGED_ROLES names nothing"},
		{"no group", "VOXWARDEN_ADMIN_GROUPS=,", "VOXWARDEN_ADMIN_GROUPS names nothing"},
		{"no person", "VOXWARDEN_ADMIN_PEOPLE=,", "VOXWARDEN_ADMIN_PEOPLE names nobody"},
		{"no key", "VOXWARDEN_SECRET_KEY=,", "VOXWARDEN_SECRET_KEY holds no key"},
		{"switch", "VOXWARDEN_REQUIRE_REASON=perhaps", "must be on or off"},
		{"duration", "VOXWARDEN_SESSION_IDLE=30", "must be a time"},
		{"negative duration", "VOXWARDEN_SETTLE_AFTER=-5m", "must be a time"},
		{"idle beyond max", "VOXWARDEN_SESSION_MAX=5m", "VOXWARDEN_SESSION_MAX is shorter"},
		{"rate", "VOXWARDEN_VENDOR_RPS=NaN", "number of calls"},
		{"rate zero", "VOXWARDEN_VENDOR_RPS=0", "number of calls"},
		{"level", "VOXWARDEN_LOG_LEVEL=loud", "must be debug"},
		{"format", "VOXWARDEN_LOG_FORMAT=xml", "must be json or text"},
		{"panel", "VOXWARDEN_PANEL_LOGIN_URL=javascript:alert(1)", "VOXWARDEN_PANEL_LOGIN_URL must be a link"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse(with(tc.line))
			problems, ok := errors.AsType[*config.Problems](err)
			if !ok || len(problems.Sentences) != 1 {
				t.Fatalf("got %v, want one problem", err)
			}
			if !strings.Contains(problems.Sentences[0], tc.want) || !strings.HasSuffix(problems.Sentences[0], ".") {
				t.Errorf("got %q, want it to say %q", problems.Sentences[0], tc.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the problem quotes a secret: %v", err)
			}
		})
	}
}

func TestParseReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Parse([]string{"VOXWARDEN_LOG_LEVEL=loud", "VOXWARDEN_NOPE=1"})
	for _, name := range []string{"LOG_LEVEL", "NOPE", "CREDENTIALS_FILE", "SECRET_KEY", "ADMIN_GROUPS"} {
		if err == nil || !strings.Contains(err.Error(), "VOXWARDEN_"+name) {
			t.Errorf("%s is not reported: %v", name, err)
		}
	}
}

func TestSecretFromFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse([]string{"VOXWARDEN_CREDENTIALS_FILE=x", "VOXWARDEN_ADMIN_PEOPLE=i|s", "VOXWARDEN_SECRET_KEY_FILE=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.SecretKeys) != 1 || c.SecretKeys[0].Reveal() != key {
		t.Error("the key is not the file's first line")
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
	for _, line := range []string{
		"LISTEN=:8080", "LISTEN=0.0.0.0:8080", "LISTEN=10.0.0.1:8080", "CREDENTIALS_FILE=x", "API_URL=https://api.voximplant.com",
		"ADMIN_GROUPS=ops", "VIEWER_PEOPLE=a|b",
	} {
		if _, err := config.Demo([]string{config.Prefix + line}); err == nil {
			t.Errorf("a demo takes %s", line)
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
		"127.0.0.1:8080": true, "127.9.9.9:1": true, "[::1]:8080": true, "localhost:8080": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.168.1.1:80": false, "example.com:80": false, "127.0.0.1": false,
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
		if seen[s.Name] || s.Name != strings.ToUpper(s.Name) || !strings.HasSuffix(s.Text, ".") {
			t.Errorf("%s: twice, not upper-case, or its text is no sentence: %q", s.Name, s.Text)
		}
		seen[s.Name] = true
	}
}
