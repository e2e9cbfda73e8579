package apptest

import (
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/voxwarden/voxwarden/internal/audit"
	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/directory"
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/internal/operator"
	"github.com/voxwarden/voxwarden/internal/policy"
	"github.com/voxwarden/voxwarden/internal/store"
	"github.com/voxwarden/voxwarden/internal/voxapi"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// Options say what a world starts with. The zero value is the small company and a vendor that answers well.
type Options struct {
	Company       voxsim.Company
	Variants      voxsim.Variants
	Seed          uint64
	NoMarks       bool
	LongKeys      bool // keys as long as the vendor's, which other programs insist on
	RequireReason bool
	RPS           float64        // 0 means no noticeable limit
	Logger        *slog.Logger   // nil means silence
	Database      string         // a path; "" means one in the test's own folder
	Policy        *policy.Policy // nil means Policy()
	// Writer, if set, stands between the acts and the vendor, for answers that the simulator does not give.
	Writer func(operations.Writer) operations.Writer
}

// World is a console without its pages, and the vendor it talks to.
type World struct {
	Sim        *voxsim.Sim
	Account    int64
	DB         *store.DB
	Record     *audit.Record
	Directory  *directory.Directory
	Operations *operations.Service
	Bulk       *bulk.Service
	Policy     *policy.Policy

	t        testing.TB
	options  Options
	listener *pipeListener
	server   *http.Server

	credentials *voxapi.Credentials
}

// NewWorld starts a vendor and a console. The test's end stops both.
func NewWorld(t testing.TB, o Options) *World {
	t.Helper()
	if o.Database == "" {
		o.Database = filepath.Join(t.TempDir(), "voxwarden.db")
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
	vendor := voxsim.Options{Company: o.Company, Variants: o.Variants, Seed: o.Seed + 1}
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

// start makes the console's own parts, as a new process would.
func (w *World) start() {
	w.t.Helper()
	var err error
	if w.credentials, err = voxapi.ParseCredentials(w.Sim.Credentials()); err != nil {
		w.t.Fatal(err)
	}
	client, err := voxapi.New(voxapi.Options{
		BaseURL: "http://127.0.0.1/platform_api", Credentials: voxapi.FixedCredentials(w.credentials),
		Transport: w.listener.transport(), RPS: w.options.RPS, Logger: w.options.Logger,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.DB, err = store.Open(w.t.Context(), "sqlite:"+w.options.Database); err != nil {
		w.t.Fatal(err)
	}
	w.Record = audit.New(w.DB)
	w.Policy = w.options.Policy
	w.Directory = directory.New(client.Reader(), directory.Options{Logger: w.options.Logger})
	var writer operations.Writer = client.Writer()
	if w.options.Writer != nil {
		writer = w.options.Writer(writer)
	}
	w.Operations = operations.New(operations.Options{
		Record: w.Record, Directory: w.Directory, Writer: writer, Policy: w.Policy, OwnKey: w.OwnKey,
		NoMarks: w.options.NoMarks, RequireReason: w.options.RequireReason, Logger: w.options.Logger,
	})
	w.Bulk = bulk.New(bulk.Options{
		DB: w.DB, Acts: w.Operations, Directory: w.Directory, Policy: w.Policy, Record: w.Record, Logger: w.options.Logger,
	})
}

// OwnKey is the id of the key that the console runs on.
func (w *World) OwnKey() string { return w.credentials.KeyID }

// Restart ends the console and starts it again over the same database and the same vendor.
func (w *World) Restart() {
	w.t.Helper()
	w.stop()
	w.start()
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

// sharedKey is one key pair for all worlds of a test run, and a short one: making and using a long one would
// take longer than most tests.
var sharedKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	return key
})

// Policy is the policy of every world: one group for each dashboard role, named like it.
func Policy() *policy.Policy {
	groups := map[policy.DashboardRole][]string{}
	for _, role := range policy.DashboardRoles() {
		groups[role] = []string{string(role)}
	}
	return policy.New(policy.Mapping{Groups: groups}, privileged())
}

// privileged are the privileged roles of every world, as they are by default.
func privileged() []string { return []string{"Owner", "Admin"} }

// Operator is somebody with the given dashboard roles.
func Operator(name string, roles ...policy.DashboardRole) operator.Operator {
	o := operator.Operator{Issuer: "test", Subject: name, Name: name, Method: "test", ProvenAt: time.Now()}
	for _, role := range roles {
		o.Groups = append(o.Groups, string(role))
	}
	return o
}
