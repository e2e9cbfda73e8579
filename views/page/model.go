// Package page contains the frame of all pages, the problem page, and what several areas share: role assignments,
// histories, differences and the freshness of a listing.
package page

import (
	"cmp"
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Section is the navigation entry of a page.
type Section string

// The sections of the console.
const (
	NoSection Section = ""
	Overview  Section = "overview"
	Subusers  Section = "subusers"
	Keys      Section = "keys"
	Roles     Section = "roles"
	AuditLog  Section = "audit"
	Search    Section = "search" // the frame links to it
	Me        Section = "me"     // no navigation entry; the operator's menu links to it
)

// Frame is what surrounds the content of a page.
type Frame struct {
	Title           string    // of the browser tab, without the product name; "" means Heading
	Heading         string    // the page's h1
	Account         Account   // zero without a signed-in operator
	Operator        Operator  // zero without a signed-in operator; then there is no navigation
	MayViewAuditLog bool      // links to the audit log
	Section         Section   // the current navigation entry
	Crumbs          []ui.Link // from the section to the parent page
	Flash           *ui.Flash // result of the last change
	Banners         []ui.Banner
	Failed          bool // a form with errors: the title starts with "Error:"
	SkipToList      bool // the page has a table with ListID
	AutoRefresh     int  // seconds between reloads, 0 for never
	// HasForm stops the reload without JavaScript, because it would discard entries. The script detects a form in use.
	HasForm   bool
	RequestID string // of this page's request, for support
	Version   string // of Voxwarden
}

// Account is the Voximplant account of the console.
type Account struct {
	ID          int64
	Name        string // "" while unknown
	Environment string // a word such as "Demo", "" for none
}

// Operator is the signed-in operator.
type Operator struct {
	Name string
	// Roles are the dashboard roles in ascending order. Without any, neither account nor navigation is drawn.
	Roles      []string
	CanSignOut bool // the operator has a session
}

// Problem is an error page.
type Problem struct {
	Status    int            // HTTP status, also shown small
	Title     string         // a few words
	Sentences []string       // what happened, whether anything was changed, what to do next
	Vendor    *ui.QuoteProps // the vendor's error, nil for none
	Refresh   string         // path (with query) of "Try again", which first reads the account again; "" for no button
	Actions   []ui.Link      // next steps, the most likely one first
	RequestID string

	postNote string // added by ForPost
}

// RoleAssignment is a role of a principal.
type RoleAssignment struct {
	ID            int64 // 0 for a role without a page
	Name          string
	Inherited     bool   // not assigned directly
	InheritedFrom string // the parent role, "" when unknown or not inherited
	Privileged    bool
	GUIOnly       bool // applies to the vendor's control panel only
}

// RoleRef identifies a role.
type RoleRef struct {
	ID   int64
	Name string
}

// PrincipalRef names a principal and leads to its page. RefOf makes one.
type PrincipalRef struct {
	Path string // of its page
	Name string // as Name returns it
}

// Result is the outcome of an operation. Its values are those of the audit log.
type Result string

// The outcomes. UnderWay is the empty one of an operation in progress.
const (
	UnderWay      Result = ""
	Applied       Result = "applied"
	Refused       Result = "refused"
	NotSent       Result = "not_sent"
	PartlyApplied Result = "partly"
	NotApplied    Result = "not_applied"
	Unknown       Result = "unknown"
)

// Operation is one line of a history.
type Operation struct {
	ID         string
	ActionName string // a noun that fits every outcome: "Change of roles", "New subuser"
	TargetName string // login or key name at that time
	TargetHref string // path of the target's page, "" when it has none
	Actor      string // the operator's display name
	At         time.Time
	Result     Result
	Confirmed  bool   // read back and matching
	Open       bool   // neither reconciled nor resolved
	Reason     string // "" for none, or without permission to see it
	Linked     bool   // links to the operation's page
	Summary    string // the change in short: "+ Supervisor, − Support"; "" when unknown
	BulkHref   string // path of the bulk change that it is a part of; "" for none, or without permission
	Entry      *BulkEntry
}

// BulkEntry is a bulk change in a list of operations: one entry for its operations. The operation that has it is the
// first one.
type BulkEntry struct {
	Count   int           // of the operations that the list is about
	Results []ResultCount // in the order of texts, without zero counts
	Shown   []Operation   // newest first, a handful
	AllHref string        // path of the list of all Count operations; "" when Shown has them, or without permission
	Open    bool          // the operations are visible at first
}

// ResultCount is the number of operations with the same result.
type ResultCount struct {
	Result Result
	Count  int
}

// Difference is a change of roles, by name.
type Difference struct {
	Grant           []string
	Revoke          []string
	Privileged      []string // those of Grant that make it the grant of a privileged role
	Keep            []string // direct before and after
	Lost            []string // by a deletion
	InheritedGained []string // inherited from a granted role, and new
	InheritedLost   []string // inherited from revoked roles only
}

// Empty reports whether the principal gains and loses nothing.
func (d Difference) Empty() bool { return len(d.Grant)+len(d.Revoke)+len(d.Lost) == 0 }

// RoleGroup is a group of checkboxes. Name is "" when the vendor's groups are not known.
type RoleGroup struct {
	Name  string
	Boxes []RoleBox
}

// RoleBox is the checkbox of a role. Only an offered role can be ticked.
type RoleBox struct {
	ID             int64
	Name           string
	Checked        bool
	Offered        bool
	DisabledReason string // a sentence, when it is not offered
	Inherited      bool   // assigned through a parent only
	InheritedFrom  string // the parent role, when Inherited
	Privileged     bool
	GUIOnly        bool
	Facts          RoleFacts

	// In a form for several principals:
	Granted, Revoked bool   // ticked
	Holders          string // how many of them have the role
}

// RoleFacts is what is published about a role.
type RoleFacts struct {
	Sentence string   // what it allows
	Reaches  []string // what deserves a thought before the role is granted: "money", "recordings"
	Methods  int      // how many methods of the API name it, or a role that it contains
}

// FormFeedback is why the last submission of a form changed nothing. The zero value draws nothing.
type FormFeedback struct {
	Errors  []ui.FieldError // by field, "" for the form as a whole
	Vendor  *ui.QuoteProps  // the vendor's refusal
	Advice  string          // our explanation of the refusal
	NotSent string          // a sentence: nothing was sent, and why; "" otherwise
	Busy    *Operation      // an open operation that blocks this one; nothing was sent
	Code    string          // the change as calls of the Management API, when requested
}

// Error returns the error of a field, "" for none.
func (s FormFeedback) Error(field string) string { return ui.ErrorFor(s.Errors, field) }

// Freshness is the age and completeness of a listing. It is drawn as "as of 12:03" with a refresh button, and as
// banners for problems.
type Freshness struct {
	AsOf         time.Time   // end of the last complete reading; zero for none
	PatchedAt    time.Time   // when the newest row was read that was read since; zero for none
	Refreshing   bool        // a reading is in progress
	LoadedRows   int         // rows read so far by the reading in progress
	Incomplete   bool        // rows may be missing, because the vendor's pages did not overlap
	RolesUnknown int         // number of rows with unknown roles
	Kind         access.Kind // of the rows; "" for subusers
	LastError    *ReadError  // error of the last reading, nil for none
	Return       string      // path (with query) to which the refresh button returns; "" draws no button
}

// rows returns the words for the rows.
func (f Freshness) rows() KindInfo { return InfoOf(cmp.Or(f.Kind, access.Subuser)) }

// MayLackMatches reports whether a search may miss rows that match: rows were not read, or with byRole their roles.
func (f Freshness) MayLackMatches(byRole bool) bool {
	return f.Incomplete || byRole && f.RolesUnknown > 0
}

// Cold reports whether no reading was ever complete.
func (f Freshness) Cold() bool { return f.AsOf.IsZero() }

// ReadError is why the vendor could not be read.
type ReadError struct {
	Title  string // a few words: "Voximplant does not respond"
	Text   string // what to do
	Vendor *ui.QuoteProps
	At     time.Time
}
