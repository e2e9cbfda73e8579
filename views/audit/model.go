// Package audit draws the record.
//
// An operation's page is read by somebody who has to answer for a change: who did it, why, what was there before and
// what after, did it really happen, and what did the vendor say, call by call. While the answer is not known, the page
// says what is being done about it.
//
// The record itself, at /audit, is read by three kinds of people. An auditor comes with a question that has a person, a
// role, a ticket or a week in it ("who gave Owner to that key, when and why?", "everything that Bob did in October"),
// wants to see from the lines alone which of them answer it, open those, and take exactly what is shown home as a file,
// or send on its address. An admin comes because something is wrong today: what was changed last, what is not settled
// yet, what was refused. An editor wants to find what they did themselves, and what became of it; nobody else's is
// shown to them. All of them read from the newest line on, and come back to a line that they saw before: pages hang on
// places in time, so that what is written meanwhile moves nothing.
package audit

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Operation is the whole story of one operation, at /audit/{operation}.
type Operation struct {
	Frame              page.Frame
	ID                 string
	ActionName         string // in words: "Change of roles", "New subuser"
	TargetName         string
	TargetID           string // of a key, by which the record finds it; "" for what it finds by its name
	TargetHref         string // path of the target's page, "" when it has none
	Actor              string
	ActorDetail        string // how they are known: "demo|admin, signed in by demo"; "" for none
	Address            string // the client's, in words; "" when it may not be seen
	RequestID          string // of the request that started it
	At                 time.Time
	Reason             string
	Result             page.Result
	Confirmed          bool
	Open               bool
	ClosedAt           time.Time             // zero while open
	Change             *page.Difference      // of roles; nil when the act changes none
	Facts              []ui.Fact             // what else was wanted, such as login and description of a new subuser
	Now                []page.RoleAssignment // direct and inherited roles as last read after the act; nil when not read
	Events             []Event               // oldest first
	UndoHref           string                // path of the form that puts back what was there before; "" for none
	BulkHref           string                // path of the run that this is a part of; "" for none
	Unreadable         bool                  // no reading can show what was done
	MayCheck           bool                  // whether the vendor may be asked now
	MayResolve         bool                  // whether this operator may settle it by hand
	ReconcileNotBefore time.Time             // when the console itself may settle it as not applied; zero when not known
	Resolve            ResolveForm
}

// Event is one line of the story.
type Event struct {
	At        time.Time
	Title     string // in words: "Written down before anything was sent", "Outcome", "Settled by reading"
	Note      string // a sentence, "" for none
	Actor     string // who settled, "" when it was the operator of the operation
	Result    page.Result
	HasResult bool // an intent has none
	Confirmed bool
	Calls     []Call
}

// Call is one vendor call of an operation.
type Call struct {
	Method   string
	Result   page.Result
	Vendor   *ui.QuoteProps // code and words, nil when the vendor said nothing
	SentAt   time.Time
	Duration time.Duration
}

// ResolveForm is the form for settling by hand; it posts to /audit/{operation}/resolve: result ("applied" or
// "not_applied") and reason.
type ResolveForm struct {
	Result string
	Reason string
	Errors []ui.FieldError // fields: result, reason, ""
}
