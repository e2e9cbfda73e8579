package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// The kinds of events that are no part of an operation.
const (
	SignInEvent        EventKind = "sign_in"
	SignInRefusedEvent EventKind = "sign_in_refused"
	SignOutEvent       EventKind = "sign_out"
	SessionEndedEvent  EventKind = "session_ended" // by somebody else, or from another of one's own
	DeniedEvent        EventKind = "denied"        // somebody asked for what they may not
	ExportEvent        EventKind = "export"
	StartEvent         EventKind = "start" // of the program
	DriftAcceptedEvent EventKind = "drift_accepted"
	PruneEvent         EventKind = "prune" // what was old was taken out of the record
)

// Notice is what an event says that is no part of an operation; the types below are all there are.
type Notice interface {
	kind() EventKind
	// rateLimit answers whose notices of this kind are bounded, "" when they are not, and the same notice that also says
	// how many were left out before it.
	rateLimit() (who string, with func(more int) Notice)
}

// SignedIn says that a session began.
type SignedIn struct {
	Actor     Actor  `json:"actor"`
	RequestID string `json:"request_id,omitempty"`
}

// SignInRefused says that what came with a request proved nobody.
type SignInRefused struct {
	Address     string `json:"address"`
	AddressFrom string `json:"address_from,omitempty"` // as an Actor's
	Reason      string `json:"reason"`                 // ours, never a part of what came
	RequestID   string `json:"request_id,omitempty"`
	Omitted     int    `json:"more,omitempty"` // how many more from this address were left out before
}

// SignedOut says that somebody ended their session.
type SignedOut struct {
	Actor     Actor  `json:"actor"`
	RequestID string `json:"request_id,omitempty"`
}

// SessionsEnded says that somebody ended other sessions than the one in use.
type SessionsEnded struct {
	Actor        Actor  `json:"actor"`
	SessionOwner string `json:"of,omitempty"` // "issuer|subject" whose they were, "" when only Session is known
	Session      string `json:"session,omitempty"`
	Count        int    `json:"count"`
	RequestID    string `json:"request_id,omitempty"`
}

// Denied says that somebody asked for what they may not.
type Denied struct {
	Actor      Actor  `json:"actor"`
	Permission string `json:"permission"`
	Route      string `json:"route"` // method and path, never a query
	RequestID  string `json:"request_id,omitempty"`
	Omitted    int    `json:"more,omitempty"` // how many more of this person were left out before
}

// Exported says that somebody took a list with them.
type Exported struct {
	Actor     Actor  `json:"actor"`
	Resource  string `json:"what"` // "subusers", "keys", "roles", "record"
	Rows      int    `json:"rows"`
	Filter    string `json:"filter,omitempty"` // in words, "" for everything
	RequestID string `json:"request_id,omitempty"`
}

// DriftAccepted says that what was changed at the vendor without the console counts as expected from now on.
type DriftAccepted struct {
	Actor     Actor       `json:"actor"`
	Account   int64       `json:"account"`
	Kind      access.Kind `json:"kind"`           // of the target
	Target    string      `json:"target"`         // the vendor's id
	Name      string      `json:"name"`           // the login or key name
	Change    string      `json:"what"`           // "granted", "gone" and so on
	Role      string      `json:"role,omitempty"` // that was granted or revoked
	Reason    string      `json:"reason"`
	RequestID string      `json:"request_id,omitempty"`
}

// LogPruned says that what was old was taken out of the record. It is written with the act itself, by Prune.
type LogPruned struct {
	Command    string    `json:"by"`     // the command
	Before     time.Time `json:"before"` // what was older was to go
	LastSeq    int64     `json:"until"`  // the last event that went
	Events     int64     `json:"events"`
	Operations int64     `json:"operations"`
	Program    string    `json:"program,omitempty"`
}

// Started says how the program was set when it started.
type Started struct {
	Program  string           `json:"program"`
	Account  int64            `json:"account"`
	Settings []StartedSetting `json:"settings"`
}

// StartedSetting is one setting; a secret's value is not in it.
type StartedSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

func (SignedIn) kind() EventKind      { return SignInEvent }
func (SignInRefused) kind() EventKind { return SignInRefusedEvent }
func (SignedOut) kind() EventKind     { return SignOutEvent }
func (SessionsEnded) kind() EventKind { return SessionEndedEvent }
func (Denied) kind() EventKind        { return DeniedEvent }
func (Exported) kind() EventKind      { return ExportEvent }
func (Started) kind() EventKind       { return StartEvent }
func (DriftAccepted) kind() EventKind { return DriftAcceptedEvent }
func (LogPruned) kind() EventKind     { return PruneEvent }

func (SignedIn) rateLimit() (string, func(int) Notice)      { return "", nil }
func (SignedOut) rateLimit() (string, func(int) Notice)     { return "", nil }
func (SessionsEnded) rateLimit() (string, func(int) Notice) { return "", nil }
func (Exported) rateLimit() (string, func(int) Notice)      { return "", nil }
func (Started) rateLimit() (string, func(int) Notice)       { return "", nil }
func (DriftAccepted) rateLimit() (string, func(int) Notice) { return "", nil }
func (LogPruned) rateLimit() (string, func(int) Notice)     { return "", nil }

func (n SignInRefused) rateLimit() (string, func(int) Notice) {
	return n.Address, func(more int) Notice { n.Omitted = more; return n }
}

func (n Denied) rateLimit() (string, func(int) Notice) {
	return n.Actor.ID(), func(more int) Notice { n.Omitted = more; return n }
}

// Note adds an event that is no part of an operation. A flood of refusals from one address, or to one person, is
// counted after the first few of a minute: the next one that is written says how many were left out.
func (r *Log) Note(ctx context.Context, n Notice) error {
	at := r.options.Now().UTC()
	if key, withOmitted := n.rateLimit(); withOmitted != nil {
		omitted, allowed := r.limiter.allow(string(n.kind())+" "+key, at)
		if !allowed {
			return nil
		}
		n = withOmitted(omitted)
	}
	var written link
	err := r.write(ctx, func(tx *sql.Tx) error {
		var err error
		written, err = r.addNotice(ctx, tx, n, at)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", n.kind(), err)
	}
	r.logEvents(ctx, written)
	return nil
}

func (r *Log) addNotice(ctx context.Context, tx *sql.Tx, n Notice, at time.Time) (link, error) {
	body, err := json.Marshal(n)
	if err != nil {
		return link{}, fmt.Errorf("encoding an event: %w", err)
	}
	return r.add(ctx, tx, link{kind: string(n.kind()), at: at.UnixMicro(), body: string(body)})
}
