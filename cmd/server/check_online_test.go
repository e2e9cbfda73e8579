package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/testkit/idp"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// simulatorKey is the console key of all worlds.
var simulatorKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// onlineWorld is what server config check --online tries: the folder of a console, a provider and a vendor. Its secrets
// contain "planted".
type onlineWorld struct {
	*testing.T
	dir      string // of the console's user
	provider *idp.Provider
	sim      *voxsim.Sim
	vendor   *httptest.Server
	settings map[string]string // by name without the prefix
}

// newOnlineWorld returns a world in which everything is right, with a new database.
func newOnlineWorld(t *testing.T) *onlineWorld {
	t.Helper()
	dir, err := os.MkdirTemp("", "voxwarden-online-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(os.Chmod(dir, 0o700), os.RemoveAll(dir)) })
	w := &onlineWorld{T: t, dir: dir}
	w.do(os.Chmod(dir, 0o755))
	w.give(dir)
	w.startVendor(voxsim.SmallCompany())
	w.provider = idp.New(t, idp.Options{RedirectURIs: []string{"https://voxwarden.example.com/sign-in/callback"}})
	w.provider.ClientSecret = "planted-client-secret"
	w.write("credentials.json", string(w.sim.Credentials()))
	w.write("oidc.secret", w.provider.ClientSecret)
	w.write("secret.key", "planted-0123456789abcdef0123456789abcdef")
	w.write("audit.key", "planted-9876543210fedcba9876543210fedcba")
	w.settings = map[string]string{
		"CREDENTIALS_FILE":        w.path("credentials.json"),
		"SECRET_KEY_FILE":         w.path("secret.key"),
		"AUDIT_KEY_FILE":          w.path("audit.key"),
		"DATABASE_URL":            "sqlite:" + w.path("x.db"),
		"API_URL":                 w.vendor.URL + "/platform_api",
		"BASE_URL":                "https://voxwarden.example.com",
		"AUTH":                    "oidc",
		"OIDC_ISSUER":             w.provider.URL,
		"OIDC_CLIENT_ID":          w.provider.ClientID,
		"OIDC_CLIENT_SECRET_FILE": w.path("oidc.secret"),
		"ADMIN_GROUPS":            "ops",
		"EDITOR_GROUPS":           "editors",
		"AUDITOR_GROUPS":          "auditors",
		"VIEWER_GROUPS":           "viewers",
		"TRUSTED_PROXIES":         "127.0.0.1",
		"LISTEN":                  "127.0.0.1:0",
	}
	if text, code := w.server("init"); code != 0 {
		t.Fatalf("init ended with %d: %s", code, text)
	}
	return w
}

// startVendor starts a simulated vendor with a company.
func (w *onlineWorld) startVendor(company voxsim.Company) {
	w.Helper()
	key, err := simulatorKey()
	w.do(err)
	w.sim, err = voxsim.New(voxsim.Options{Company: company, OwnerKey: key})
	w.do(err)
	w.vendor = httptest.NewServer(w.sim)
	w.Cleanup(func() { w.sim.Close(); w.vendor.Close() })
}

func (w *onlineWorld) do(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *onlineWorld) path(name string) string { return filepath.Join(w.dir, name) }

// write writes a file of the console's user.
func (w *onlineWorld) write(name, content string) {
	w.Helper()
	w.do(os.WriteFile(w.path(name), []byte(content), 0o600))
	w.give(w.path(name))
}

// give gives a file or folder to the console's user.
func (w *onlineWorld) give(path string) {
	w.Helper()
	if os.Geteuid() == 0 {
		w.do(os.Chown(path, ordinaryUser, ordinaryUser))
	}
}

// needRoot skips a row that only root can prepare.
func (w *onlineWorld) needRoot() {
	w.Helper()
	if os.Geteuid() != 0 {
		w.Skip("only root can prepare this")
	}
}

// server runs the program as the console's user.
func (w *onlineWorld) server(args ...string) (text string, code int) {
	w.Helper()
	return output(w.T, w.command("server", args...))
}

// command returns the program under a name, as the console's user.
func (w *onlineWorld) command(name string, args ...string) *exec.Cmd {
	w.Helper()
	var environ []string
	for _, name := range slices.Sorted(maps.Keys(w.settings)) {
		if value := w.settings[name]; value != "" {
			environ = append(environ, strings.TrimPrefix("VOXWARDEN_"+name, "VOXWARDEN_without ")+"="+value)
		}
	}
	process := asOrdinaryUser(serverProcess(w.T, environ, args...))
	process.Args[0] = name
	return process
}

// lines returns the lines of server config check --online with a mark.
func marked(text string, m mark) []string {
	var found []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, string(m)+" "); ok {
			found = append(found, strings.TrimSpace(rest))
		}
	}
	return found
}

