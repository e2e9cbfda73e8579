// Package runs draws the pages on which one thing is done to many subusers.
//
// New and Import: say what is to be done to whom, once, for all of them.
//
// Show: before it begins, its reader wants to see every difference and every row that cannot be done, and to be sure
// that nothing was sent yet. While it goes on: how far it is, what went wrong, and how to stop it. Afterwards: what
// happened to whom, and how to go on with what was not sent.
//
// Passwords: take the passwords of new subusers away, once.
package bulk

import (
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// New is the form that says what is to be done to the subusers selected, at /bulk/new. It posts: id (one each) or
// all, q and role; act ("roles" or "delete"), grant and revoke (one per tick), reason.
type New struct {
	page.FormFeedback
	Frame               page.Frame
	IDs                 []string
	AllMatching         bool // everybody who matches Query and Role, not IDs
	Query               string
	Role                string
	Count               int      // how many are selected
	Logins              []string // the first of them
	Roles               []RoleChoice
	RolesDisabledReason string // a sentence: why no role can be given or taken now; "" when it can
	MayDelete           bool
	Action              string
	Reason              string
	ReasonRequired      bool
}

// RoleChoice is one role of the form.
type RoleChoice struct {
	ID         int64
	Name       string
	Privileged bool
	Offered    bool
	Grant      bool // ticked
	Revoke     bool
}

// Import is the form for a file with new subusers, at /subusers/import. It posts as multipart: file, rows, reason.
type Import struct {
	page.FormFeedback
	Frame          page.Frame
	Rows           string // what was pasted
	Reason         string
	ReasonRequired bool
}

// List is the runs that one may see, at /bulk.
type List struct {
	Frame   page.Frame
	Changes []ListRow
}

// ListRow is one run in the list.
type ListRow struct {
	ID       string
	Title    string
	Actor    string
	At       time.Time
	State    State
	Progress string // how far it is
}

// State is how far a run has come. Its values are those of the runs themselves.
type State string

// The states.
const (
	Draft   State = "draft"
	Running State = "running"
	Stopped State = "stopped"
	Done    State = "done"
)

// Show is one run, at /bulk/{bulk}. Its forms post to /bulk/{bulk}/start (confirm, warned, reason), /stop and /retry.
type Show struct {
	page.FormFeedback
	Frame            page.Frame
	ID               string
	Title            string // what it does, in words
	State            State
	Actor            string
	CreatedAt        time.Time
	StartedAt        time.Time
	EndedAt          time.Time
	Reason           string
	Note             string      // why it stopped, or what the preview says of the whole
	Warnings         []ui.Banner // what must be known before it starts
	WarningIDs       []string
	StartText        string // of the button that starts it
	ShowsPasswords   bool   // its start shows passwords
	Dangerous        bool
	ConfirmNumber    int // the number that must be typed, 0 for none
	Confirm          string
	Counts           []ResultCount // rows by what became of them; none is zero
	Finished, ToSend int           // rows that had their turn, of so many
	InProgress       int           // rows whose turn it is
	MayStart         bool
	MayStop          bool
	MayRetry         bool // there are rows that were not sent
	RetryOf          string
	Filter           string // the filter: "", "problems", "not_sent", "failed", "open"
	Items            []Item
	Pager            ui.PagerProps
	PasswordsDue     bool // it was just started, and its passwords were shown once
	ReasonRequired   bool
}

// ResultCount is how many rows came to the same.
type ResultCount struct {
	Count int
	Text  string
	Tone  ui.Tone
}

// Item is one subuser of a run.
type Item struct {
	Number      int
	Line        int    // of the file, 0 for none
	Href        string // of the subuser's page, "" for none
	Login       string
	Change      page.Difference
	Roles       []string // that a new subuser gets
	Description string
	Message     string // a sentence: the problem, the note, or what came of it
	Problem     bool   // Said is why it is not sent
	State       string // in words, "" for a draft's row that will be sent
	Result      page.Result
	HasResult   bool
	OperationID string // of its operation, "" while there is none or it may not be seen
}

// Passwords answers the start of a run that creates subusers: they are shown here, once.
type Passwords struct {
	Frame page.Frame
	ID    string
	Count int
	File  string // exactly what passwords.csv holds
}
