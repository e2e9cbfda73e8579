package voxsim

import (
	"slices"
	"time"
)

// LedgerEntry is one committed change. The ledger is in commit order.
type LedgerEntry struct {
	Seq  int       `json:"seq"`  // from 1
	Time time.Time `json:"time"` // by Options.Now, without the offset of a variant
	// AccountID is the account that was changed: the simulated one or a child.
	AccountID int64             `json:"account_id"`
	Method    string            `json:"method"` // the API method, also for external changes
	Actor     string            `json:"actor"`  // the id of the calling key, or ExternalActor
	Params    map[string]string `json:"params"` // as sent, without passwords
	// SubuserID or KeyID is the principal that was changed or created.
	SubuserID int64  `json:"subuser_id,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	Effect    Effect `json:"effect"`
}

// ExternalActor is the actor of changes by ApplyExternal.
const ExternalActor = "external"

// Effect is what a commit changed; it is empty for a call that was accepted and changed nothing. Role ids are direct
// roles, ascending, as the API shows them.
type Effect struct {
	Created         bool               `json:"created,omitempty"`
	Deleted         bool               `json:"deleted,omitempty"`
	Login           string             `json:"login,omitempty"`       // of a created or deleted subuser
	Description     *string            `json:"description,omitempty"` // the new value, if it changed
	KeyName         *string            `json:"key_name,omitempty"`    // the new value, if it changed
	PasswordChanged bool               `json:"password_changed,omitempty"`
	RolesAdded      []int64            `json:"roles_added,omitempty"`
	RolesRemoved    []int64            `json:"roles_removed,omitempty"`
	KeyRolesRemoved map[string][]int64 `json:"key_roles_removed,omitempty"` // by key id, with force
	KeysDeleted     []string           `json:"keys_deleted,omitempty"`      // keys deleted with their subuser
}

// Call is one request for an API method as received, also if it was refused or met a fault.
type Call struct {
	Seq       int       `json:"seq"`    // from 1
	Time      time.Time `json:"time"`   // when it arrived
	Verb      string    `json:"verb"`   // GET or POST
	Method    string    `json:"method"` // as sent; "" if missing
	Target    string    `json:"target"` // subuser_id or key_id as sent; "" if missing
	KeyID     string    `json:"key_id"` // of the token; "" unless the token is valid
	Code      int       `json:"code"`   // the error code; 0 for none
	Committed bool      `json:"committed"`
	Fault     FaultKind `json:"fault,omitempty"` // the fault that applied
}

// maxCalls bounds the memory of a simulator that runs for a long time.
const maxCalls = 100_000

// Ledger returns a copy of all commits, oldest first.
func (s *Sim) Ledger() []LedgerEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]LedgerEntry{}, s.ledger...) // entries are never modified
}

// Calls returns a copy of the API requests, oldest first; only about the last 100,000 are kept.
func (s *Sim) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := make([]Call, len(s.calls))
	for i, c := range s.calls {
		calls[i] = *c
	}
	return calls
}

// receive records a call and returns the fault that applies to it, or nil. The lock must be held.
func (s *Sim) receive(c *Call) *Fault {
	s.received++
	c.Seq, c.Time = s.received, s.now()
	if len(s.calls) >= maxCalls {
		s.calls = slices.Clone(s.calls[maxCalls/10:])
	}
	s.calls = append(s.calls, c)
	fault := s.matchFault(c.Method)
	if fault != nil {
		c.Fault = fault.Kind
	}
	return fault
}

// commit adds a change to the ledger, and the call with its result to the vendor's audit log. The lock must be held.
func (s *Sim) commit(x *invocation, result any) {
	x.ledgerEntry.Seq = len(s.ledger) + 1
	x.ledgerEntry.Time = s.now()
	x.ledgerEntry.Params = x.params.withoutSecrets()
	s.ledger = append(s.ledger, x.ledgerEntry)
	s.appendAuditEntry(x, result)
}
