// Package drift draws what was changed at the vendor without the console. Its reader was told that something is odd, or
// looks every morning, and wants to know: what was changed, on whom, between when and when, and by whom if Voximplant
// knows; is it still so; and then either to say that it may stay, with a reason that others find later, or to put it
// back as it was.
package drift

import (
	"slices"
	"time"

	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// List is the page of all findings, at /drift.
type List struct {
	Frame   page.Frame
	Targets []Target
	Ended   []Ended // newest first, a handful
}

// Target is a subuser or key of which something was found.
type Target struct {
	Name     string
	Kind     string // "Subuser" or "Key"
	Href     string // of its page, "" when it has none any more
	Findings []Finding
}

// decidable says whether this operator can decide any of it.
func (t Target) decidable() bool {
	return slices.ContainsFunc(t.Findings, func(f Finding) bool { return f.Accept != "" || f.Revert != nil })
}

func (t Target) columns() []ui.Column {
	all := []ui.Column{{Text: "What"}, {Text: "First seen"}, {Text: "Voximplant's history says"}}
	if t.decidable() {
		all = append(all, ui.Column{Text: "Decide"})
	}
	return all
}

// Finding is one thing that was found.
type Finding struct {
	Text   string    // what, in a sentence
	Detail string    // the former and the present text, or the roles; "" for none
	Before time.Time // the last reading that did not show it
	First  time.Time // the first that did
	Told   []Told
	Accept string   // path of the page for accepting, "" when this operator may not
	Revert *ui.Link // the form that puts it back, nil when there is none for this operator
}

// Told is a row of Voximplant's own history that may be about a finding.
type Told struct {
	At      time.Time // zero when not known
	Command string
	IP      string
	Subuser string
}

// Ended is a finding that is no more.
type Ended struct {
	Name   string
	Text   string
	How    string // "Accepted by Ada Admin", or "No longer so"
	Reason string
	At     time.Time
}

// Accept is the page on which a finding is accepted, at /drift/{finding}/accept. Its form posts there: reason.
type Accept struct {
	Frame   page.Frame
	Action  string // path of the form
	Name    string
	Finding Finding
	Reason  string
	Errors  []ui.FieldError
}
