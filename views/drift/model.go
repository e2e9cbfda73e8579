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
	Frame         page.Frame
	Targets       []Target
	EndedFindings []EndedFinding // newest first, a handful
}

// Target is a subuser or key of which something was found.
type Target struct {
	Name     string
	Kind     string // "Subuser" or "Key"
	Href     string // of its page, "" when it has none any more
	Findings []Finding
}

// mayDecide says whether this operator can decide any of it.
func (t Target) mayDecide() bool {
	return slices.ContainsFunc(t.Findings, func(f Finding) bool { return f.AcceptHref != "" || f.RevertLink != nil })
}

func (t Target) columns() []ui.Column {
	all := []ui.Column{{Text: "What"}, {Text: "First seen"}, {Text: "Voximplant's history says"}}
	if t.mayDecide() {
		all = append(all, ui.Column{Text: "Decide"})
	}
	return all
}

// Finding is one thing that was found.
type Finding struct {
	Text          string    // what, in a sentence
	Detail        string    // the former and the present text, or the roles; "" for none
	LastUnchanged time.Time // the last reading that did not show it
	FirstSeen     time.Time // the first that did
	VendorHistory []VendorEvent
	AcceptHref    string   // path of the page for accepting, "" when this operator may not
	RevertLink    *ui.Link // the form that puts it back, nil when there is none for this operator
}

// VendorHistory is a row of Voximplant's own history that may be about a finding.
type VendorEvent struct {
	At      time.Time // zero when not known
	Command string
	IP      string
	Subuser string
}

// EndedFindings is a finding that is no more.
type EndedFinding struct {
	Name    string
	Text    string
	Outcome string // "Accepted by Ada Admin", or "No longer so"
	Reason  string
	At      time.Time
}

// AcceptHref is the page on which a finding is accepted, at /drift/{finding}/accept. Its form posts there: reason.
type Accept struct {
	Frame   page.Frame
	Action  string // path of the form
	Name    string
	Finding Finding
	Reason  string
	Errors  []ui.FieldError
}
