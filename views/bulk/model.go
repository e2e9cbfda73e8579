// Package bulk draws the pages of bulk changes.
//
// New and Import define a bulk change. Show first previews it, with every difference and every item that is not
// possible, then shows its progress and a way to stop it, then the result of each item and a way to retry what was not
// sent. Passwords shows the passwords of new subusers, once.
package bulk

import (
	"time"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// New is the form for a bulk change of selected principals of a kind, at /bulk/new. It posts of (the kind); id (one
// each), or all and the filter of the list; act ("roles" or "delete"); grant and revoke (role ids); reason.
type New struct {
	page.FormFeedback
	Frame               page.Frame
	Of                  access.Kind
	IDs                 []string
	AllMatching         bool         // all principals of List, instead of IDs
	List                page.Listing // its filter, with AllMatching
	Count               int          // number of selected principals
	Names               []string     // the first few
	RolesUnknown        int          // number of selected principals with unknown roles
	NotMatched          int          // principals with unknown roles, which a filter by roles leaves out
	Groups              []page.RoleGroup
	RolesDisabledReason string // a sentence: why roles cannot be granted or revoked now; "" when they can
	MayDelete           bool
	Action              string
	Reason              string
	ReasonRequired      bool
}

// Import is the form for a file of new subusers, at /subusers/import. It posts file, rows, ask and reason as
// multipart.
type Import struct {
	page.FormFeedback
	Frame          page.Frame
	Rows           string // pasted lines
	Ask            bool   // ticked: asks for the columns also where they are known
	Reading        *Reading
	Reason         string
	ReasonRequired bool
}

// Reading is how a file was read, in the form with which an operator corrects it. The form posts file_id, encoding,
// separator, column (one for each), shown_encoding, shown_separator and reason as multipart to /subusers/import.
type Reading struct {
	FileID              string // of the stored file
	Encoding, Separator string
	Encodings           []string // all values
	Columns             []ReadingColumn
	Doubts              []string   // sentences
	Rows                [][]string // some lines of the file
	Lines               int        // of the file, below the column names
	Problems            []string   // sentences about the first lines that cannot be read
	Unread              int        // lines that cannot be read
}

// ReadingColumn is a column of a file.
type ReadingColumn struct {
	Name string // "" for none
	Use  string // "login", "description", "roles", or "" for unused
}

// List is the list of bulk changes that the operator may see, at /bulk.
type List struct {
	Frame   page.Frame
	Changes []ListRow
}

// ListRow is a bulk change in the list.
type ListRow struct {
	ID       string
	Title    string
	Actor    string
	At       time.Time
	State    State
	Progress string // "309 of 1,204 applied"; "" for none
}

// State is the state of a bulk change. Its values are those of package internal/bulk.
type State string

// The states.
const (
	Draft   State = "draft"
	Running State = "running"
	Stopped State = "stopped"
	Done    State = "done"
)

// Show is a bulk change, at /bulk/{bulk}. Its forms post to /bulk/{bulk}/start (confirm, warned,
// without_roles, reason), /stop, /retry
// and /undo.
type Show struct {
	page.FormFeedback
	Frame          page.Frame
	ID             string
	Of             access.Kind // of the principals
	Title          string      // "Change the roles of 3 subusers"
	State          State
	Actor          string
	CreatedAt      time.Time
	StartedAt      time.Time
	EndedAt        time.Time
	Reason         string
	Note           string      // why it stopped, or a note of the preview; "" for none
	Warnings       []ui.Banner // shown before the start
	WarningIDs     []string
	StartText      string // of the start button
	ShowsPasswords bool   // the response to the start shows passwords
	Dangerous      bool
	ConfirmNumber  int // the number to type as confirmation, 0 for none
	// ConfirmWithoutRoles is the number of new subusers without any role that a box to tick confirms, 0 for none.
	ConfirmWithoutRoles int
	WithoutRoles        bool // ticked
	Confirm             string
	Counts              []ResultCount // items by result, without zero counts
	Finished, ToSend    int           // processed items, and all items to process
	InProgress          int           // items that are being processed
	MayStart            bool
	MayStop             bool
	MayRetry            bool          // some items were not sent
	MayUndo             bool          // some items were applied
	CannotUndo          string        // why there is no undo, "" for no reason to give
	Undone              Undone        // what was undone later
	RetryOf             string        // id of the bulk change that this one retries, "" for none
	UndoOf              string        // id of the bulk change that this one reverses, "" for none
	LeftOut             int           // with UndoOf: number of its items that had no effect that is known
	Remaining           time.Duration // an estimate, 0 for none
	ListHref            string        // path of the list that the principals were selected in
	SelectHref          string        // path of the form for a bulk change of the same principals, "" for too many
	CSVHref             string        // path of the file with the items that the filter selects
	AuditHref           string        // path of the operations in the audit log, "" before the start
	Filter              string        // the filter: "", or a state or result of package internal/bulk
	Items               []Item
	Pager               ui.PagerProps
	PasswordsDue        bool // just started: its passwords were shown once
	ReasonRequired      bool
}

// Undone is what of a bulk change was undone later. The zero value draws nothing.
type Undone struct {
	Count    int    // of the changes that were undone
	Of       int    // the changes that were applied
	BulkHref string // path of the bulk change that undid them; "" without one, or without permission to see it
}

// ResultCount is the number of items with the same result.
type ResultCount struct {
	Count  int
	Text   string
	Tone   ui.Tone
	Filter string // selects the items, see Show.Filter
}

// Item is one principal of a bulk change.
type Item struct {
	Number      int
	Line        int    // line of the imported file, 0 for none
	Href        string // of the subuser's page, "" for none
	Login       string // or the name of a key
	Change      page.Difference
	Roles       []string // of a new subuser
	Description string
	Message     string // a sentence: the problem, a note or the result
	Problem     bool   // Message is why the item is not possible
	State       string // "waiting"; "" for an item of a draft that will be sent
	Result      page.Result
	HasResult   bool
	OperationID string          // "" for none, or without permission to see it
	UndoHref    string          // path of the form that undoes the operation, "" for none
	UndoneBy    *page.Operation // the operation that undid it, nil for none; then UndoHref is ""
}

// Passwords is the page after the start of an import. It shows the new passwords once.
type Passwords struct {
	Frame      page.Frame
	ID         string
	Count      int
	File       string // content of passwords.csv
	Semicolons string // the same with semicolons between the columns
}
