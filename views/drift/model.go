// Package drift draws the drift page: changes at the vendor that were not made in the console. The page shows what was
// changed, on which target, between which readings, and what the vendor's history has about it. An operator accepts a
// finding with a reason, or reverts it.
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
	Targets       []Target // with the findings of one page
	Count         int      // of the findings on all pages
	Pager         ui.PagerProps
	EndedFindings []EndedFinding // newest first, a handful
	// When the listings that were compared last were read; zero before the first comparison of a kind.
	SubusersComparedAt, KeysComparedAt time.Time
}

// Compared reports whether subusers and keys were compared.
func (m List) Compared() bool { return !m.SubusersComparedAt.IsZero() && !m.KeysComparedAt.IsZero() }

// Target is a subuser or key with findings.
type Target struct {
	Name     string
	Kind     string // "Subuser" or "Key"
	Href     string // path of its page, "" when it was deleted
	Findings []Finding
}

// mayDecide reports whether the operator may accept or revert any of the findings.
func (t Target) mayDecide() bool {
	return slices.ContainsFunc(t.Findings, func(f Finding) bool { return f.AcceptHref != "" || f.RevertLink != nil })
}

func (t Target) columns() []ui.Column {
	all := []ui.Column{{Text: "Finding"}, {Text: "First seen"}, {Text: "Voximplant's history"}}
	if t.mayDecide() {
		all = append(all, ui.Column{Text: "Decision"})
	}
	return all
}

// Finding is one change.
type Finding struct {
	Text          string    // a sentence
	Detail        string    // the texts before and after, or the roles; "" for none
	LastUnchanged time.Time // the last reading without the change
	FirstSeen     time.Time // the first reading with it
	VendorHistory []VendorEvent
	AcceptHref    string   // path of the accept page, "" without permission
	RevertLink    *ui.Link // the form that reverts it, nil for none or without permission
}

// VendorEvent is an entry of Voximplant's own history that may be about a finding.
type VendorEvent struct {
	At      time.Time // zero when unknown
	Command string
	IP      string
	Subuser string
}

// EndedFinding is a closed finding.
type EndedFinding struct {
	Name    string
	Text    string
	Outcome string // "Accepted by Ada Admin" or "No longer present"
	Reason  string
	At      time.Time
}

// Accept is the page that accepts a finding, at /drift/{finding}/accept. Its form posts reason there.
type Accept struct {
	Frame   page.Frame
	Action  string // path of the form
	Name    string
	Finding Finding
	Reason  string
	Errors  []ui.FieldError
}
