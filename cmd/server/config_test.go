package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// realEnvironment is a right one of a console on a real account, with secrets that are easy to find again.
func realEnvironment(t *testing.T) []string {
	t.Helper()
	return []string{
		"VOXWARDEN_CREDENTIALS_FILE=" + secretFile(
			t,
			string(credentialsJSON(t, nil, 42, "aaaaaaaa-0000-4000-8000-000000000001")),
		),
		"VOXWARDEN_SECRET_KEY=planted-0123456789abcdef0123456789abcdef",
		"VOXWARDEN_AUDIT_KEY=planted-9876543210fedcba9876543210fedcba",
		"VOXWARDEN_DATABASE_URL_FILE=" + secretFile(t, "sqlite:planted.db\n"),
		"VOXWARDEN_AUTH=oidc",
		"VOXWARDEN_OIDC_ISSUER=https://id.example.com",
		"VOXWARDEN_OIDC_CLIENT_ID=console",
		"VOXWARDEN_OIDC_CLIENT_SECRET=planted",
		"VOXWARDEN_ADMIN_GROUPS=ops",
		"VOXWARDEN_BASE_URL=https://voxwarden.example.com",
	}
}

func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tryConfig runs a config command, and fails the test when a planted secret is anywhere in what it says.
func tryConfig(t *testing.T, environ []string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, log strings.Builder
	err = configCommand(args, environ, &out, &log)
	said := out.String() + log.String()
	if err != nil {
		said += err.Error()
	}
	if strings.Contains(said, "planted") || strings.Contains(said, "PRIVATE KEY") {
		t.Errorf("%v shows a secret: %s", args, said)
	}
	return out.String(), err
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	right := realEnvironment(t)
	out, err := tryConfig(t, right, "check")
	if err != nil || !strings.HasPrefix(out, "The configuration is right.\n") ||
		!strings.Contains(out, "Warning: VOXWARDEN_TRUSTED_PROXIES is not set") {
		t.Errorf("a right one: %q, %v", out, err)
	}
	if out, err := tryConfig(t, nil, "check", "-demo"); err != nil || out != "The configuration is right.\n" {
		t.Errorf("a demo's: %q, %v", out, err)
	}
	if out, err := tryConfig(t, right, "check", "-demo"); err == nil || out != "" ||
		!strings.Contains(err.Error(), "cannot be used with -demo") {
		t.Errorf("a real one for a demo: %q, %v", out, err)
	}
	wrong := append(slices.Clone(right), "VOXWARDEN_OIDC_ISSUER=id", "VOXWARDEN_LOG_LEVEL=loud")
	if out, err := tryConfig(t, wrong, "check"); err == nil || out != "" ||
		!strings.Contains(err.Error(), "OIDC_ISSUER must") ||
		!strings.Contains(err.Error(), "LOG_LEVEL must") {
		t.Errorf("a wrong one: %q, %v", out, err)
	}
	noKey := append(slices.Clone(right), "VOXWARDEN_CREDENTIALS_FILE="+secretFile(t, `{"private_key":"planted"}`))
	if out, err := tryConfig(t, noKey, "check"); err == nil || out != "" ||
		!strings.Contains(err.Error(), "VOXWARDEN_CREDENTIALS_FILE cannot be used") {
		t.Errorf("a key that is none: %q, %v", out, err)
	}
}

func TestConfigPrint(t *testing.T) {
	t.Parallel()
	right := realEnvironment(t)
	out, err := tryConfig(t, right, "print")
	if err != nil || strings.Contains(out, "Problems") {
		t.Errorf("a right one: %q, %v", out, err)
	}
	for _, line := range []string{
		"VOXWARDEN_LISTEN=127.0.0.1:8080  # default", "VOXWARDEN_OIDC_ISSUER=https://id.example.com  # environment",
		"VOXWARDEN_SECRET_KEY=[redacted]  # environment", "VOXWARDEN_OIDC_CLIENT_SECRET=[redacted]  # environment",
		"VOXWARDEN_DATABASE_URL=[redacted]  # file ",
		"VOXWARDEN_VIEWER_GROUPS=  # not set", "VOXWARDEN_PROXY_JWT_SIGNER=  # not read with VOXWARDEN_AUTH=oidc",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("it lacks %q:\n%s", line, out)
		}
	}
	wrong := append(
		slices.Clone(right),
		"VOXWARDEN_AUTH=saml",
		"VOXWARDEN_SECRET_KEYS=planted",
		"VOXWARDEN_API_URL=https://u:planted@api.example.com",
	)
	out, err = tryConfig(t, wrong, "print")
	if err != nil {
		t.Errorf("a wrong one: %v", err)
	}
	for _, line := range []string{
		"VOXWARDEN_AUTH=saml  # environment\n",
		"\n# Problems:\n# ",
		"# VOXWARDEN_AUTH must be oidc",
		"# VOXWARDEN_SECRET_KEYS is not a setting",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("it lacks %q:\n%s", line, out)
		}
	}
	if out, err := tryConfig(t, nil, "print", "-demo"); err != nil || strings.Contains(out, "Problems") ||
		!strings.Contains(out, "VOXWARDEN_AUTH=  # not read with -demo") {
		t.Errorf("a demo's: %q, %v", out, err)
	}
}

func TestConfigCommandLine(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`no command "config"`:        nil,
		`no command "config cheque"`: {"cheque"},
		"unexpected argument":        {"check", "extra"},
		"not defined":                {"print", "-nonsense"},
	} {
		if _, err := tryConfig(t, nil, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want it to say %q", args, err, want)
		}
	}
	if _, err := tryConfig(t, nil, "check", "-h"); err != nil {
		t.Errorf("help is an error: %v", err)
	}
}