// When everything is right, each part has a line. Nothing is changed at the vendor, in the audit log and beside it, and
// no secret is shown.
func TestConfigCheckOnline(t *testing.T) {
	t.Parallel()
	w := newOnlineWorld(t)
	before := w.contents()
	text, code := w.server("config", "check", "--online")
	if code != 0 || len(marked(text, failed))+len(marked(text, skipped))+len(marked(text, warning)) > 0 {
		t.Errorf("ended with %d:\n%s", code, text)
	}
	t.Logf("\n%s", text)
	for _, name := range []string{
		"settings", "secret files", "database", "audit log", "Voximplant", "console key", "clock", "sign-in provider",
		"sign-in client", "sign-in callback", "addresses", "trusted proxies",
	} {
		if !strings.Contains(text, "✓ "+name+": ") {
			t.Errorf("no line of %s:\n%s", name, text)
		}
	}
	for _, secret := range []string{"planted", "PRIVATE KEY"} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
	for _, call := range w.sim.Calls() {
		if !strings.HasPrefix(call.Method, "Get") {
			t.Errorf("it called %s", call.Method)
		}
	}
	if after := w.contents(); after != before {
		t.Errorf("changed:\n%s\nbefore:\n%s", after, before)
	}
	if text, code := w.server("audit", "verify"); code != 0 || !strings.Contains(text, "Read 1 events") {
		t.Errorf("audit verify ended with %d: %s", code, text)
	}
}

// contents returns the names of the files in the folder, and what is in those of them that are not the database.
func (w *onlineWorld) contents() string {
	w.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(w.dir)
	w.do(err)
	for _, entry := range entries {
		content := []byte("(database)")
		if entry.Name() != "x.db" {
			content, err = os.ReadFile(w.path(entry.Name()))
			w.do(err)
		}
		fmt.Fprintf(&all, "%s: %x\n", entry.Name(), sha256.Sum256(content))
	}
	return all.String()
}

// onlineRow is one thing that is wrong.
type onlineRow struct {
	name string
	// breaks breaks it in a world in which everything is right.
	breaks func(w *onlineWorld)
	want   []string // texts of the only failed line, or of the warning: what is wrong, and what to do
	mark   mark     // of the line; "" means failed
}

// Each thing that is wrong has one line, which names it and what to do. All other checks are made all the same.
func TestConfigCheckOnlineNamesTheFault(t *testing.T) {
	t.Parallel()
	rows := slices.Concat(
		settingRows(), fileRows(), databaseRows(), vendorRows(), signInRows(), accessRows(),
	)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newOnlineWorld(t)
			row.breaks(w)
			text, code := w.server("config", "check", "--online")
			want := 1
			if row.mark == "" {
				row.mark = failed
			} else {
				want = 0
			}
			found := marked(text, row.mark)
			if code != want || len(found) != 1 || row.mark == warning && len(marked(text, failed)) > 0 {
				t.Fatalf("ended with %d, and has the lines %q:\n%s", code, found, text)
			}
			t.Logf("%s %s", row.mark, found[0])
			for _, part := range row.want {
				if part = strings.ReplaceAll(part, "DIR", w.dir); !strings.Contains(found[0], part) {
					t.Errorf("want %q in %q", part, found[0])
				}
			}
			if len(found[0]) > 500 || strings.Contains(text, "planted") {
				t.Errorf("too long, or shows a secret: %s", text)
			}
			if len(marked(text, passed)) < 5 {
				t.Errorf("other checks were not made:\n%s", text)
			}
		})
	}
}

