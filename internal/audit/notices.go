package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/store"
)

// The kinds of events that belong to no operation.
const (
	SignInEvent        EventKind = "sign_in"
	SignInRefusedEvent EventKind = "sign_in_refused"
	SignOutEvent       EventKind = "sign_out"
	SessionEndedEvent  EventKind = "session_ended" // by an admin, or from another session of the same operator
	DeniedEvent        EventKind = "denied"        // a request without the permission for it
	ExportEvent        EventKind = "export"
	StartEvent         EventKind = "start" // of the program
	DriftAcceptedEvent EventKind = "drift_accepted"

	// RenewalRefusedEvent ended a session: the provider refused to renew the operator's sign-in.
	RenewalRefusedEvent EventKind = "renewal_refused"
	PruneEvent          EventKind = "prune"         // old events were deleted
	LossAcceptedEvent   EventKind = "loss_accepted" // the audit log is not what it was, and continues

	// RefusalsOmittedEvent counts refused sign-ins or denied requests beyond the rate limits.
	RefusalsOmittedEvent EventKind = "refusals_omitted"
)

// Notice is the body of an event that belongs to no operation. The types below implement it.
type Notice interface {
	kind() EventKind
	// rateLimit returns the key by which notices of this kind are limited, and a function that returns the notice with
	// the number of omitted ones. The function is nil when there is no limit.
	rateLimit() (key string, with func(omitted int) Notice)
}

// SignedIn is the notice of a new session.
type SignedIn struct {
	Actor     Actor  `json:"actor"`
	RequestID string `json:"request_id,omitempty"`
}

// SignInRefused is the notice of a request with an invalid proof of identity.
type SignInRefused struct {
	Address     string `json:"address"`
	AddressFrom string `json:"address_from,omitempty"` // as in Actor
	Reason      string `json:"reason"`                 // a text of the console, never part of the request
	RequestID   string `json:"request_id,omitempty"`
	Omitted     int    `json:"more,omitempty"` // notices from the same narrow network that were omitted before this one
}

// SignedOut is the notice of an operator signing out.
type SignedOut struct {
	Actor     Actor  `json:"actor"`
	RequestID string `json:"request_id,omitempty"`
}

// SessionsEnded is the notice of sessions that were ended from another session.
type SessionsEnded struct {
	Actor        Actor  `json:"actor"`
	SessionOwner string `json:"of,omitempty"` // "issuer|subject" of their operator, "" when only Session is known
	Session      string `json:"session,omitempty"`
	Count        int    `json:"count"`
	RequestID    string `json:"request_id,omitempty"`
}

// RenewalRefused is the notice of a session that ended because the provider refused to renew the sign-in: it disabled
// the operator, or ended the sign-in.
type RenewalRefused struct {
	Actor Actor `json:"actor"` // the operator, with the session, without an address
}

// Denied is the notice of a request without the permission for it.
type Denied struct {
	Actor      Actor  `json:"actor"`
	Permission string `json:"permission"`
	Route      string `json:"route"` // method and path, never a query
	RequestID  string `json:"request_id,omitempty"`
	Omitted    int    `json:"more,omitempty"` // notices of this operator that were omitted before this one
}

// RefusalsOmitted is the notice of refused sign-ins or denied requests that were not written, because there were too
// many. Run writes it. It does not count those that Omitted of a later notice counts.
type RefusalsOmitted struct {
	Kind  EventKind `json:"of"` // SignInRefusedEvent or DeniedEvent
	Count int       `json:"count"`
}

// Exported is the notice of a downloaded list.
type Exported struct {
	Actor     Actor  `json:"actor"`
	Resource  string `json:"what"` // "subusers", "keys", "roles", "key-roles", "record"
	Rows      int    `json:"rows"`
	Filter    string `json:"filter,omitempty"` // as text, "" for none
	RequestID string `json:"request_id,omitempty"`
}

// DriftAccepted is the notice of an accepted drift finding: the state at the vendor is expected from now on.
type DriftAccepted struct {
	Actor     Actor       `json:"actor"`
	Account   int64       `json:"account"`
	Kind      access.Kind `json:"kind"`           // of the target
	Target    string      `json:"target"`         // the vendor's id
	Name      string      `json:"name"`           // the login or key name
	Change    string      `json:"what"`           // "granted", "gone" and so on
	Role      string      `json:"role,omitempty"` // the role that was granted or revoked
	Reason    string      `json:"reason"`
	RequestID string      `json:"request_id,omitempty"`
}

