package audit

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Result is the outcome of an operation. It is "" before the first outcome event.
type Result string

// The results. An operation with the result Unknown stays open until it is reconciled or resolved.
const (
	Applied       Result = "applied"     // the vendor has made the change
	Refused       Result = "refused"     // the vendor refused the request before changing anything
	NotSent       Result = "not_sent"    // the request was not sent
	PartlyApplied Result = "partly"      // some of several calls were applied
	NotApplied    Result = "not_applied" // sent without a usable reply, and not done; only set by reconciling or resolving
	Unknown       Result = "unknown"     // sent without a usable reply
)

// Action is the type of an operation.
type Action string

// The actions.
const (
	CreateSubuser         Action = "subuser.create"
	EditSubuser           Action = "subuser.edit"
	ChangeSubuserRoles    Action = "subuser.roles"
	ForceSubuserRoles     Action = "subuser.force"
	ChangeSubuserPassword Action = "subuser.password"
	ReissueSubuser        Action = "subuser.re-issue"
	DeleteSubuser         Action = "subuser.delete"
	CreateKey             Action = "key.create"
	EditKey               Action = "key.edit"
	ChangeKeyRoles        Action = "key.roles"
	DeleteKey             Action = "key.delete"
)

// Actions returns every action, in the order in which pages list them.
func Actions() []Action {
	return []Action{
		CreateSubuser, EditSubuser, ChangeSubuserRoles, ForceSubuserRoles, ChangeSubuserPassword, ReissueSubuser,
		DeleteSubuser, CreateKey, EditKey, ChangeKeyRoles, DeleteKey,
	}
}

// Target is the principal that an operation changes.
type Target struct {
	access.Ref        // its ID is "" while the principal does not exist yet
	Name       string // the login or the key name when the operation began

	// FormerID is the id before a re-issue, which deletes a subuser and creates it again with a new id; "" otherwise.
	FormerID string
}

// RoleEffect is what an operation intends to do to a role assignment of its target.
type RoleEffect string

// The effects on a role assignment.
const (
	RoleGranted RoleEffect = "granted"
	RoleRevoked RoleEffect = "revoked"
	RoleLost    RoleEffect = "lost" // the target is deleted, and its direct roles with it
)

// RoleEffects returns every effect, in the order in which pages list them.
func RoleEffects() []RoleEffect { return []RoleEffect{RoleGranted, RoleRevoked, RoleLost} }

// RoleChange is one role that an operation intends to grant or revoke, or that goes with a deleted target. Whether it
// happened follows from the operation's Result.
type RoleChange struct {
	ID     int64      `json:"id"`
	Name   string     `json:"name"` // as the role was called when the operation began
	Effect RoleEffect `json:"effect"`
}

// Actor is the operator or system behind an event, as it was at that time.
type Actor struct {
	Issuer    string `json:"issuer"`
	Subject   string `json:"subject"`
	Name      string `json:"name,omitempty"`
	Email     string `json:"email,omitempty"`
	Method    string `json:"method"`               // of the sign-in
	SessionID string `json:"session_id,omitempty"` // a hash of the session's id
	Address   string `json:"address,omitempty"`    // the client's address

	// AddressFrom is the source of Address, FromConnection or FromForwarded; "" when it is not known.
	AddressFrom string `json:"address_from,omitempty"`
}

// The sources of a client's address.
const (
	FromConnection = "connection"      // the remote address of the connection
	FromForwarded  = "X-Forwarded-For" // the header of a trusted proxy
)

// ID returns the actor's stable id, "issuer|subject".
func (a Actor) ID() string { return a.Issuer + "|" + a.Subject }

// Display returns the name to show: the name, else the e-mail, else the subject.
func (a Actor) Display() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Email != "":
		return a.Email
	default:
		return a.Subject
	}
}

// Operation is one change: its intent and its current result.
type Operation struct {
	ID        string // 26 characters, made when the form was rendered
	Account   int64
	Action    Action
	Target    Target
	Actor     Actor
	Reason    string
	RequestID string
	Tag       string          // the tag in the description of a created principal, "" for none
	Intent    json.RawMessage // the state before and the change, in a form that the action defines
	CreatedAt time.Time
	Result    Result    // "" before the first outcome
	Confirmed bool      // the vendor's state was read and agrees with Result
	Open      bool      // the operation still holds its locks
	ClosedAt  time.Time // zero while open
	LastSeq   int64     // the newest event of the operation
	BulkID    string    // the bulk change that it is a part of, "" for none; Begin reads it from Intent
	BulkLater bool      // that bulk change has an older operation; set by Begin

	// Affected and Roles are written by Begin, to find the operation by them. Operations that are read do not have them.
	Affected []access.Ref // principals that may change along with the target, such as the keys of a deleted subuser
	Roles    []RoleChange
}

// EventKind is the kind of an event.
type EventKind string

// The kinds of an operation's events, in the order in which they may occur.
const (
	IntentEvent     EventKind = "intent"   // committed before anything is sent
	OutcomeEvent    EventKind = "outcome"  // the result of the calls and of reading back
	ResolutionEvent EventKind = "settled"  // the operation was reconciled or resolved
	ReopenedEvent   EventKind = "reopened" // later evidence contradicts the result
)

// EventsUpTo returns the events up to op.LastSeq. Events are read after the operation; one that was written in
// between would contradict its result.
func (op Operation) EventsUpTo(events []Event) []Event {
	newer := slices.IndexFunc(events, func(e Event) bool { return e.Seq > op.LastSeq })
	if newer < 0 {
		return events
	}
	return events[:newer]
}

// Event is an event of an operation. Events are never changed.
type Event struct {
	Seq         int64
	OperationID string
	Kind        EventKind
	At          time.Time
	Result      Result
	Confirmed   bool
	Source      string // of a resolution: "reading", or an actor's id
	Note        string // a sentence for the page
	Calls       []Call // of an outcome
	Facts       json.RawMessage
	Process     string // of an intent: the process that began the operation, see store.DB.ProcessEnded
}

// Call is one vendor call of an operation. It never contains parameters.
type Call struct {
	Method        string        `json:"method"`
	Result        Result        `json:"result"`
	Code          int           `json:"code,omitempty"`
	VendorMessage string        `json:"vendor_message,omitempty"`
	SentAt        time.Time     `json:"sent_at"`
	Duration      time.Duration `json:"duration_ns"`
	// TokenExpires is when the token of the call expires. Some time after it a late commit is no longer possible.
	TokenExpires time.Time `json:"token_expires,omitzero"`
}

// Filter selects operations. The zero Filter selects all.
type Filter struct {
	Account    int64       // 0 for every account
	TargetKind access.Kind // "" for every kind
	TargetID   string      // "" for every target; ids of different kinds may be equal
	// TargetName, with TargetID, also selects operations on a target with this name and without an id: creates that were
	// refused or had no usable reply.
	TargetName string
	Actor      string // "issuer|subject", "" for every actor
	Open       bool   // only open operations
	Entries    bool   // of the operations of a bulk change, only the first one
	BulkID     string // only operations of this bulk change
	Limit      int    // 0 means 50
}
