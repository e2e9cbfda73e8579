package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

func TestWarnings(t *testing.T) {
	t.Parallel()
	// These settings cause no warning with any sign-in method.
	const quiet = "BASE_URL=https://voxwarden.example.com TRUSTED_PROXIES=10.0.3.7 EDITOR_GROUPS=a AUDITOR_GROUPS=b " +
		"VIEWER_GROUPS=c"
	for _, tc := range []struct{ method, lines, want string }{
		{"oidc", "", ""},
		{"proxy-header", "", ""},
		{"pomerium", "", ""},
		{"oidc", "EDITOR_GROUPS VIEWER_GROUPS", "these dashboard roles: editor, viewer."},
		{"oidc", "TRUSTED_PROXIES", "VOXWARDEN_TRUSTED_PROXIES is not set"},
		{"custom", "TRUSTED_PROXIES", "VOXWARDEN_TRUSTED_PROXIES is not set"},
		{"oidc", "BASE_URL TRUSTED_PROXIES", "VOXWARDEN_BASE_URL is http://127.0.0.1:8080"},
		{"oidc", "OIDC_REAUTHENTICATE=off", "VOXWARDEN_OIDC_REAUTHENTICATE is off"},
		{"oidc", "PRIVILEGED_ROLES=Admin", "does not contain Owner"},
		{"oidc", "DATABASE_URL=postgres://u:hunter2@db/x", "VOXWARDEN_DATABASE_URL does not require TLS"},
		{
			"oidc",
			"DATABASE_URL=postgres://u:hunter2@/x?host=db&sslmode=prefer",
			"VOXWARDEN_DATABASE_URL does not require TLS",
		},
		{"oidc", "DATABASE_URL=postgres://u:hunter2@db/x?sslmode=verify-full", ""},
		{"oidc", "DATABASE_URL=postgres://u:hunter2@[::1]/x", ""},
		{"oidc", "DATABASE_URL=postgres://u@/x?host=/run/postgresql", ""},
		{"oidc", "DATABASE_URL=sqlite://u@db/x", ""},
		{
			"oidc",
			"LISTEN=0.0.0.0:8080",
			"VOXWARDEN_LISTEN is 0.0.0.0:8080, every address of this machine, and the console serves plain HTTP there: " +
				"sessions and passwords can be read between it and the proxy, and clients can bypass the proxy.",
		},
		{"oidc", "LISTEN=[::]:8080", "VOXWARDEN_LISTEN is [::]:8080, every address"},
		{"oidc", "LISTEN=[::ffff:0.0.0.0]:8080", "VOXWARDEN_LISTEN is [::ffff:0.0.0.0]:8080, every address"},
		{"oidc", "LISTEN=:8080", "VOXWARDEN_LISTEN is :8080, every address"},
		{"oidc", "LISTEN=10.0.3.9:8080", "VOXWARDEN_LISTEN is 10.0.3.9:8080, and the console serves plain HTTP there"},
		{"oidc", "LISTEN=console.local:8080", "VOXWARDEN_LISTEN is console.local:8080, and"},
		{"oidc", "LISTEN=[::1]:8080", ""},
		{"oidc", "LISTEN=localhost:8080", ""},
		{"oidc", "LISTEN=127.0.0.7:8080", ""},
		{"oidc", "METRICS_LISTEN=127.0.0.1:9090", ""},
		{
			"oidc",
			"METRICS_LISTEN=:9090",
			"VOXWARDEN_METRICS_LISTEN is :9090, every address of this machine: every client that can connect can read the " +
				"metrics.",
		},
		{"oidc", "METRICS_LISTEN=[::]:9090", "VOXWARDEN_METRICS_LISTEN is [::]:9090, every address"},
		{"oidc", "METRICS_LISTEN=10.0.3.9:9090", "VOXWARDEN_METRICS_LISTEN is 10.0.3.9:9090: every client"},
		{"oidc", "DATABASE_URL=postgres://u@%2Frun%2Fpostgresql/x", ""},
		{"oidc", "PRIVILEGED_ROLES=__owner", ""},
		{"oidc", "TRUSTED_PROXIES=10.0.3.0/24", ""},
		{"proxy-header", "TRUSTED_PROXIES=10.0.3.0/24", "contains the network 10.0.3.0/24"},
		{"proxy-header", "TRUSTED_PROXIES=127.0.0.0/8", ""},
	} {
		environ := invalidEnvironment{lines: quiet + " " + tc.lines}.environ(slices.Concat(
			accountEnviron(t),
			signInEnvirons()[tc.method],
		))
		c, err := config.Parse(environ)
		if err != nil {
			t.Errorf("%s with %q: %v", tc.method, tc.lines, err)
			continue
		}
		got := strings.Join(c.Warnings(), "\n")
		if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) || strings.Contains(got, "\n") {
			t.Errorf("%s with %q: got %q, want a warning with %q", tc.method, tc.lines, got, tc.want)
		}
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "all_proxy"} {
		environ := append(minimalEnviron(t), name+"=http://anna:hunter2@proxy.example.com:3128")
		for _, own := range []bool{false, true} {
			if own {
				environ = append(environ, "VOXWARDEN_HTTPS_PROXY=http://proxy.example.com:3128")
			}
			c, err := config.Parse(environ)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(c.Warnings(), "\n")
			if warned := strings.Contains(got, name+" is set, but the console does not use it."); warned == own ||
				strings.Contains(got, "hunter2") {
				t.Errorf("%s, with a proxy of our own %t: %s", name, own, got)
			}
		}
	}
	if c, err := config.Demo(nil); err != nil || c.Warnings() != nil {
		t.Errorf("a demo has warnings: %v, %v", c.Warnings(), err)
	}
}

// TestWeakKeysOnTrial starts a console that only this machine can reach with keys that are refused elsewhere.
func TestWeakKeysOnTrial(t *testing.T) {
	t.Parallel()
	lines := "SECRET_KEY=" + strings.Repeat("s", 40) + " AUDIT_KEY=" + strings.Repeat("a", 40)
	environ := invalidEnvironment{lines: lines}.environ(slices.Concat(accountEnviron(t), signInEnvirons()["oidc"]))
	c, err := config.Parse(environ)
	if err != nil {
		t.Fatal(err)
	}
	warnings := strings.Join(c.Warnings(), "\n")
	for _, name := range []string{"SECRET_KEY", "AUDIT_KEY"} {
		if !strings.Contains(warnings, "VOXWARDEN_"+name+" contains a key that is not random") {
			t.Errorf("no warning about %s: %s", name, warnings)
		}
	}
}
