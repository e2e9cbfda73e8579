package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// described returns a setting's line of Describe, as "value from source".
func described(t *testing.T, lines []config.SettingValue, name string) string {
	t.Helper()
	for _, line := range lines {
		if line.Name == config.Prefix+name {
			return line.Value + " from " + line.From
		}
	}
	t.Fatalf("%s is not described", name)
	return ""
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	secret := writeFile(t, "hunter2", 0o600)
	environ := invalidEnvironment{
		lines: "OIDC_CLIENT_SECRET OIDC_CLIENT_SECRET_FILE=" + secret +
			" ADMIN_GROUPS=Ops__Team PANEL_LOGIN_URL=https://u:hunter2@panel.example.com" +
			" VIEWER_PEOPLE=https://id.example.com|email:anna@example.com LOG_LEVEL=\x1b[31m",
	}.environ(minimalEnviron(t))
	lines := config.Describe(environ, false)
	for name, want := range map[string]string{
		"LISTEN":             "127.0.0.1:8080 from default",
		"BASE_URL":           "http://127.0.0.1:8080 from default, from VOXWARDEN_LISTEN",
		"DATABASE_URL":       "sqlite:voxwarden.db from default",
		"SECRET_KEY":         "[redacted] from environment",
		"OIDC_CLIENT_SECRET": "[redacted] from file " + secret,
		"ADMIN_GROUPS":       "Ops Team from environment",
		"EDITOR_GROUPS":      " from not set",
		"PANEL_LOGIN_URL":    "https://[redacted]@panel.example.com from environment",
		"VIEWER_PEOPLE":      "https://id.example.com|email:anna@example.com from environment",
		"PROXY_HEADER_USER":  " from not read with VOXWARDEN_AUTH=oidc",
		"PROXY_JWT_SIGNER":   " from not read with VOXWARDEN_AUTH=oidc",
		"LOG_LEVEL":          `"\x1b[31m" from environment`,
	} {
		if got := described(t, lines, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	sameOrder := slices.EqualFunc(lines, config.Settings(), func(l config.SettingValue, s config.Setting) bool {
		return l.Name == config.Prefix+s.Name
	})
	if !sameOrder {
		t.Error("Describe does not return all settings in their order")
	}
	preset := config.Describe(slices.Concat(accountEnviron(t), signInEnvirons()["pomerium"]), false)
	if got := described(t, preset, "PROXY_JWT_SIGNER"); got != " from not read with VOXWARDEN_PROXY_JWT_PRESET=pomerium" {
		t.Errorf("setting of another preset: %q", got)
	}
}

func TestDescribeDemo(t *testing.T) {
	t.Parallel()
	lines := config.Describe(nil, true)
	for name, want := range map[string]string{
		"DATABASE_URL": " from not set",
		"API_URL":      " from not read with -demo",
		"AUTH":         " from not read with -demo",
		"LISTEN":       "127.0.0.1:8080 from default",
	} {
		if got := described(t, lines, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestDescribeHidesSecrets sets every variable to a secret, where it belongs or by mistake.
func TestDescribeHidesSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-5d8a1f0c7e93b264f1c08e6a2b9d7350"
	for _, s := range config.Settings() {
		lines := []string{"https://u:" + secret + "@example.com/x"}
		if s.Secret || s.Name == "CREDENTIALS_FILE" {
			lines = append(lines, secret, `{"private_key":"`+secret+`"}`)
		}
		for _, value := range lines {
			environ := invalidEnvironment{lines: s.Name}.environ(minimalEnviron(t))
			for _, name := range []string{s.Name, s.Name + "_FILE"} {
				set := append(slices.Clone(environ), config.Prefix+name+"="+value)
				_, err := config.Parse(set)
				text := fmt.Sprint(config.Describe(set, false), config.Describe(set, true), err)
				if _, err = config.Demo(set); strings.Contains(text+fmt.Sprint(err), "hunter2") &&
					!strings.HasSuffix(s.Name, "_PEOPLE") {
					t.Errorf("%s=%s appears in the output: %s", name, value, text)
				}
			}
		}
	}
	c, err := config.Parse(append(
		without(minimalEnviron(t), "SECRET_KEY", "OIDC_CLIENT_SECRET"),
		"VOXWARDEN_SECRET_KEY="+secret,
		"VOXWARDEN_OIDC_CLIENT_SECRET="+secret,
		"VOXWARDEN_DATABASE_URL=sqlite:"+secret,
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%x"} {
		if text := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, &c); strings.Contains(text, "hunter2") ||
			strings.Contains(text, "68756e746572") {
			t.Errorf("%s shows a secret: %s", verb, text)
		}
	}
}
