package audit

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
)

// Result is the last word on an operation. An operation without one is still under way.
type Result string

// The results of the house. Unknown stays open until it is settled with one of the others.
const (
	Applied       Result = "applied"  // the vendor has done it
	Refused       Result = "refused"  // the vendor said no before the act: nothing happened
	NotSent       Result = "not_sent" // the request never left: nothing happened
	PartlyApplied Result = "partly"   // some of several calls were applied
	// sent, the answer was lost, and it did not happen: only ever settled, never answered
	NotApplied Result = "not_applied"
	Unknown    Result = "unknown" // sent, and nobody knows yet
)

// Action names an act in the record, in routes and in permissions.
type Action string

// The acts of the console.
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

// RoleChange is one role that an operation intends to grant or revoke, or that goes with a deleted target. Whether it
// happened follows from the operation's Result.
type RoleChange struct {
	ID     int64      `json:"id"`
	Name   string     `json:"name"` // as the role was called when the operation began
	Effect RoleEffect `json:"effect"`
}

// Actor is who acted, as they were at that moment.
type Actor struct {
	Issuer    string `json:"issuer"`
	Subject   string `json:"subject"`
	Name      string `json:"name,omitempty"`
	Email     string `json:"email,omitempty"`
	Method    string `json:"method"`               // how the sign-in was proven
	SessionID string `json:"session_id,omitempty"` // a hash, never the session's id itself
	Address   string `json:"address,omitempty"`    // the client's address

	// AddressFrom is how the address was found out, one of the two ways below; "" in records that are older than it.
	AddressFrom string `json:"address_from,omitempty"`
}

// The ways in which a client's address is found out.
const (
	FromConnection = "connection"      // it is the other end of it
	FromForwarded  = "X-Forwarded-For" // a trusted proxy said so there
)

// ID is the actor's stable identity, "issuer|subject".
func (a Actor) ID() string { return a.Issuer + "|" + a.Subject }

// Display is the name to show: the name, else the e-mail, else the subject.
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

// Operation is one act of one operator: its intent, and the last word on it.
type Operation struct {
	ID        string // 26 characters, made when the form was drawn
	Account   int64
	Action    Action
	Target    Target
	Actor     Actor
	Reason    string
	RequestID string
	// what the description of a created thing ends in, "" when nothing is created or marks are off
	Tag       string
	Intent    json.RawMessage // what was there and what was wanted; its shape belongs to the action
	CreatedAt time.Time
	Result    Result    // "" while under way
	Confirmed bool      // the vendor's state was read and agrees with Result
	Open      bool      // not settled yet: no other operation may touch what it locks
	ClosedAt  time.Time // zero while open
	LastSeq   int64     // the newest event of its story

	// Affected and Roles are written by Begin, to find the operation by them. Operations that are read do not have them.
	Affected []access.Ref // principals that may change along with the target, such as the keys of a deleted subuser
	Roles    []RoleChange
}

// EventKind says what an event adds to an operation's story.
type EventKind string

// The kinds of events, in the order in which they may come.
const (
	IntentEvent     EventKind = "intent"   // committed before anything is sent
	OutcomeEvent    EventKind = "outcome"  // what the calls and the read-back said
	ResolutionEvent EventKind = "settled"  // a later word on an open operation
	ReopenedEvent   EventKind = "reopened" // evidence came that contradicts the last word
)

// EventsUpTo answers those events of an operation's story that it was read with. Events are read after it, and one
// that was written in between would contradict its result.
func (op Operation) EventsUpTo(events []Event) []Event {
	newer := slices.IndexFunc(events, func(e Event) bool { return e.Seq > op.LastSeq })
	if newer < 0 {
		return events
	}
	return events[:newer]
}

// Event is one line of an operation's story. Events are only ever added.
type Event struct {
	Seq         int64
	OperationID string
	Kind        EventKind
	At          time.Time
	Result      Result
	Confirmed   bool
	Source      string // who settled: "reading", or an actor's id
	Note        string // a sentence for people
	Calls       []Call // what was sent, for outcomes
	Facts       json.RawMessage
}

// Call is one vendor call of an operation. It never holds parameters.
type Call struct {
	Method        string        `json:"method"`
	Result        Result        `json:"result"`
	Code          int           `json:"code,omitempty"`
	VendorMessage string        `json:"vendor_message,omitempty"`
	SentAt        time.Time     `json:"sent_at"`
	Duration      time.Duration `json:"duration_ns"`
	// TokenExpires is when the token that carried the call stops being accepted; after it, plus a
	// margin, a late commit is no longer to be expected.
	TokenExpires time.Time `json:"token_expires,omitzero"`
}

// Filter is what the record is asked for. The zero value is everything, newest first.
type Filter struct {
	Account    int64       // 0 for every account
	TargetKind access.Kind // "" for every kind
	TargetID   string      // "" for every target; ids of different kinds may be alike
	// TargetName, with TargetID, also finds operations on a target of this name that never learnt its id: a
	// create that was refused, or whose answer was lost.
	TargetName string
	Actor      string // "issuer|subject", "" for everybody
	Open       bool   // only operations that are not settled
	Limit      int    // 0 means 50
}
