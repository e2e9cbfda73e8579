package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// realEnvironment returns a valid environment for a real account. All its secrets contain "planted".
func realEnvironment(t *testing.T) []string {
	t.Helper()
	credentials := credentialsJSON(t, nil, 42, "aaaaaaaa-0000-4000-8000-000000000001")
	return []string{
		"VOXWARDEN_CREDENTIALS_FILE=" + secretFile(t, string(credentials)),
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

// tryConfig runs a config command, and fails the test if the output contains a planted secret.
func tryConfig(t *testing.T, environ []string, args ...string) (stdout string, err error) {
	t.Helper()
	out, log, err := runServer(t, environ, append([]string{"config"}, args...)...)
	output := out + log
	if err != nil {
		output += err.Error()
	}
	if strings.Contains(output, "planted") || strings.Contains(output, "PRIVATE KEY") {
		t.Errorf("%v shows a secret: %s", args, output)
	}
	return out, err
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	valid := realEnvironment(t)
	out, err := tryConfig(t, valid, "check")
	if err != nil || !strings.HasPrefix(out, "The configuration is valid.\n") ||
		!strings.Contains(out, "Warning: VOXWARDEN_TRUSTED_PROXIES is not set") {
		t.Errorf("valid configuration: %q, %v", out, err)
	}
	if out, err := tryConfig(t, nil, "check", "-demo"); err != nil || out != "The configuration is valid.\n" {
		t.Errorf("demo: %q, %v", out, err)
	}
	if out, err := tryConfig(t, valid, "check", "-demo"); err == nil || out != "" ||
		!strings.Contains(err.Error(), "cannot be used with -demo") {
		t.Errorf("demo with settings of a real account: %q, %v", out, err)
	}
	invalid := append(slices.Clone(valid), "VOXWARDEN_OIDC_ISSUER=id", "VOXWARDEN_LOG_LEVEL=loud")
	if out, err := tryConfig(t, invalid, "check"); err == nil || out != "" ||
		!strings.Contains(err.Error(), "OIDC_ISSUER must") ||
		!strings.Contains(err.Error(), "LOG_LEVEL must") {
		t.Errorf("invalid configuration: %q, %v", out, err)
	}
	noKey := append(slices.Clone(valid), "VOXWARDEN_CREDENTIALS_FILE="+secretFile(t, `{"private_key":"planted"}`))
	if out, err := tryConfig(t, noKey, "check"); err == nil || out != "" ||
		!strings.Contains(err.Error(), "VOXWARDEN_CREDENTIALS_FILE names an invalid file") {
		t.Errorf("invalid console key: %q, %v", out, err)
	}
}

func TestConfigPrint(t *testing.T) {
	t.Parallel()
	valid := realEnvironment(t)
	out, err := tryConfig(t, valid, "print")
	if err != nil || strings.Contains(out, "Problems") {
		t.Errorf("valid configuration: %q, %v", out, err)
	}
	for _, line := range []string{
		"VOXWARDEN_LISTEN=127.0.0.1:8080  # default", "VOXWARDEN_OIDC_ISSUER=https://id.example.com  # environment",
		"VOXWARDEN_SECRET_KEY=[redacted]  # environment", "VOXWARDEN_OIDC_CLIENT_SECRET=[redacted]  # environment",
		"VOXWARDEN_DATABASE_URL=[redacted]  # file ",
		"VOXWARDEN_VIEWER_GROUPS=  # not set", "VOXWARDEN_PROXY_JWT_SIGNER=  # not read with VOXWARDEN_AUTH=oidc",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("missing line %q:\n%s", line, out)
		}
	}
	invalid := append(
		slices.Clone(valid),
		"VOXWARDEN_AUTH=saml",
		"VOXWARDEN_SECRET_KEYS=planted",
		"VOXWARDEN_API_URL=https://u:planted@api.example.com",
	)
	out, err = tryConfig(t, invalid, "print")
	if err != nil {
		t.Errorf("invalid configuration: %v", err)
	}
	for _, line := range []string{
		"VOXWARDEN_AUTH=saml  # environment\n",
		"\n# Problems:\n# ",
		"# VOXWARDEN_AUTH must be oidc",
		"# VOXWARDEN_SECRET_KEYS is not a setting",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("missing line %q:\n%s", line, out)
		}
	}
	if out, err := tryConfig(t, nil, "print", "-demo"); err != nil || strings.Contains(out, "Problems") ||
		!strings.Contains(out, "VOXWARDEN_AUTH=  # not read with -demo") {
		t.Errorf("demo: %q, %v", out, err)
	}
}

func TestConfigCommandLine(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`unknown command "config"`:        nil,
		`unknown command "config cheque"`: {"cheque"},
		"unexpected argument":             {"check", "extra"},
		"not defined":                     {"print", "-nonsense"},
	} {
		if _, err := tryConfig(t, nil, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want it to say %q", args, err, want)
		}
	}
	if _, err := tryConfig(t, nil, "check", "-h"); err != nil {
		t.Errorf("help: %v", err)
	}
}