func set(name, value string) func(w *onlineWorld) {
	return func(w *onlineWorld) { w.settings[name] = strings.ReplaceAll(value, "DIR", w.dir) }
}

func settingRows() []onlineRow {
	return []onlineRow{
		{
			"unknown setting", set("LISTNE", "x"),
			[]string{"settings: VOXWARDEN_LISTNE is not a setting", "Check the spelling"}, "",
		},
		{
			"base URL without a scheme", set("BASE_URL", "voxwarden.example.com"),
			[]string{"VOXWARDEN_BASE_URL must be an address such as https://"}, "",
		},
		{
			"base URL with http", set("BASE_URL", "http://voxwarden.example.com"),
			[]string{"VOXWARDEN_BASE_URL must begin with https://"}, "",
		},
		{
			"issuer with http", set("OIDC_ISSUER", "http://id.example.com"),
			[]string{"VOXWARDEN_OIDC_ISSUER must begin with https://"}, "",
		},
		{"no admin", set("ADMIN_GROUPS", ""), []string{"VOXWARDEN_ADMIN_GROUPS", "Set one of them"}, ""},
		{
			"proxy of other programs", set("without HTTPS_PROXY", "http://u:planted@proxy.example.com:3128"),
			[]string{"HTTPS_PROXY is set, but the console does not use it", "set VOXWARDEN_HTTPS_PROXY"}, warning,
		},
	}
}

func fileRows() []onlineRow {
	return []onlineRow{
		{
			"secret of root", func(w *onlineWorld) {
				w.needRoot()
				w.do(os.Chown(w.path("secret.key"), 0, 0))
			},
			[]string{
				"VOXWARDEN_SECRET_KEY_FILE names a file that cannot be read: permission denied: it belongs to the user 0",
				"chown 65532:65532 DIR/secret.key",
			}, "",
		},
		{
			"secret in a folder of root", func(w *onlineWorld) {
				w.needRoot()
				w.do(errors.Join(os.Mkdir(w.path("root"), 0o700), os.Rename(w.path("audit.key"), w.path("root/audit.key"))))
				w.settings["AUDIT_KEY_FILE"] = w.path("root/audit.key")
			},
			[]string{
				"VOXWARDEN_AUDIT_KEY_FILE names a file that cannot be read", "DIR/root belongs to the user 0",
				"move the file to a folder that the user 65532 can enter",
			}, "",
		},
		{
			"missing secret", set("SECRET_KEY_FILE", "DIR/nowhere"),
			[]string{
				"VOXWARDEN_SECRET_KEY_FILE names a file that does not exist: DIR/nowhere",
				"For a new console, server setup writes it",
			}, "",
		},
		{
			"missing credentials", set("CREDENTIALS_FILE", "DIR/nowhere"),
			[]string{"VOXWARDEN_CREDENTIALS_FILE names a file that does not exist: DIR/nowhere. Put it there"}, "",
		},
		{
			"secret instead of its path", set("SECRET_KEY_FILE", "/planted+1234/abcd"),
			[]string{"VOXWARDEN_SECRET_KEY_FILE names a file that cannot be read: no such file", "Check the path"}, "",
		},
		{
			"secret that the group can read", func(w *onlineWorld) { w.do(os.Chmod(w.path("oidc.secret"), 0o640)) },
			[]string{"VOXWARDEN_OIDC_CLIENT_SECRET_FILE", "its group", "can read", "chmod g-r DIR/oidc.secret"}, warning,
		},
		{
			"secret that all can read", func(w *onlineWorld) { w.do(os.Chmod(w.path("oidc.secret"), 0o604)) },
			[]string{
				"VOXWARDEN_OIDC_CLIENT_SECRET_FILE", "every user of this machine can read", "chmod o-r DIR/oidc.secret",
			}, warning,
		},
		{
			"secret that others can write", func(w *onlineWorld) { w.do(os.Chmod(w.path("oidc.secret"), 0o602)) },
			[]string{"VOXWARDEN_OIDC_CLIENT_SECRET_FILE", "can write", "chmod go-w DIR/oidc.secret"}, "",
		},
	}
}

