// Package audit draws the audit log: the list of operations and the page of one operation.
//
// The list serves three kinds of readers. Auditors search by actor, target, ticket or time, and export or share exactly
// what they found. Admins look for recent, open and refused operations. Editors find their own operations only. Pages
// of the list start at points in time, so that new operations do not shift them.
//
// The page of an operation shows the actor, the reason, the state before and after, the outcome and every vendor call.
// While the outcome is unknown, it shows what happens next.
package audit

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Operation is the page of one operation, at /audit/{operation}.
type Operation struct {
	Frame              page.Frame
	ID                 string
	ActionName         string // "Change of roles", "New subuser"
	TargetName         string
	TargetID           string // of a key, for searches in the audit log; "" for a subuser, searched by login
	TargetHref         string // path of the target's page, "" when it has none
	Actor              string
	ActorDetail        string // identity: "demo|admin, signed in by demo"; "" for none
	Address            string // of the client, as a phrase; "" without permission
	RequestID          string // of the request that started the operation
	At                 time.Time
	Reason             string
	Result             page.Result
	Confirmed          bool
	Open               bool
	ClosedAt           time.Time             // zero while open
	Change             *page.Difference      // nil for an action that changes no roles
	Facts              []ui.Fact             // other requested values, such as the description of a new subuser
	ReadBack           []page.RoleAssignment // direct roles as read back after the calls; nil when not read
	ReadBackAt         time.Time
	Now                *RolesNow        // the roles that the target has now; nil for an action without roles
	Later              []page.Operation // operations that changed the target since, newest first, a handful
	Undo               *Undo            // nil when this operator can never undo the operation
	Events             []Event          // oldest first
	BulkHref           string           // path of the bulk change that contains the operation; "" for none
	Unreadable         bool             // the change cannot be read back
	MayCheck           bool             // shows "Check now"
	MayResolve         bool             // this operator may state the outcome
	ReconcileNotBefore time.Time        // earliest time for "not applied"; zero when unknown
	Resolve            ResolveForm
}

// RolesNow is the direct roles that the target of an operation has now.
type RolesNow struct {
	Known bool
	Roles []page.RoleAssignment
	Gone  bool      // the target does not exist any more
	AsOf  time.Time // when they were read; zero when the account was not read yet
}

// Undo is what undoing an operation would change now.
type Undo struct {
	Href    string          // path of the form, "" when there is nothing to undo
	None    string          // sentences: why there is nothing to undo
	By      *page.Operation // the operation that undid it, nil for none; then the other fields are not set
	Change  page.Difference // of the roles
	Texts   []string        // the other values, with what they would become
	Deletes bool            // deletes the target
	Creates access.Kind     // the kind of what is created again, "" for none
}

// Event is one event of the operation.
type Event struct {
	At        time.Time
	Title     string // "Intent saved", "Outcome", "Checked later"
	Note      string // a sentence, "" for none
	Actor     string // the admin who resolved the operation; "" for its own actor
	Result    page.Result
	HasResult bool // false for an intent
	Confirmed bool
	Calls     []Call
}

// Call is a vendor call of an operation.
type Call struct {
	Method   string
	Result   page.Result
	Vendor   *ui.QuoteProps // the vendor's error; nil for none
	SentAt   time.Time
	Duration time.Duration
}

// ResolveForm is the form with which an admin states the outcome. It posts result ("applied" or "not_applied") and
// reason to /audit/{operation}/resolve.
type ResolveForm struct {
	Result string
	Reason string
	Errors []ui.FieldError // fields: result, reason, ""
}
