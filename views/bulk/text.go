package bulk

import (
	"strconv"

	"github.com/voxwarden/voxwarden/views/ui"
)

// What the pages are headed.
const (
	ListHeading      = "Bulk changes"
	NewHeading       = "Change many subusers"
	ImportHeading    = "Import subusers"
	PasswordsHeading = "Passwords of the new subusers"
)

// ListLink leads to the list of runs.
func ListLink() ui.Link { return ui.Link{Text: ListHeading, Href: "/bulk"} }

// Kind is what a run does. Its values are those of the runs themselves.
type Kind string

// The kinds of runs that are called something of their own; any other changes roles.
const (
	KindDelete Kind = "delete"
	KindCreate Kind = "create"
)

// Title is what a run does to so many subusers.
func (k Kind) Title(n int) string {
	switch subusers := ui.Count(n, "subuser", "subusers"); k {
	case KindDelete:
		return "Delete " + subusers
	case KindCreate:
		return "Create " + subusers
	default:
		return "Change the roles of " + subusers
	}
}

// StartText is what the button says that starts a run on so many subusers.
func (k Kind) StartText(n int) string {
	switch subusers := ui.Count(n, "subuser", "subusers"); k {
	case KindDelete:
		return "Delete " + subusers
	case KindCreate:
		return "Create " + subusers
	default:
		return "Change " + subusers
	}
}

// Progress says how far a run is.
func Progress(done, of int) string { return ui.Number(done) + " done of " + ui.Number(of) }

// The states of a row in words, where it has no result.
const (
	ItemInProgress = "under way"
	ItemUnchanged  = "nothing to change"
	ItemWaiting    = "waiting"
	ItemNeverSent  = "never sent"
)

// NothingToRetryMessage is the message when all of a run had its turn.
const NothingToRetryMessage = "Nothing is left to be tried again."

// FileRequired is said of the form for a file that came without one.
const FileRequired = "Choose a file, or paste the rows."

// AtLine says in which line of a file something is wrong; line 0 is the file as a whole.
func AtLine(line int, text string) string {
	if line == 0 {
		return text
	}
	return "Line " + strconv.Itoa(line) + ": " + text
}

// TemplateRows is a file to begin with: the columns, and a row that shows what goes where.
func TemplateRows() [][]string {
	return [][]string{
		{"login", "description", "roles"},
		{"anna_novakova", "Anna Nováková, billing", "Support; Accountant"},
	}
}