func databaseRows() []onlineRow {
	return []onlineRow{
		{
			"no database", set("DATABASE_URL", "sqlite:DIR/other.db"),
			[]string{"database: there is no database at DIR/other.db", "run: server init"}, "",
		},
		{
			"no folder", set("DATABASE_URL", "sqlite:DIR/nowhere/x.db"),
			[]string{"database: ", "the folder DIR/nowhere does not exist", "create the folder, and run: server init"}, "",
		},
		{
			"older schema", func(w *onlineWorld) {
				if os.Geteuid() == 0 {
					w.do(os.Chown(w.path("x.db"), 0, 0))
				}
				tamper(w.T, "sqlite:"+w.path("x.db"), `UPDATE schema_checksum SET sha256 = 'older'`)
				w.give(w.path("x.db"))
			},
			[]string{"database: the database was made by another version of Voxwarden", "run that version"}, "",
		},
		{
			"read-only folder", func(w *onlineWorld) { w.do(os.Chmod(w.dir, 0o555)) },
			[]string{"cannot create files beside the database in DIR: permission denied", "chmod u+rwX DIR"}, "",
		},
		{
			"read-only file", func(w *onlineWorld) { w.do(os.Chmod(w.path("x.db"), 0o400)) },
			[]string{"cannot read and write DIR/x.db: permission denied", "chmod u+rwX DIR/x.db"}, "",
		},
		{
			"file of another user", func(w *onlineWorld) {
				w.needRoot()
				w.do(os.Chown(w.path("x.db"), 0, 0))
			},
			[]string{"cannot read and write DIR/x.db: permission denied: it belongs to the user 0", "chown 65532:65532"}, "",
		},
		{
			"read-only disk", func(w *onlineWorld) { w.moveToDisk(syscall.MS_RDONLY, 0) },
			[]string{"DIR/disk", "read-only file system", "mount it for writing"}, "",
		},
		{
			"full disk", func(w *onlineWorld) { w.moveToDisk(0, 1<<20) },
			[]string{"database: the disk of the database is nearly full", "Free some space"}, "",
		},
		{
			"locked by another process", func(w *onlineWorld) {
				other, err := sql.Open("sqlite", w.path("x.db"))
				w.do(err)
				w.Cleanup(func() { _ = other.Close() })
				other.SetMaxOpenConns(1)
				_, err = other.ExecContext(w.Context(), "BEGIN EXCLUSIVE")
				w.do(err)
			},
			[]string{"database: ", "locked", "Another process holds a lock"}, "",
		},
		{
			"damaged file", func(w *onlineWorld) { w.write("x.db", strings.Repeat("not a database ", 1000)) },
			[]string{"database: ", "not a database", "server restore FILE"}, "",
		},
		{
			"wrong audit key", func(w *onlineWorld) { w.write("audit.key", "planted-abcdefghijklmnop9876543210fedcba") },
			[]string{"audit log: the newest event is sealed with a key that VOXWARDEN_AUDIT_KEY does not list", "set it to"}, "",
		},
		{
			"no witness", func(w *onlineWorld) { w.do(os.Remove(w.path("x.db-witness"))) },
			[]string{"audit log: The witness DIR/x.db-witness is missing", "server audit accept"}, "",
		},
		{
			"password of PostgreSQL", func(w *onlineWorld) {
				server := storetest.NewServer(w.T)
				server.Admin(w.T, `CREATE ROLE console LOGIN PASSWORD 'right'`)
				server.Admin(w.T, `CREATE DATABASE console OWNER console`)
				server.RequirePassword(w.T, "console")
				w.do(os.Chmod(filepath.Dir(server.Socket()), 0o755))
				w.settings["DATABASE_URL"] = "postgres://console:planted@/console?host=" + filepath.Dir(server.Socket())
			},
			[]string{"database: PostgreSQL refuses the user or the password", "Correct VOXWARDEN_DATABASE_URL"}, "",
		},
		{
			"PostgreSQL is down", set("DATABASE_URL", "postgres://console:planted@127.0.0.1:1/console?sslmode=disable"),
			[]string{"database: ", "refused", "Check that PostgreSQL runs"}, "",
		},
	}
}

