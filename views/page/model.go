// Package page holds the frame that every page stands in, the problem page, and the pieces that several
// areas share: a role as it is held, a line of history, a difference, how fresh a reading is.
package page

import (
	"time"

	"github.com/voxwarden/voxwarden/views/ui"
)

// Section is the entry of the navigation that a page belongs to.
type Section string

// The sections of the console.
const (
	NoSection Section = ""
	Overview  Section = "overview"
	Subusers  Section = "subusers"
	Keys      Section = "keys"
	Roles     Section = "roles"
	AuditLog  Section = "audit"
	Me        Section = "me" // has no entry of its own: the operator's name leads there
)

// Frame is what surrounds a page.
type Frame struct {
	Title           string    // of the browser's tab, without the product's name; "" means Heading
	Heading         string    // the page's h1
	Account         Account   // the account being looked at; the zero value while nobody is signed in
	Operator        Operator  // the zero value while nobody is signed in: then there is no navigation
	MayViewAuditLog bool      // whether the navigation leads to the record
	Section         Section   // marked as current in the navigation
	Crumbs          []ui.Link // from the section down to this page's parent, without the page itself
	Flash           *ui.Flash // what the act before came to
	Banners         []ui.Banner
	Failed          bool // the page answers a form that has errors: the title begins with "Error:"
	AutoRefresh     int  // seconds after which the page asks for itself again, 0 for never
	// the page holds a form that somebody may be filling in: without the script, which can tell, the page never asks for
	// itself
	HasForm   bool
	RequestID string // of the request that drew the page, for support
	Version   string // of the console
}

// Account is the Voximplant account that a page is about.
type Account struct {
	ID          int64
	Name        string // "" while the vendor has not told it
	Environment string // a word such as "Demo", "" for none
}

// Operator is who is looking at the page.
type Operator struct {
	Name string
	// dashboard roles, from the least to the most; without any, neither account nor navigation is drawn
	Roles      []string
	CanSignOut bool // whether there is a session of ours to end
}

// Problem is a page that says why the asked-for one cannot be shown.
type Problem struct {
	Status    int            // HTTP status, also shown small
	Title     string         // a few words: what is the matter
	Sentences []string       // what happened, whether anything was changed, what to do next
	Vendor    *ui.QuoteProps // nil when the vendor said nothing
	Refresh   string         // path (with query) to try again, reading the account anew first; "" offers no such thing
	Actions   []ui.Link      // the first should be the most likely next step
	RequestID string

	postNote string // what Posted adds
}

// RoleAssignment is a vendor's role as somebody holds it.
type RoleAssignment struct {
	ID            int64 // 0 when there is no page to link to
	Name          string
	Inherited     bool   // held only through another role
	InheritedFrom string // the role that it comes through, "" when not known or not inherited
	Privileged    bool
	GUIOnly       bool // the vendor says that it concerns the control panel only
}

// RoleRef names a role.
type RoleRef struct {
	ID   int64
	Name string
}

// PrincipalRef names a principal and leads to its page. RefOf makes one.
type PrincipalRef struct {
	Path string // of its page
	Name string // as Name returns it
}

// Result is the last word on an operation. Its values are those of the record.
type Result string

// The results, and the empty one of an operation that is still under way.
const (
	UnderWay      Result = ""
	Applied       Result = "applied"
	Refused       Result = "refused"
	NotSent       Result = "not_sent"
	PartlyApplied Result = "partly"
	NotApplied    Result = "not_applied"
	Unknown       Result = "unknown"
)

// Operation is one line of history: who did what to whom, when, and what came of it.
type Operation struct {
	ID         string
	ActionName string // in words that hold whatever became of it: "Change of roles", "New subuser"
	TargetName string // the login at that time
	TargetHref string // path of the target's page, "" when it has none
	Actor      string // the operator's display name
	At         time.Time
	Result     Result
	Confirmed  bool   // the vendor's state was read and agrees
	Open       bool   // not settled yet
	Reason     string // "" when none was given, or when it may not be seen
	Linked     bool   // this operator may open the operation's page
	Summary    string // what changed, in short: "+ Supervisor, − Support"; "" when not known
}

// Difference is a change of roles, by name.
type Difference struct {
	Grant           []string
	Revoke          []string
	Keep            []string // directly held before and after
	InheritedGained []string // contained in what is granted, and not held yet
	InheritedLost   []string // held only through what is revoked
}

// Empty says that nothing would change.
func (d Difference) Empty() bool { return len(d.Grant) == 0 && len(d.Revoke) == 0 }

// RoleGroup is a group of tick boxes. Name is "" when the vendor's groups are not known.
type RoleGroup struct {
	Name  string
	Boxes []RoleBox
}

// RoleBox is one role of a form. Only an offered one can be ticked and is sent.
type RoleBox struct {
	ID             int64
	Name           string
	Checked        bool
	Offered        bool
	DisabledReason string // a sentence, when it is not offered
	Inherited      bool   // held, but only through a parent that is held too
	InheritedFrom  string // the parent's name, when Inherited
	Privileged     bool
	GUIOnly        bool
}

// FormFeedback says why an earlier sending of a form came to nothing. The zero value says nothing.
type FormFeedback struct {
	Errors  []ui.FieldError // by field, "" for the form as a whole
	Vendor  *ui.QuoteProps  // the vendor refused: its words
	Advice  string          // ours beside the vendor's
	NotSent string          // a sentence: nothing was sent, and why; "" otherwise
	Busy    *Operation      // another operation is in the way; nothing was sent
	Code    string          // the form as calls of the Management API, when it was asked for
}

// Error is what is wrong with a field, "" when nothing is.
func (s FormFeedback) Error(field string) string { return ui.ErrorFor(s.Errors, field) }

// Freshness says how far a list can be believed. It is drawn as "as of 12:03" with a Refresh button, and
// as banners for what is not as it should be.
type Freshness struct {
	AsOf         time.Time  // when the reading was complete; zero if there never was one
	Refreshing   bool       // a newer reading is under way
	LoadedRows   int        // rows read so far by the reading under way
	Incomplete   bool       // rows moved while the list was read, or its pages could not be followed: it may lack some
	RolesUnknown int        // subusers whose roles the vendor did not tell: they may hold any
	LastError    *ReadError // why the newest attempt failed, nil if it did not
	Return       string     // path (with query) that Refresh comes back to; "" draws no button
}

// Cold says that nothing was ever read.
func (f Freshness) Cold() bool { return f.AsOf.IsZero() }

// LastError is why the vendor could not be read, in words of ours with the vendor's quoted.
type ReadError struct {
	Title  string // a few words: "Voximplant does not answer"
	Text   string // what to do
	Vendor *ui.QuoteProps
	At     time.Time
}
