package app_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/views/keys"
)

// newKeyWithCredentials creates a key with the role Accountant and writes its credentials.json to a new folder.
func newKeyWithCredentials(t *testing.T) (w *apptest.World, dir string) {
	t.Helper()
	w = apptest.NewWorld(t, apptest.Options{LongKeys: true})
	t.Cleanup(w.Close)
	o := apptest.Operator("admin", policy.Admin)
	form, err := w.Operations.NewForm(t.Context(), o, w.Account, access.Key)
	if err != nil {
		t.Fatal(err)
	}
	c := operations.CreateKey{
		Request: operations.Request{ID: form.ID, Operator: o, Account: w.Account},
		Name:    "robot",
		Offered: form.Offered(),
	}
	for _, role := range form.Catalogue.Roles {
		if role.Name == "Accountant" {
			c.Roles = append(c.Roles, role.ID)
		}
	}
	out, err := w.Operations.CreateKey(t.Context(), c)
	if err != nil || out.Result != audit.Applied {
		t.Fatalf("%+v, %v", out, err)
	}
	dir = t.TempDir()
	writeFile(t, dir, "credentials.json", out.Credentials.Reveal())
	return w, dir
}

func writeFile(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// snippet returns the example code for a language.
func snippet(t *testing.T, apiURL, id string) string {
	t.Helper()
	for _, l := range keys.Snippets(apiURL) {
		if l.ID == id {
			return l.Code
		}
	}
	t.Fatalf("no example for %s", id)
	return ""
}

// TestKeySnippetsRun runs each example of the page of a new key with the key's file.
func TestKeySnippetsRun(t *testing.T) {
	t.Parallel()
	w, dir := newKeyWithCredentials(t)
	server := httptest.NewServer(w.Sim)
	t.Cleanup(server.Close)
	api := server.URL + "/platform_api"

	t.Run("bash", func(t *testing.T) {
		t.Parallel()
		requirePrograms(t, "openssl", "curl", "bash")
		writeFile(t, dir, "try.sh", snippet(t, api, "bash"))
		runAndExpectRoles(t, dir, nil, "bash", "try.sh")
	})
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		source, program := filepath.Join(dir, "try.go"), filepath.Join(dir, "try")
		writeFile(t, dir, "try.go", snippet(t, api, "go"))
		build := exec.CommandContext(t.Context(), "go", "build", "-o", program, source)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		runAndExpectRoles(t, dir, nil, program)
	})
	t.Run("python", func(t *testing.T) {
		t.Parallel()
		requirePrograms(t, "python3")
		writeFile(t, dir, "try.py", snippet(t, api, "python"))
		if exec.CommandContext(t.Context(), "python3", "-c", "import jwt, cryptography").Run() != nil {
			mustRun(t, dir, "python3", "-m", "py_compile", "try.py") // without the library, check the syntax only
			return
		}
		runAndExpectRoles(t, dir, nil, "python3", "try.py")
	})
}

// TestCreatedKeyWorksWithVendorClient uses a new key's file with the vendor's own Node client. The key may call what
// its role allows, and nothing else.
func TestCreatedKeyWorksWithVendorClient(t *testing.T) {
	t.Parallel()
	requirePrograms(t, "node")
	modules, err := filepath.Abs(filepath.Join("..", "..", "..", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "@voximplant", "apiclient-nodejs")); err != nil {
		skipOutsideCI(t, "the vendor's Node client is not installed: run npm ci")
	}
	w, dir := newKeyWithCredentials(t)
	server := httptest.NewTLSServer(w.Sim)
	t.Cleanup(server.Close)
	writeFile(t, dir, "ca.pem", string(pem.EncodeToMemory(&pem.Block{
		Type:  "CERTIFICATE",
		Bytes: server.Certificate().Raw,
	})))
	code := snippet(t, server.URL+"/platform_api", "node")
	env := []string{"NODE_PATH=" + modules, "NODE_EXTRA_CA_CERTS=" + filepath.Join(dir, "ca.pem")}
	writeFile(t, dir, "try.js", code)
	runAndExpectRoles(t, dir, env, "node", "try.js")
	writeFile(t, dir, "owner.js", strings.Replace(code, "getRoles", "getSubUsers", 1))
	if out := output(t, dir, env, "node", "owner.js"); !strings.Contains(out, `"code":104`) {
		t.Errorf("a method that requires Owner returned %s", out)
	}
}

// runAndExpectRoles fails the test unless a program prints the catalogue of roles.
func runAndExpectRoles(t *testing.T, dir string, env []string, name string, args ...string) {
	t.Helper()
	out := output(t, dir, env, name, args...)
	if !strings.Contains(out, "Accountant") || strings.Contains(out, `"error"`) {
		t.Errorf("%s printed %s", name, out)
	}
}

func output(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, env...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func mustRun(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	_ = output(t, dir, nil, name, args...)
}

// requirePrograms skips the test when a program is missing. With CI=true it fails the test.
func requirePrograms(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			skipOutsideCI(t, name+" is not installed")
		}
	}
}

func skipOutsideCI(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