// moveToDisk moves the database to a disk of its own, with some bytes free, 0 for all of them.
func (w *onlineWorld) moveToDisk(flags uintptr, free int64) {
	w.Helper()
	w.needRoot()
	disk := w.path("disk")
	w.do(os.Mkdir(disk, 0o700))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m,mode=0700"); err != nil {
		w.Skipf("this needs a file system of its own: mounting: %v", err)
	}
	w.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	w.give(disk)
	for _, name := range []string{"x.db", "x.db-witness"} {
		content, err := os.ReadFile(w.path(name))
		w.do(err)
		w.write("disk/"+name, string(content))
	}
	if free > 0 {
		var room syscall.Statfs_t
		w.do(syscall.Statfs(disk, &room))
		w.write("disk/filler", strings.Repeat("x", int(int64(room.Bavail)*room.Bsize-free)))
	}
	if flags != 0 {
		w.do(syscall.Mount("tmpfs", disk, "tmpfs", flags|syscall.MS_REMOUNT, ""))
	}
	w.settings["DATABASE_URL"] = "sqlite:" + w.path("disk/x.db")
}

func vendorRows() []onlineRow {
	company := func(change func(c *voxsim.Company)) func(w *onlineWorld) {
		return func(w *onlineWorld) {
			changed := voxsim.SmallCompany()
			change(&changed)
			w.startVendor(changed)
			w.settings["API_URL"] = w.vendor.URL + "/platform_api"
		}
	}
	return []onlineRow{
		{
			"another key", func(w *onlineWorld) {
				w.write("credentials.json", string(credentialsJSON(w.T, nil, w.sim.AccountID(),
					"7b6f2d0c-54d5-4a53-9f0e-2f6a3f1c0b01")))
			},
			[]string{"Voximplant did not accept the console key", "Check that the key in VOXWARDEN_CREDENTIALS_FILE exists"}, "",
		},
		{
			"no key", func(w *onlineWorld) { w.write("credentials.json", `{"private_key":"planted"}`) },
			[]string{"Voximplant: reading the console key: ", "Write the credentials.json from Voximplant"}, "",
		},
		{
			"key without Owner", company(func(c *voxsim.Company) { c.Keys[0].Roles = []string{"Developer"} }),
			[]string{"console key: its roles do not allow GetSubUsers", "the role Owner in Voximplant's panel"}, "",
		},
		{
			"frozen account", company(func(c *voxsim.Company) { c.Frozen = true }),
			[]string{"Voximplant: the account ", "is frozen"}, "",
		},
		{
			"clock that is off", func(w *onlineWorld) { w.sim.SetVariants(voxsim.Variants{ClockOffset: 10 * time.Minute}) },
			[]string{"clock: this server's is ", " behind Voximplant's", "Set it by NTP"}, "",
		},
		{
			"nothing listens", set("API_URL", "http://127.0.0.1:1/platform_api"),
			[]string{"Voximplant: The connection was refused", "Check VOXWARDEN_API_URL"}, "",
		},
		{
			"vendor that hangs", func(w *onlineWorld) { w.settings["API_URL"] = "http://" + w.hang() + "/platform_api" },
			[]string{"Voximplant: ", "no usable response", "Check VOXWARDEN_API_URL"}, "",
		},
		{
			"unknown authority", func(w *onlineWorld) { w.settings["API_URL"] = w.tlsServer(w.sim) + "/platform_api" },
			[]string{"certificate is signed by an authority that this server does not know", "VOXWARDEN_CA_FILE"}, "",
		},
		{
			"wrong path", func(w *onlineWorld) { w.settings["API_URL"] = w.vendor.URL + "/api" },
			[]string{"Voximplant: ", "API_URL"}, "",
		},
		{
			"proxy that is down", func(w *onlineWorld) {
				w.settings["HTTPS_PROXY"], w.settings["API_URL"] = "http://u:planted@127.0.0.1:1", "https://api.example.com/x"
			},
			[]string{"Voximplant: The proxy in VOXWARDEN_HTTPS_PROXY cannot be reached", "Check its address"}, "",
		},
	}
}

