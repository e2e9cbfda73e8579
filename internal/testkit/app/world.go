// Package app assembles the console for tests, with a simulated vendor and a network in memory, so that it also works
// in a testing/synctest bubble.
package app

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/config"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/drift"
	"github.com/voxwarden/voxwarden/internal/lifecycle"
	"github.com/voxwarden/voxwarden/internal/metrics"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/session"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/testkit/process"
	storetest "github.com/voxwarden/voxwarden/internal/testkit/store"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Options are the options of NewWorld and NewSite. The zero value is the small company and a vendor without faults.
type Options struct {
	Company       voxsim.Company
	Variants      voxsim.Variants
	Seed          uint64
	NoTags        bool
	LongKeys      bool // RSA keys as long as the vendor's, which other programs require
	RequireReason bool
	RPS           float64          // requests a second to the vendor; 0 means 10,000
	Logger        *slog.Logger     // nil discards
	Metrics       *metrics.Metrics // nil means none
	Latency       time.Duration    // of the vendor's calls

	// Database is a path or an address of internal/testkit/store; "" means a file in the test's folder.
	Database string

	// Policy is nil for Policy(), and for the groups of the demo in a Site.
	Policy *policy.Policy

	// RequestTimeout is the time limit of a request to a Site, 0 for that of the handlers.
	RequestTimeout time.Duration

	// InMemory serves the pages of a Site in memory too, so that it works in a synctest bubble. Bulk changes do not
	// run.
	InMemory bool

	// Base is the path under which a Site is served, "" for the root.
	Base string

	// SignIn returns the way of signing in to a Site; nil means the demo's.
	SignIn func(base *url.URL, sessions *session.Store) SignInMethod

	// Now is the console's clock, for tests that set it back; the simulator keeps the true time. nil means time.Now.
	Now func() time.Time

	// Writer wraps the client, for responses that the simulator does not give.
	Writer func(operations.Writer) operations.Writer
}

func (o Options) observe() func(voxapi.CallInfo) {
	if o.Metrics == nil {
		return nil
	}
	return o.Metrics.Call
}

// World is a console without its pages, and its simulated vendor.
type World struct {
	Sim        *voxsim.Sim
	Account    int64
	DB         *store.DB
	AuditLog   *audit.Log
	Directory  *directory.Directory
	Operations *operations.Service
	Bulk       *bulk.Service
	Drift      *drift.Service
	Lifecycle  *lifecycle.Service
	Policy     *policy.Policy

	t        testing.TB
	options  Options
	listener *pipeListener
	server   *http.Server

	consoleKey string
}

// OnEachEngine runs a test with a new World on a database of each engine, or on Options.Database alone, in a synctest
// bubble.
func OnEachEngine(t *testing.T, o Options, test func(t *testing.T, w *World)) {
	t.Helper()
	run := func(t *testing.T, o Options) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := NewWorld(t, o)
			defer w.Close()
			test(t, w)
		})
	}
	if o.Database != "" {
		run(t, o)
		return
	}
	storetest.Each(t, func(t *testing.T, url string) {
		o := o
		o.Database = url
		run(t, o)
	})
}

// WithReplica runs a test with two consoles over one PostgreSQL database and one vendor, in a synctest bubble.
func WithReplica(t *testing.T, o Options, test func(t *testing.T, w, other *World)) {
	t.Helper()
	o.Database = storetest.Postgres(t)
	synctest.Test(t, func(t *testing.T) {
		w := NewWorld(t, o)
		defer w.Close()
		other, stop := w.Replica()
		defer stop()
		test(t, w, other)
	})
}

