// Package faults tests a real console under faults of its database, its disk and the vendor: /readyz agrees with
// whether a change can be recorded, every request ends, the console recovers without a restart, and the audit log and
// the vendor agree afterwards.
package faults

import (
	"database/sql"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/store"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
)

var everyRow = flag.Bool("all", false, "run every row instead of the sample")

// row is a fault and what it must look like.
type row struct {
	engine string
	fault  string
	sample bool // a part of make test

	prepare    func(*world) // before the console starts
	early      func(*world) // some changes before the fault
	begin, end func(*world)

	ready readiness // during the fault
	// repair is what an operator must do beside ending the fault, "" for a fault from which the console recovers. begin
	// runs between two changes, after a backup, and end while the console is stopped.
	repair string
	advice string // a text that the log must contain
	lossy  bool   // the repair accepts that the newest changes before the fault are lost
	stop   bool   // the console is stopped and started during the fault
	vendor bool   // the vendor fails: the console is ready and changes get a page about the vendor
}

// readiness is what /readyz reports during a fault.
type readiness string

const (
	ready    readiness = "ready"
	notReady readiness = "not ready"
	either   readiness = "either"
)

// world is a console with its database, its vendor and the networks between them.
type world struct {
	*testing.T
	row      row
	uid      int    // the console's user, 0 for the test's own
	folder   string // of the SQLite database
	backup   string // of the SQLite database, made before the fault begins if the row has a repair
	old      string // a backup that lacks changes
	backups  int
	server   *storetest.Server
	dbLink   *tcpProxy // to PostgreSQL
	disk     string    // a small file system
	other    *sql.Conn // of another client of the database
	closeAll func()    // closes connections of other clients
	vendor   *tcpProxy
	fixture  *process.Fixture
	console  *process.Console
	probes   *probes

	wrapper  []string // runs the console, set by prepare
	hosts    string   // the console's file of hosts, set by prepare
	password string   // of the console's role, set by prepare

	vendorHost string // the vendor's name for the console, set by prepare; "" for its address

	oldSince      time.Time // when early began
	began, begun  time.Time // before and after what begins the fault
	ending, ended time.Time // before and after what ends it
	down, up      time.Time // when the console was stopped and had started again; zero for never
	recovery      time.Duration
}

// ordinaryUser is the user of the console when the test runs as root, which may write every file.
const ordinaryUser = 65532

// TestFaults runs the rows of the fault matrix and prints them as a table.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the minute of starting processes and waiting for them")
	}
	t.Parallel()
	results := &table{}
	t.Cleanup(func() { t.Logf("\n%s", results) })
	for i, r := range rows() {
		if !r.sample && !*everyRow {
			continue
		}
		t.Run(r.engine+" "+r.fault, func(t *testing.T) {
			t.Parallel()
			w := &world{T: t, row: r}
			w.run()
			results.add(i, w.result())
		})
	}
}

// rows returns the fault matrix.
func rows() []row {
	all := append(sqliteRows(), postgresRows()...)
	for _, engine := range []string{sqlite, postgres} {
		for _, r := range vendorRows() {
			r.engine, r.sample = engine, r.sample && engine == sqlite
			all = append(all, r)
		}
	}
	return all
}

const (
	sqlite   = "SQLite"
	postgres = "PostgreSQL"
)

func (w *world) run() {
	if os.Geteuid() == 0 {
		w.uid = ordinaryUser
	}
	w.prepareDatabase()
	if w.row.prepare != nil {
		w.row.prepare(w)
	}
	w.fixture = process.New(w, process.Options{
		Database: w.database(),
		UID:      w.uid,
		Wrapper:  w.wrapper,
		Network: func(vendor string) string {
			w.vendor = startTCPProxy(w.T, "tcp", vendor)
			if w.vendorHost == "" {
				return w.vendor.address()
			}
			_, port, _ := strings.Cut(w.vendor.address(), ":")
			return w.vendorHost + ":" + port
		},
	})
	w.console = w.fixture.Start(w)
	w.probes = startProbes(w.T, func() string { return w.console.Address })
	w.awaitChanges()
	if w.row.early != nil {
		w.oldSince = time.Now()
		w.row.early(w)
		w.awaitChanges()
	}
	w.beginFault()
	w.hold()
	w.endFault()
	w.awaitRecovery()
	w.probes.stop()
	w.check()
	w.checkAuditLog()
}

