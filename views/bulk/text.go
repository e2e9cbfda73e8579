package bulk

import (
	"strconv"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// Headings of the pages.
const (
	ListHeading      = "Bulk changes"
	ImportHeading    = "Import subusers"
	PasswordsHeading = "Passwords of the new subusers"
)

// ListLink returns the link to the list of bulk changes.
func ListLink() ui.Link { return ui.Link{Text: ListHeading, Href: "/bulk"} }

// Kind is the kind of a bulk change. Its values are those of package internal/bulk.
type Kind string

// The kinds with texts of their own. Any other value changes roles.
const (
	KindDelete Kind = "delete"
	KindCreate Kind = "create"
)

// NewHeading returns the heading of the form for a bulk change.
func NewHeading(of access.Kind) string { return "Change many " + page.InfoOf(of).Plural }

// count returns a number of principals: "2 keys".
func count(of access.Kind, n int) string {
	return ui.Count(n, page.InfoOf(of).Singular, page.InfoOf(of).Plural)
}

// Title returns the title of a bulk change of n principals.
func (k Kind) Title(of access.Kind, n int) string {
	switch principals := count(of, n); k {
	case KindDelete:
		return "Delete " + principals
	case KindCreate:
		return "Create " + principals
	default:
		return "Change the roles of " + principals
	}
}

// StartText returns the text of the button that starts a bulk change of n principals.
func (k Kind) StartText(of access.Kind, n int) string {
	if k == KindDelete || k == KindCreate {
		return k.Title(of, n)
	}
	return "Change " + count(of, n)
}

// Progress returns the progress of a bulk change.
func Progress(done, of int) string { return ui.Number(done) + " of " + ui.Number(of) + " applied" }

// States of an item without a result.
const (
	ItemInProgress  = "in progress"
	ItemUnchanged   = "unchanged"
	ItemWaiting     = "waiting"
	ItemNeverSent   = "not started"
	ItemNotPossible = "not possible"
	ItemWillBeSent  = "will be sent"
)

// NothingToRetryMessage is the message when no item is left to retry.
const NothingToRetryMessage = "No items are left to retry."

// CannotBeUndone is why a deletion has no undo.
const CannotBeUndone = "A deletion cannot be undone. An operation of it can create a subuser with the same login and " +
	"roles again, with a new id and a new password."

// FileRequired is the error of an import without a file.
const FileRequired = "Choose a file, or paste the lines."

// AtLine returns an error with the number of its line. Line 0 means the file as a whole.
func AtLine(line int, text string) string {
	if line == 0 {
		return text
	}
	return "Line " + strconv.Itoa(line) + ": " + text
}

// TemplateRows returns the template of an import file: the column names and an example.
func TemplateRows() [][]string {
	return [][]string{
		{"login", "description", "roles"},
		{"anna_novakova", "Anna Nováková, billing", "Support; Accountant"},
	}
}
