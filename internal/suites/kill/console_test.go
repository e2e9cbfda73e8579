package kill

import (
	"bufio"
	"encoding/json"
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

// auditKey is the key of the consoles' audit log.
const auditKey = "the audit log of consoles that are killed"

// buildServer builds the program once for all tests and returns its path.
var buildServer = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "voxwarden-kill-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "server")
	out, err := exec.Command("go", "build", "-o", program, "../../../cmd/server").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the console: %w: %s", err, out)
	}
	return program, nil
})

// fixture is a simulated vendor in this process, which outlives the consoles, and the environment of the consoles.
type fixture struct {
	sim     *voxsim.Sim
	program string
	environ []string
}

// newFixture creates the database and starts the simulated vendor, which delays each response, so that consoles are
// often killed during a call.
func newFixture(t *testing.T, database string) *fixture {
	t.Helper()
	program, err := buildServer()
	if err != nil {
		t.Fatal(err)
	}
	staff, err := voxsim.CompanyNamed("small", 0)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := voxsim.New(voxsim.Options{Company: staff, Latency: 15 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	vendor := httptest.NewServer(sim)
	t.Cleanup(func() { sim.Close(); vendor.Close() })
	credentials := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(credentials, sim.Credentials(), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"CREDENTIALS_FILE=" + credentials,
		"SECRET_KEY=the sessions of consoles that are killed",
		"AUDIT_KEY=" + auditKey,
		"API_URL=" + vendor.URL + "/platform_api",
		"DATABASE_URL=" + database,
		"AUTH=proxy-header",
		"PROXY_HEADER_USER=Remote-User",
		"PROXY_HEADER_GROUPS=Remote-Groups",
		"TRUSTED_PROXIES=127.0.0.1",
		"ADMIN_GROUPS=admins",
		"VENDOR_RPS=500",
		"SETTLE_AFTER=1s",
		"SHUTDOWN_DELAY=0s",
	}
	for i := range environ {
		environ[i] = "VOXWARDEN_" + environ[i]
	}
	create := exec.Command(program, "init")
	create.Env = append(os.Environ(), environ...)
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("creating the database: %v: %s", err, out)
	}
	return &fixture{sim: sim, program: program, environ: environ}
}

// console is a process of the program. After stop, start runs it again at the same address.
type console struct {
	t       *testing.T
	fixture *fixture
	listen  string

	mu      sync.Mutex
	process *exec.Cmd
	logged  <-chan struct{} // closed when the process has written its last line
	stderr  strings.Builder // the log of all its processes
}

// start runs the program and waits until it prints its address. The first start chooses the port.
func (c *console) start() error {
	process := exec.Command(c.fixture.program)
	process.Env = append(os.Environ(), append(c.fixture.environ, "VOXWARDEN_LISTEN="+c.listen)...)
	output, err := process.StderrPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	log := bufio.NewReader(io.TeeReader(output, &c.stderr))
	for {
		line, err := log.ReadString('\n')
		if err != nil {
			_ = process.Wait()
			return fmt.Errorf("the console did not start: %w: %s", err, c.stderr.String())
		}
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && strings.HasPrefix(entry.Msg, "Voxwarden is at ") {
			c.listen = entry.Address
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

// stop sends a signal and waits until the process is gone.
func (c *console) stop(signal syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.process.Process.Signal(signal)
	<-c.logged
	_ = c.process.Wait()
}

// startConsole runs one more console.
func (c *fixture) startConsole(t *testing.T) *console {
	t.Helper()
	started := &console{t: t, fixture: c, listen: "127.0.0.1:0"}
	if err := started.start(); err != nil {
		t.Fatal(err)
	}
	return started
}