// awaitChanges waits for three more changes.
func (w *world) awaitChanges() {
	start := time.Now()
	if !await(mostTimeToRecover, func() bool { return w.probes.count("change", start, sample.ok) >= 3 }) {
		w.Fatalf("no changes without a fault: %v", w.probes.all())
	}
}

// beginFault begins the fault. What a repair restores must not lack a change, so changes pause between the backup and
// the fault.
func (w *world) beginFault() {
	if w.row.repair != "" {
		w.probes.changing.Lock()
		defer w.probes.changing.Unlock()
		if w.row.engine == sqlite {
			w.backup = w.newBackup()
		}
	}
	w.began = time.Now()
	w.row.begin(w)
	w.begun = time.Now()
}

// command runs a command of the program, which must succeed, and returns its output.
func (w *world) command(args ...string) string {
	w.Helper()
	out, err := w.fixture.Command(args...).CombinedOutput()
	if err != nil {
		w.Errorf("server %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// hold lets the fault last until /readyz and changes had the time to agree.
func (w *world) hold() {
	settled := w.begun.Add(mostTimeToAgree)
	lasted := func() bool {
		return w.probes.count("/readyz", settled, anySample) >= 2 &&
			w.probes.count("change", w.begun, anySample) >= 2 &&
			w.probes.count("/", settled, anySample) >= 4
	}
	if !await(2*clientTimeout, lasted) {
		w.Error("the probes got too few responses during the fault")
	}
}

// endFault ends the fault, in a row with a repair or a restart while the console is stopped.
func (w *world) endFault() {
	restart := w.row.stop || w.row.repair != ""
	if restart {
		w.down = time.Now()
		err := w.console.Stop(syscall.SIGTERM)
		if took := time.Since(w.down); took > mostTimeToStop {
			w.Errorf("the console ended %d ms after SIGTERM: %v", took.Milliseconds(), err)
		}
	}
	w.ending = time.Now()
	w.row.end(w)
	w.ended = time.Now()
	if restart {
		if err := w.console.Start(); err != nil {
			w.Fatalf("%v\n%s", err, w.warnings())
		}
		w.up = time.Now()
	}
}

// awaitRecovery waits until changes are recorded again, and /readyz reports it.
func (w *world) awaitRecovery() {
	recovered := func(n int) func() bool {
		return func() bool {
			return w.probes.count("change", w.ended, sample.ok) >= n && w.probes.count("/readyz", w.ended, sample.ok) >= n
		}
	}
	if !await(mostTimeToRecover, recovered(1)) {
		w.Errorf("no recovery within %s:\n%s", mostTimeToRecover, w.warnings())
		return
	}
	w.recovery = time.Since(w.ended)
	if !await(mostTimeToRecover, recovered(5)) {
		w.Error("no change after the recovery")
	}
}

// warnings returns each warning and error of the log once, with the time of the first one.
func (w *world) warnings() string {
	var found []string
	seen := map[string]bool{}
	for line := range strings.Lines(w.console.Log()) {
		var entry struct{ Time, Level, Msg, Path, Error, Problem string }
		if json.Unmarshal([]byte(line), &entry) != nil || entry.Level == "INFO" || entry.Level == "" {
			continue
		}
		text := strings.TrimSpace(strings.Join([]string{entry.Msg, entry.Path, entry.Error, entry.Problem}, " "))
		if !seen[text] {
			seen[text] = true
			found = append(found, entry.Time+" "+text)
		}
	}
	return strings.Join(found, "\n")
}

// check evaluates the samples.
func (w *world) check() {
	samples := w.probes.all()
	for _, s := range samples {
		switch {
		case s.end.Sub(s.start) > w.mostTimeOfRequest():
			w.Errorf("this request took too long: %s", s)
		case s.err != nil && !w.whileDown(s):
			w.Errorf("this request has no response: %s", s)
		case s.what == "/healthz" && !s.ok() && s.err == nil,
			s.status == http.StatusInternalServerError && w.row.repair == "": // a damaged file is more than unavailable
			w.Errorf("this response is wrong: %s", s)
		case s.what == "/readyz" && s.end.Sub(s.start) > mostTimeToAgree:
			w.Errorf("this check took too long: %s", s)
		case strings.HasPrefix(s.what, "change") && !w.whileDown(s) && w.settled(s) && !w.row.vendor && !agrees(s, samples):
			w.Errorf("/readyz did not agree with this: %s", s)
		case strings.HasPrefix(s.what, "change") && w.row.vendor && !s.ok() && strings.Contains(s.text, "database"):
			w.Errorf("this response is wrong: %s", s)
		}
	}
	during := func(s sample) bool {
		return s.what == "/readyz" && s.start.After(w.begun.Add(mostTimeToAgree)) && s.end.Before(w.ending) && !w.whileDown(s)
	}
	for _, s := range samples {
		if during(s) && (w.row.ready == ready && !s.ok() || w.row.ready == notReady && s.ok()) {
			w.Errorf("during the fault: %s", s)
		}
	}
	if !strings.Contains(w.console.Log(), w.row.advice) {
		w.Errorf("the log lacks %q:\n%s", w.row.advice, w.warnings())
	}
	if w.Failed() {
		w.Logf("began %s, ended %s", w.began.Format("05.000"), w.ending.Format("05.000"))
		w.Log(w.warnings())
		for _, s := range samples {
			w.Log(s)
		}
	}
}

// mostTimeOfRequest returns the limit of a request. A vendor that is slow may take longer than a database, because the
// response may have the only copy of a password: see docs/decisions/0010-time-limits.md.
func (w *world) mostTimeOfRequest() time.Duration {
	if w.row.vendor {
		return 55 * time.Second
	}
	return mostTimeOfRequest
}

// whileDown reports whether the console was stopped during a request.
func (w *world) whileDown(s sample) bool {
	return !w.down.IsZero() && s.end.After(w.down) && s.start.Before(w.up)
}

// settled reports whether a request ended when /readyz had the time to notice the last change of the fault. What begins
// or ends a fault takes a while: a server accepts connections before the command that starts it returns.
func (w *world) settled(s sample) bool {
	whileChanging := func(from, to time.Time) bool {
		return s.end.After(from) && s.end.Before(to.Add(mostTimeToAgree))
	}
	return !whileChanging(w.began, w.begun) && !whileChanging(w.ending, w.ended)
}

// checkAge is how old the result of /readyz may be.
const checkAge = 2 * time.Second

// agrees reports whether /readyz had the same result as a change while it was made.
func agrees(change sample, samples []sample) bool {
	for _, s := range samples {
		if s.what == "/readyz" && s.ok() == change.ok() &&
			s.end.After(change.start.Add(-checkAge)) && s.start.Before(change.end.Add(checkAge)) {
			return true
		}
	}
	return false
}

// checkAuditLog stops the console and compares its audit log with the vendor and with what it acknowledged.
func (w *world) checkAuditLog() {
	if err := w.console.Stop(syscall.SIGTERM); err != nil {
		w.Errorf("the console ended with %v:\n%s", err, w.warnings())
	}
	w.command("audit", "verify")
	if w.row.engine == sqlite && w.uid != 0 {
		w.chown(0) // the test opens no file of another user
	}
	db, err := store.Open(w.Context(), w.database())
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	auditLog, err := audit.Open(db, audit.Options{Keys: []config.Secret{config.NewSecret(process.AuditKey)}})
	if err != nil {
		w.Fatal(err)
	}
	if !w.row.lossy {
		world := &apptest.World{Sim: w.fixture.Sim, Account: w.fixture.Sim.AccountID(), DB: db, AuditLog: auditLog}
		world.CheckAgreement(w)
	}
	for _, done := range w.probes.acknowledged {
		if w.row.lossy && done.at.After(w.oldSince) && done.at.Before(w.began) {
			continue
		}
		if _, err := auditLog.Operation(w.Context(), done.id); err != nil {
			w.Errorf("the operation %s was acknowledged: %v", done.id, err)
		}
	}
}