// LogPruned is the notice of pruning. Prune writes it in its own transaction.
type LogPruned struct {
	Command     string    `json:"by"`
	Before      time.Time `json:"before"` // older events were to be deleted
	LastSeq     int64     `json:"until"`  // the last event that was deleted
	Events      int64     `json:"events"`
	Operations  int64     `json:"operations"`
	BulkChanges int64     `json:"bulk_changes"`
	Program     string    `json:"program,omitempty"`
}

// Started is the notice of a start of the program, with its settings.
type Started struct {
	Program  string           `json:"program"`
	Account  int64            `json:"account"`
	Settings []StartedSetting `json:"settings"`
}

// StartedSetting is one setting. The value of a secret is redacted.
type StartedSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

func (SignedIn) kind() EventKind        { return SignInEvent }
func (SignInRefused) kind() EventKind   { return SignInRefusedEvent }
func (SignedOut) kind() EventKind       { return SignOutEvent }
func (SessionsEnded) kind() EventKind   { return SessionEndedEvent }
func (RenewalRefused) kind() EventKind  { return RenewalRefusedEvent }
func (Denied) kind() EventKind          { return DeniedEvent }
func (Exported) kind() EventKind        { return ExportEvent }
func (Started) kind() EventKind         { return StartEvent }
func (DriftAccepted) kind() EventKind   { return DriftAcceptedEvent }
func (LogPruned) kind() EventKind       { return PruneEvent }
func (RefusalsOmitted) kind() EventKind { return RefusalsOmittedEvent }

func (SignedIn) rateLimit() (string, func(int) Notice)        { return "", nil }
func (SignedOut) rateLimit() (string, func(int) Notice)       { return "", nil }
func (SessionsEnded) rateLimit() (string, func(int) Notice)   { return "", nil }
func (RenewalRefused) rateLimit() (string, func(int) Notice)  { return "", nil }
func (Exported) rateLimit() (string, func(int) Notice)        { return "", nil }
func (Started) rateLimit() (string, func(int) Notice)         { return "", nil }
func (DriftAccepted) rateLimit() (string, func(int) Notice)   { return "", nil }
func (LogPruned) rateLimit() (string, func(int) Notice)       { return "", nil }
func (RefusalsOmitted) rateLimit() (string, func(int) Notice) { return "", nil }

func (n SignInRefused) rateLimit() (string, func(int) Notice) {
	return n.Address, func(omitted int) Notice { n.Omitted = omitted; return n }
}

func (n Denied) rateLimit() (string, func(int) Notice) {
	return n.Actor.ID(), func(omitted int) Notice { n.Omitted = omitted; return n }
}

// Note adds an event that belongs to no operation. Refused sign-ins are limited per network of the address and denied
// requests per operator, and both in all. Omitted ones are counted in the next event of the same network or operator,
// or in a RefusalsOmitted.
func (r *Log) Note(ctx context.Context, n Notice) error {
	at := r.options.Now().UTC()
	if key, withOmitted := n.rateLimit(); withOmitted != nil {
		omitted, allowed := r.limiter.allow(n.kind(), key, at)
		if !allowed {
			return nil
		}
		n = withOmitted(omitted)
	}
	err := r.NoteWith(ctx, func(*sql.Tx) (Notice, error) { return n, nil })
	if err != nil {
		return fmt.Errorf("writing %s: %w", n.kind(), err)
	}
	return nil
}

// NoteWith makes a change of other rows in a write transaction, and adds the notice of it in the same transaction.
// change returns nil to add none. No notice is limited. A browser that is gone does not stop it, as it does not stop
// Note; the deadline of ctx does.
func (r *Log) NoteWith(ctx context.Context, change func(tx *sql.Tx) (Notice, error)) error {
	ctx, cancel := store.Detach(ctx)
	defer cancel()
	return r.Write(ctx, func(tx *Tx) error {
		n, err := change(tx.Tx)
		if err != nil || n == nil {
			return err
		}
		_, err = tx.Add(ctx, "", n, r.options.Now().UTC())
		return err
	})
}

func (r *Log) addNotice(ctx context.Context, tx *sql.Tx, n Notice, at time.Time) ([]link, error) {
	body, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("encoding an event: %w", err)
	}
	return r.add(ctx, tx, link{kind: string(n.kind()), at: at.UnixMicro(), body: string(body)})
}
