package voxsim

import (
	"slices"
	"time"
)

// LedgerEntry is one committed change. The ledger has them in the order in which they were committed.
type LedgerEntry struct {
	Seq    int               `json:"seq"`    // 1, 2, 3 …
	Time   time.Time         `json:"time"`   // by the clock of Options, without any offset
	Method string            `json:"method"` // the API method, also for what Act did
	Actor  string            `json:"by"`     // the calling key's id, or BehindOurBack
	Params map[string]string `json:"params"` // as sent, without passwords
	// SubuserID or KeyID is what was changed, or created.
	SubuserID int64  `json:"subuser_id,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	Effect    Effect `json:"effect"`
}

// ExternalActor stands in Entry.By for what Act did.
const ExternalActor = "behind"

// Effect is what a commit really changed; a call that was accepted and changed nothing has an empty one. Role ids are
// direct ones, ascending, as the API shows them.
type Effect struct {
	Created         bool               `json:"created,omitempty"`
	Deleted         bool               `json:"deleted,omitempty"`
	Login           string             `json:"login,omitempty"`       // of a created or deleted subuser
	Description     *string            `json:"description,omitempty"` // the new one, when it changed or came to be
	KeyName         *string            `json:"key_name,omitempty"`    // the new one, when it changed or came to be
	PasswordChanged bool               `json:"password_changed,omitempty"`
	RolesAdded      []int64            `json:"roles_added,omitempty"`
	RolesRemoved    []int64            `json:"roles_removed,omitempty"`
	KeyRolesRemoved map[string][]int64 `json:"key_roles_removed,omitempty"` // by key id, when force took them
	KeysDeleted     []string           `json:"keys_deleted,omitempty"`      // keys that went with their subuser
}

// Call is one request for an API method as it was received, refused and faulty ones included.
type Call struct {
	Seq       int       `json:"seq"`    // 1, 2, 3 …
	Time      time.Time `json:"time"`   // when it arrived
	Verb      string    `json:"verb"`   // GET or POST
	Method    string    `json:"method"` // as asked for; "" when none was
	Target    string    `json:"target"` // subuser_id or key_id as sent, "" when neither was
	KeyID     string    `json:"key_id"` // of the token; "" until the token is known to be good
	Code      int       `json:"code"`   // the refusal decided on, 0 for none
	Committed bool      `json:"committed"`
	Fault     FaultKind `json:"fault,omitempty"` // the fault that met the call
}

// maxCalls is how many calls are remembered, so that a simulator left running does not grow for ever.
const maxCalls = 100_000

// Ledger is a copy of all that was committed, oldest first.
func (s *Sim) Ledger() []LedgerEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]LedgerEntry{}, s.ledger...) // entries are never written to once they are in
}

// Calls is a copy of the requests received for the API, oldest first; only the last 100,000 or so are remembered.
func (s *Sim) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := make([]Call, len(s.calls))
	for i, c := range s.calls {
		calls[i] = *c
	}
	return calls
}

// receive notes a call and gives it the fault that waits for it, if any. The lock must be held.
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

// commit puts what an exchange changed into the ledger, and the call with its result into the account's history. The
// lock must be held.
func (s *Sim) commit(x *invocation, result any) {
	x.ledgerEntry.Seq = len(s.ledger) + 1
	x.ledgerEntry.Time = s.now()
	x.ledgerEntry.Params = x.params.withoutSecrets()
	s.ledger = append(s.ledger, x.ledgerEntry)
	s.appendAuditEntry(x, result)
}