// hang returns the address of a server that accepts connections and never responds.
func (w *onlineWorld) hang() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.do(err)
	w.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// tlsServer returns the address of a server with a certificate of an unknown authority.
func (w *onlineWorld) tlsServer(handler http.Handler) string {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	w.Cleanup(server.Close)
	return server.URL
}

func signInRows() []onlineRow {
	return []onlineRow{
		{
			"issuer of another name", func(w *onlineWorld) {
				w.settings["OIDC_ISSUER"] = strings.Replace(w.provider.URL, "127.0.0.1", "localhost", 1)
			},
			[]string{"sign-in provider: the provider names another issuer", "Set VOXWARDEN_OIDC_ISSUER to exactly"}, "",
		},
		{
			"issuer with a wrong path", func(w *onlineWorld) { w.settings["OIDC_ISSUER"] = w.provider.URL + "/realms/staff" },
			[]string{"sign-in provider: ", "404", "Check VOXWARDEN_OIDC_ISSUER"}, "",
		},
		{
			"provider is down", set("OIDC_ISSUER", "http://127.0.0.1:1"),
			[]string{"sign-in provider: ", "connection refused", "can reach the provider"}, "",
		},
		{
			"provider that hangs", func(w *onlineWorld) { w.settings["OIDC_ISSUER"] = "http://" + w.hang() },
			[]string{"sign-in provider: ", "can reach the provider"}, "",
		},
		{
			"provider of an unknown authority", func(w *onlineWorld) {
				w.settings["OIDC_ISSUER"] = w.tlsServer(http.NotFoundHandler())
			},
			[]string{"sign-in provider: ", "certificate", "VOXWARDEN_CA_FILE"}, "",
		},
		{
			"wrong client secret", func(w *onlineWorld) { w.write("oidc.secret", "planted-other") },
			[]string{"sign-in client: the provider does not accept the client", "VOXWARDEN_OIDC_CLIENT_SECRET"}, "",
		},
		{
			"callback that is not registered", set("BASE_URL", "https://voxwarden.example.com/console"),
			[]string{
				"sign-in callback: the provider refuses to begin a sign-in",
				"Register exactly https://voxwarden.example.com/console/sign-in/callback",
			}, "",
		},
		{
			"provider without keys", func(w *onlineWorld) {
				forger := idp.NewForger(w.T, func(f *idp.Forger) { f.KeysDown = true })
				w.settings["OIDC_ISSUER"] = forger.URL
			},
			[]string{"sign-in provider: reading the key set ", "Check the provider"}, "",
		},
	}
}

