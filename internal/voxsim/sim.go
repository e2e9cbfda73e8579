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

// Options says what a simulator starts with. The zero value is a working default.
type Options struct {
	// Company is what the account holds at the start; without keys it is Small().
	Company Company
	// Variants are the answers to what the contract leaves open; the zero value has our defaults.
	Variants Variants
	// Latency is waited before each API call is carried out.
	Latency time.Duration
	// Now is the clock, time.Now by default.
	Now func() time.Time
	// Seed makes the ids of new keys and an unstable order repeatable; 0 takes a random seed.
	Seed uint64
	// OwnerKey is the key pair behind Credentials. By default one is made, which takes a noticeable part of a second.
	OwnerKey *rsa.PrivateKey
	// NewKey makes the key pairs that CreateKey hands out, 2048-bit RSA by default. No other call is answered meanwhile.
	NewKey func() (*rsa.PrivateKey, error)
}

// Sim is a simulated account service. It is an http.Handler and safe for concurrent use.
type Sim struct {
	now         func() time.Time
	latency     time.Duration
	newKey      func() (*rsa.PrivateKey, error)
	methods     map[string]method
	roles       catalogue
	credentials []byte
	done        chan struct{} // closed by Close; ends whatever hangs

	mu            sync.Mutex // guards everything below
	account       *account
	stale         staleView
	variants      Variants
	faults        []*armedFault
	bucket        tokenBucket
	recentCommits map[string]time.Time // fingerprint of a committed call -> when, for the resend check
	random        *mathrand.Rand
	ledger        []LedgerEntry
	auditEntries  []auditEntry // what GetAuditLog answers from
	calls         []*Call
	received      int // calls ever received; the sequence number of the newest
	pending       map[*time.Timer]struct{}
	closed        bool
}

// New builds a simulated account service seeded with a company. It fails when the company breaks a rule of the
// service (a login, an unknown role, a key without an id) or when no key pair can be made.
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
			return nil, fmt.Errorf("making the owner's key pair: %w", err)
		}
		o.OwnerKey = made
	}
	roles := newCatalogue(sampleRoles())
	seeded, err := newAccount(o.Company, roles)
	if err != nil {
		return nil, fmt.Errorf("seeding the company: %w", err)
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

// ServeHTTP answers the API under /platform_api and the control of the simulator under /_sim/.
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

// Credentials is the credentials.json of the company's first key, in the vendor's form: the bare object, with the
// private key in it.
func (s *Sim) Credentials() []byte { return append([]byte(nil), s.credentials...) }

// AccountID is the id of the simulated account.
func (s *Sim) AccountID() int64 { return s.account.id }

// SetVariants replaces all variants at once; what was committed stays.
func (s *Sim) SetVariants(v Variants) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.variants = v
}

// Variants are the variants that hold now.
func (s *Sim) Variants() Variants {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.variants
}

// Close ends what hangs and forgets every commit that was to come later. It may be called more than once.
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
