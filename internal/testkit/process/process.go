// Package process runs the real program for tests: as a process of its own, with a simulated vendor in the test's
// process, which outlives the consoles.
package process

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// AuditKey is the key of the consoles' audit log.
const AuditKey = "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"

// buildServer builds the program once for all tests of a package, in the folder of Main.
var buildServer = sync.OnceValue(func() (built struct {
	path string
	err  error
}) {
	built.path = filepath.Join(os.TempDir(), "server")
	cmd := exec.Command("go", "build", "-o", built.path, "github.com/voxwarden/voxwarden/cmd/server")
	if out, err := cmd.CombinedOutput(); err != nil {
		built.err = fmt.Errorf("building the console: %w: %s", err, out)
		return built
	}
	return built
})

// Main runs the tests of a package that uses this one, with a folder for all their files, and removes it afterwards.
// Folders of tests are writable for their owner only: files with secrets in any other folder are refused.
func Main(m *testing.M) (code int) {
	syscall.Umask(0o022)
	dir, err := os.MkdirTemp("", "voxwarden-")
	if err == nil {
		err = errors.Join(os.Chmod(dir, 0o755), os.Setenv("TMPDIR", dir)) // consoles may run as another user
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return m.Run()
}

// Options are the options of New.
type Options struct {
	Database string         // an address of internal/testkit/store
	Latency  time.Duration  // of each response of the vendor
	Company  voxsim.Company // the account, the small company if it is the zero one
	UID      int            // runs the program as this user and group; 0 means as the test's own
	Wrapper  []string       // a program with arguments that runs the console, such as unshare; it must not fork

	// Network returns the address at which the consoles reach the vendor, such as that of a proxy. address is the vendor's
	// own host and port. nil returns that.
	Network func(address string) string
}

// Fixture is a simulated vendor and the environment of the consoles.
type Fixture struct {
	Sim *voxsim.Sim

	program string
	environ []string
	options Options
}

// New creates the database and starts the simulated vendor.
func New(t testing.TB, o Options) *Fixture {
	t.Helper()
	built := buildServer()
	if built.err != nil {
		t.Fatal(built.err)
	}
	if o.Company.AccountID == 0 {
		o.Company = voxsim.SmallCompany()
	}
	sim, err := voxsim.New(voxsim.Options{Company: o.Company, Latency: o.Latency})
	if err != nil {
		t.Fatal(err)
	}
	vendor := httptest.NewServer(sim)
	t.Cleanup(func() { sim.Close(); vendor.Close() })
	address := vendor.Listener.Addr().String()
	if o.Network != nil {
		address = o.Network(address)
	}
	settings := []string{
		"CREDENTIALS_FILE=" + writeCredentials(t, sim.Credentials(), o.UID),
		"SECRET_KEY=the sessions of consoles in tests",
		"AUDIT_KEY=" + AuditKey,
		"API_URL=http://" + address + "/platform_api",
		"DATABASE_URL=" + o.Database,
		"AUTH=proxy-header",
		"PROXY_HEADER_USER=Remote-User",
		"PROXY_HEADER_GROUPS=Remote-Groups",
		"TRUSTED_PROXIES=127.0.0.1",
		"ADMIN_GROUPS=admins",
		"VENDOR_RPS=500",
		"SETTLE_AFTER=1s",
		"SHUTDOWN_DELAY=0s",
	}
	f := &Fixture{Sim: sim, program: built.path, options: o}
	for _, setting := range settings {
		f.environ = append(f.environ, "VOXWARDEN_"+setting)
	}
	if out, err := f.Command("init").CombinedOutput(); err != nil {
		t.Fatalf("creating the database: %v: %s", err, out)
	}
	return f
}

// writeCredentials writes the console key to a file that the console's user can read.
func writeCredentials(t testing.TB, content []byte, uid int) (path string) {
	t.Helper()
	path = filepath.Join(FolderFor(t, uid), "credentials.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if uid != 0 {
		if err := os.Chown(path, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// FolderFor returns a new folder that belongs to a user, 0 for the user of the test. Unlike a folder of t.TempDir,
// other users can enter it.
func FolderFor(t testing.TB, uid int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "voxwarden-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(os.Chmod(dir, 0o700), os.RemoveAll(dir)) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if uid != 0 {
		if err := os.Chown(dir, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Command returns a command of the program in the environment of the consoles.
func (f *Fixture) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(f.program, args...)
	cmd.Env = append(os.Environ(), f.environ...)
	if uid := uint32(f.options.UID); uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return cmd
}

// Console is a process of the program. After Stop, Start runs it again at the same address.
type Console struct {
	fixture *Fixture
	Address string // host and port

	mu      sync.Mutex
	process *exec.Cmd
	logged  <-chan struct{} // closed when the process has written its last line
	log     syncedText      // of all its processes
}

// syncedText is a text that is written and read concurrently.
type syncedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *syncedText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *syncedText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Start runs the program and waits until it prints its address. The first start chooses the port.
func (c *Console) Start() error {
	process := c.fixture.Command()
	process.Env = append(process.Env, "VOXWARDEN_LISTEN="+c.Address)
	if wrapper := c.fixture.options.Wrapper; len(wrapper) > 0 {
		wrapped := exec.Command(wrapper[0], append(wrapper[1:len(wrapper):len(wrapper)], c.fixture.program)...)
		wrapped.Env = process.Env
		process = wrapped // it changes the user itself
	}
	output, err := process.StderrPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	log, last := bufio.NewReader(io.TeeReader(output, &c.log)), ""
	for {
		line, err := log.ReadString('\n')
		if err != nil {
			_ = process.Wait()
			return fmt.Errorf("the console did not start: %w: %s", err, last)
		}
		last = line
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && strings.HasPrefix(entry.Msg, "Voxwarden is at ") {
			c.Address = entry.Address
			break
		}
	}
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		_, _ = io.Copy(io.Discard, log)
	}()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process, c.logged = process, logged
	return nil
}

// Stop sends a signal and waits until the process is gone. It returns how the process ended.
func (c *Console) Stop(signal syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.process.Process.Signal(signal) // it may have ended
	<-c.logged
	return c.process.Wait()
}

// PID returns the id of the process.
func (c *Console) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process.Process.Pid
}

// Log returns what the console has logged since its first start.
func (c *Console) Log() string { return c.log.String() }

// Start runs one more console. It is killed at the end of the test.
func (f *Fixture) Start(t testing.TB) *Console {
	t.Helper()
	console := &Console{fixture: f, Address: "127.0.0.1:0"}
	if err := console.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = console.Stop(syscall.SIGKILL) })
	return console
}