func accessRows() []onlineRow {
	header := func(change map[string]string) func(w *onlineWorld) {
		return func(w *onlineWorld) {
			for _, name := range []string{"OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET_FILE"} {
				delete(w.settings, name)
			}
			w.settings["AUTH"], w.settings["PROXY_HEADER_USER"] = "proxy-header", "Remote-User"
			w.settings["PROXY_HEADER_GROUPS"] = "Remote-Groups"
			maps.Copy(w.settings, change)
		}
	}
	return []onlineRow{
		{
			"proxy that is not trusted", header(map[string]string{"TRUSTED_PROXIES": "10.0.3.7"}),
			[]string{"trusted proxies: ", "connects from a loopback address", "Add 127.0.0.1"}, "",
		},
		{
			"keys of a proxy that is down", func(w *onlineWorld) {
				header(map[string]string{
					"AUTH": "proxy-jwt", "PROXY_HEADER_USER": "", "PROXY_HEADER_GROUPS": "", "PROXY_JWT_PRESET": "custom",
					"PROXY_JWT_HEADER": "X-Assertion", "PROXY_JWT_ISSUER": "proxy", "PROXY_JWT_AUDIENCE": "console",
					"PROXY_JWT_KEYS_URL": "http://127.0.0.1:1/keys", "PROXY_JWT_ALGORITHMS": "ES256",
				})(w)
			},
			[]string{"sign-in: ", "refused", "Check the settings VOXWARDEN_PROXY_JWT"}, "",
		},
		{
			"address in use", func(w *onlineWorld) {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				w.do(err)
				w.Cleanup(func() { _ = listener.Close() })
				w.settings["LISTEN"] = listener.Addr().String()
			},
			[]string{"addresses: 127.0.0.1:", "is in use"}, warning,
		},
		{
			"address of another machine", set("METRICS_LISTEN", "192.0.2.1:9090"),
			[]string{"addresses: ", "192.0.2.1:9090", "Correct VOXWARDEN_METRICS_LISTEN"}, "",
		},
		{
			"copy in a read-only folder", func(w *onlineWorld) {
				w.do(os.Mkdir(w.path("copies"), 0o555))
				w.give(w.path("copies"))
				w.settings["AUDIT_COPY"] = w.path("copies/audit.jsonl")
			},
			[]string{"cannot create files in DIR/copies: permission denied", "chmod u+rwX DIR/copies"}, "",
		},
		{
			"copy of another user", func(w *onlineWorld) {
				w.needRoot()
				w.do(os.WriteFile(w.path("audit.jsonl"), nil, 0o600))
				w.settings["AUDIT_COPY"] = w.path("audit.jsonl")
			},
			[]string{"files to write: cannot write DIR/audit.jsonl", "it belongs to the user 0"}, "",
		},
	}
}

// A hanging vendor and a hanging provider do not keep the command from its end.
func TestConfigCheckOnlineEnds(t *testing.T) {
	t.Parallel()
	check := onlineCheck{name: "database", run: func(ctx context.Context, _ config.Config) []checkLine {
		select {} // a call of the system that does not end
	}}
	lines := check.within(t.Context(), config.Config{}, time.Millisecond)
	if len(lines) != 1 || lines[0].mark != failed || lines[0].name != "database" {
		t.Errorf("got %v", lines)
	}
}

// On PostgreSQL every fault has one line too.
func TestConfigCheckOnlinePostgres(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	if err := os.Chmod(filepath.Dir(server.Socket()), 0o755); err != nil {
		t.Fatal(err)
	}
	w := newOnlineWorld(t)
	for _, tc := range []struct {
		name       string
		statements []string // after init; nil for no init
		want       string   // of the only failed line; "" for none
	}{
		{"intact", []string{}, ""},
		{"empty", nil, "database: there is no database in PostgreSQL: it has no tables"},
		{
			"older", []string{`UPDATE schema_checksum SET sha256 = 'older'`},
			"database: the database was made by another version",
		},
		{"lost", []string{`DELETE FROM events`}, "audit log: the audit log has lost its events"},
		{
			"readonly", []string{`ALTER DATABASE readonly SET default_transaction_read_only = on`},
			"database: the database is read-only at the moment. Connect to the primary server",
		},
	} {
		server.Admin(t, `CREATE ROLE `+tc.name+` LOGIN`)
		server.Admin(t, `CREATE DATABASE `+tc.name+` OWNER `+tc.name)
		w.settings["DATABASE_URL"] = strings.Replace(server.Address(tc.name), "postgres@", tc.name+"@", 1)
		if tc.statements != nil {
			if text, code := w.server("init"); code != 0 {
				t.Fatalf("%s: init ended with %d: %s", tc.name, code, text)
			}
		}
		for _, statement := range tc.statements {
			tamper(t, w.settings["DATABASE_URL"], statement)
		}
		text, code := w.server("config", "check", "--online")
		found := marked(text, failed)
		t.Log(tc.name, found)
		if tc.want == "" {
			if code != 0 || len(found) > 0 || !strings.Contains(text, "✓ database: PostgreSQL ") {
				t.Errorf("%s: ended with %d:\n%s", tc.name, code, text)
			}
			continue
		}
		if code != 1 || len(found) != 1 || !strings.HasPrefix(found[0], tc.want) {
			t.Errorf("%s: ended with %d, want %q:\n%s", tc.name, code, tc.want, text)
		}
	}
}