// NewWorld starts a simulated vendor and a console, and stops both at the end of the test.
func NewWorld(t testing.TB, o Options) *World {
	t.Helper()
	if o.Database == "" {
		o.Database = filepath.Join(t.TempDir(), "voxwarden.db")
	}
	if !store.IsPostgres(o.Database) && !strings.HasPrefix(o.Database, "sqlite:") {
		o.Database = "sqlite:" + o.Database
	}
	if o.RPS == 0 {
		o.RPS = 10_000
	}
	if o.Policy == nil {
		o.Policy = Policy()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	vendor := voxsim.Options{Company: o.Company, Variants: o.Variants, Seed: o.Seed + 1, Latency: o.Latency}
	if !o.LongKeys {
		vendor.OwnerKey, vendor.NewKey = sharedKey(), func() (*rsa.PrivateKey, error) { return sharedKey(), nil }
	}
	sim, err := voxsim.New(vendor)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Sim: sim, Account: sim.AccountID(), t: t, options: o, listener: newPipeListener()}
	w.server = &http.Server{Handler: sim, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go func() { _ = w.server.Serve(w.listener) }()
	w.start()
	return w
}

// start makes the parts of the console, as a new process would.
func (w *World) start() {
	w.t.Helper()
	credentials, err := voxapi.ParseCredentials(w.Sim.Credentials())
	if err != nil {
		w.t.Fatal(err)
	}
	w.consoleKey = credentials.KeyID
	client, err := voxapi.New(voxapi.Options{
		BaseURL:     "http://127.0.0.1/platform_api",
		Credentials: voxapi.FixedCredentials(credentials),
		Transport:   w.listener.transport(),
		RPS:         w.options.RPS,
		Logger:      w.options.Logger,
		Observe:     w.options.observe(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.DB, err = store.OpenOrCreate(w.t.Context(), w.options.Database); err != nil {
		w.t.Fatal(err)
	}
	w.AuditLog, err = audit.Open(w.DB, audit.Options{
		Keys:        auditKeys(),
		EventLogger: w.options.Logger,
		Shared:      w.DB.Postgres(),
		Program:     "test",
		BeginNew:    true,
		Now:         w.options.Now,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Policy = w.options.Policy
	w.Directory = directory.New(client.Reader(), directory.Options{
		Logger:     w.options.Logger,
		Now:        w.options.Now,
		Privileged: operations.PrivilegedHolders(w.Policy),
	})
	w.Drift = drift.New(drift.Options{
		DB:            w.DB,
		AuditLog:      w.AuditLog,
		Directory:     w.Directory,
		VendorHistory: client.Reader(),
		Logger:        w.options.Logger,
		Now:           w.options.Now,
	})
	w.Lifecycle = lifecycle.New(lifecycle.Options{
		Account:   w.Account,
		AuditLog:  w.AuditLog,
		Directory: w.Directory,
		Logger:    w.options.Logger,
		Now:       w.options.Now,
	})
	w.AuditLog.OnOutcome(w.Lifecycle.OutcomeFacts, w.Lifecycle.Committed)
	w.Directory.OnListing(w.Drift.StartCheck, w.Lifecycle.StartListing)
	w.Directory.OnReading(w.Lifecycle.Read)
	w.Directory.KnownPrincipals(w.Drift.KnownPrincipals)
	var writer operations.Writer = client.Writer()
	if w.options.Writer != nil {
		writer = w.options.Writer(writer)
	}
	w.Operations = operations.New(operations.Options{
		AuditLog:  w.AuditLog,
		Directory: w.Directory,
		Writer:    writer,
		Policy:    w.Policy,
		// Not w.consoleKey: an operation that outlives its console must not read the field of the next one.
		ConsoleKeyID:  func() string { return credentials.KeyID },
		NoTags:        w.options.NoTags,
		RequireReason: w.options.RequireReason,
		Exclusive:     w.DB.TryLock,
		Processes:     w.DB,
		Logger:        w.options.Logger,
		Now:           w.options.Now,
	})
	w.Bulk = bulk.New(bulk.Options{
		DB:         w.DB,
		Operators:  SignedOut{}, // those of a Site are its sessions
		Operations: w.Operations,
		Directory:  w.Directory,
		Policy:     w.Policy,
		AuditLog:   w.AuditLog,
		Logger:     w.options.Logger,
	})
}

// auditKeys returns the key of every world's audit log, so that a restarted world continues its chain.
func auditKeys() []config.Secret { return []config.Secret{config.NewSecret(process.AuditKey)} }

// ConsoleKey returns the id of the key that the console uses.
func (w *World) ConsoleKey() string { return w.consoleKey }

// Restart ends the console and starts it again over the same database and the same vendor.
func (w *World) Restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

// Replica starts another console over the same database and the same vendor, with connections of its own. The caller
// must call stop.
func (w *World) Replica() (other *World, stop func()) {
	w.t.Helper()
	other = &World{Sim: w.Sim, Account: w.Account, t: w.t, options: w.options, listener: w.listener, server: w.server}
	other.start()
	return other, other.stop
}

func (w *World) stop() {
	w.Directory.Close()
	_ = w.DB.Close()
}

// Close ends the console and the vendor. A test in a synctest bubble calls it before the bubble ends.
func (w *World) Close() {
	w.stop()
	w.Sim.Close()
	_ = w.server.Close()
	_ = w.listener.Close()
}

// VendorDown makes the vendor refuse connections from now on.
func (w *World) VendorDown() { _ = w.listener.Close() }

// sharedKey is the key pair of all worlds of a test run. It is short: making and using a long one would take longer
// than most tests.
var sharedKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	return key
})

// Policy returns the policy of a World: one group for each dashboard role, with the same name.
func Policy() *policy.Policy {
	return policyWith(privileged()...)
}

// StrictPolicy returns a policy in which names and four more roles are privileged. In the simulated catalogue one of
// them is contained in no role, one is contained in another role, and one contains several.
func StrictPolicy(names ...string) *policy.Policy {
	return policyWith(append([]string{"Owner", "Admin", "UserManager", "ACDStats"}, names...)...)
}

func policyWith(privileged ...string) *policy.Policy {
	groups := map[policy.DashboardRole][]string{}
	for _, role := range policy.DashboardRoles() {
		groups[role] = []string{string(role)}
	}
	return policy.New(policy.Mapping{Groups: groups}, privileged)
}

// privileged returns the default privileged roles.
func privileged() []string { return []string{"Owner", "Admin"} }

// SignedOut are the sign-ins of operators that sign out after they have started a bulk change.
type SignedOut struct{}

// Current implements bulk.Operators.
func (SignedOut) Current(context.Context, string) (operator.Operator, bool, error) {
	return operator.Operator{}, false, nil
}

// HasSession implements bulk.Operators.
func (SignedOut) HasSession(context.Context, string) (bool, error) { return true, nil }

// Operator returns an operator with the given dashboard roles.
func Operator(name string, roles ...policy.DashboardRole) operator.Operator {
	o := operator.Operator{Issuer: "test", Subject: name, Name: name, Method: "test", ProvenAt: time.Now()}
	for _, role := range roles {
		o.Groups = append(o.Groups, string(role))
	}
	return o
}
