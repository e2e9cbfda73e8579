package voxsim

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options configures a simulator. The zero value is valid.
type Options struct {
	// Company is the initial content of the account; SmallCompany if it has no keys.
	Company Company
	// Variants decides what the vendor's documentation leaves open; the zero value has the defaults.
	Variants Variants
	// Latency is the delay before each API call is carried out.
	Latency time.Duration
	// Now is the clock; the default is time.Now.
	Now func() time.Time
	// Seed makes the ids of new keys and an unstable order repeatable; 0 means a random seed.
	Seed uint64
	// OwnerKey is the key pair of Credentials. By default one is generated, which is slow.
	OwnerKey *rsa.PrivateKey
	// NewKey generates the key pairs of CreateKey; the default is 2048-bit RSA. It runs under the lock of the
	// simulator.
	NewKey func() (*rsa.PrivateKey, error)
}

// Sim is a simulated account. It is an http.Handler and safe for concurrent use.
type Sim struct {
	now         func() time.Time
	latency     time.Duration
	newKey      func() (*rsa.PrivateKey, error)
	methods     map[string]method
	credentials []byte
	done        chan struct{} // closed by Close; ends calls that hang

	mu            sync.Mutex // guards everything below
	roles         catalogue
	account       *account // with its children
	stale         staleView
	variants      Variants
	faults        []*armedFault
	bucket        tokenBucket
	recentCommits map[string]time.Time // fingerprint of a committed call -> time of the commit
	random        *mathrand.Rand
	ledger        []LedgerEntry
	auditEntries  []auditEntry // served by GetAuditLog
	lastReport    int64        // the id that GetAuditLogAsync returned last
	calls         []*Call
	received      int // number of calls received so far
	pending       map[*time.Timer]struct{}
	closed        bool
}

// New returns a simulated account with the content of a company. It fails if the company breaks a rule of the service
// (an invalid login, an unknown role, a key without an id) or if no key pair can be generated.
func New(o Options) (*Sim, error) {
	if len(o.Company.Keys) == 0 {
		o.Company = SmallCompany()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewKey == nil {
		o.NewKey = newRSAKey
	}
	if o.OwnerKey == nil {
		made, err := o.NewKey()
		if err != nil {
			return nil, fmt.Errorf("generating the key pair of the first key: %w", err)
		}
		o.OwnerKey = made
	}
	roles := newCatalogue(sampleRoles())
	seeded, err := newAccount(o.Company, roles)
	if err != nil {
		return nil, fmt.Errorf("creating the account: %w", err)
	}
	owner := o.Company.Keys[0].ID
	seeded.keys[owner].public = &o.OwnerKey.PublicKey
	credentials, err := credentialsFile(seeded, owner, o.OwnerKey)
	if err != nil {
		return nil, err
	}
	return &Sim{
		now:           o.Now,
		latency:       o.Latency,
		newKey:        o.NewKey,
		methods:       apiMethods(),
		roles:         roles,
		credentials:   credentials,
		done:          make(chan struct{}),
		account:       seeded,
		variants:      o.Variants,
		recentCommits: make(map[string]time.Time),
		random:        newRandom(o.Seed),
		pending:       make(map[*time.Timer]struct{}),
	}, nil
}

// ServeHTTP serves the API under /platform_api and the control API under /_sim/.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == apiPath || strings.HasPrefix(path, apiPath+"/"):
		s.serveAPI(w, r)
	case strings.HasPrefix(path, controlPath):
		s.serveControl(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Credentials returns the credentials.json of the company's first key, with the private key, in the vendor's form
// without a wrapper.
func (s *Sim) Credentials() []byte { return append([]byte(nil), s.credentials...) }

// AccountID returns the id of the simulated account.
func (s *Sim) AccountID() int64 { return s.account.id }

// SetVariants replaces all variants. Earlier commits are not affected.
func (s *Sim) SetVariants(v Variants) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.variants = v
}

// Variants returns the current variants.
func (s *Sim) Variants() Variants {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.variants
}

// Close ends calls that hang and drops delayed commits. It may be called more than once.
func (s *Sim) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.done)
	for timer := range s.pending {
		timer.Stop()
	}
	clear(s.pending)
}

func newRSAKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

func newRandom(seed uint64) *mathrand.Rand {
	if seed == 0 {
		seed = mathrand.Uint64()
	}
	return mathrand.New(mathrand.NewPCG(seed, seed))
}
