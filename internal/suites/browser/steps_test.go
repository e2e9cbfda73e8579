package browser

import (
	"fmt"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// scenario is something that somebody wants to get done, as the steps that lead there.
type scenario struct {
	role      policy.DashboardRole
	setup     func(*testPage) // what happened before, if anything did
	firstPage expectedPage    // where it begins
	path      func(*testPage) string
	steps     []step
	// What is true when the job is done: what holds at the vendor, and the operations in the record, newest first.
	check      func(*testPage)
	operations []string
}

// step is one thing that is done, and where it leads.
type step struct {
	entries      []entry // what is put into the page before going on
	press        control // what is pressed then; with JavaScript, a list that is searched as one types needs nothing
	liveSearch   bool    // the page searches as one types: with JavaScript it only changes, and its address with it
	fileContains string  // pressing saves a file with these words in it, and leads nowhere
	slowMethod   string  // the vendor's method that takes long enough for a second click to come in between
	next         expectedPage

	isSearch    bool   // the form that is sent asks for something, and does nothing
	goneHeading string // the heading of what is left at the address where this was done
	writes      int    // how many changes the console has made at the vendor by then
}

// expectedPage is a page, and what the browser's own buttons make of it.
type expectedPage struct {
	heading      string   // its heading
	texts        []string // words that it has whenever one looks
	arrivalTexts []string // words that it has only when one arrives

	// clickOnce is the field with a secret that is shown only on arriving, hidden under this name, and then what leads
	// on from the operation, which is what one finds here afterwards. Where there is no secret, then leads from the
	// operation to this place.
	secretField, secretName string
	operationHeading        string // the heading of the operation
	nextControl             control

	// isResponse is said of a page that answers a form and is not at an address of its own. The browser asks before it
	// sends the form again; with JavaScript, one who comes back from further on gets the page that is at the form's
	// address: the one with the heading past.
	isResponse  bool
	formHeading string
}

// entry is what is put into a field. A checkbox changes to what it was not.
type entry struct {
	role, name, text string
	notKept          bool // it is to be typed anew whenever the page is: the form asks the browser not to keep it
}

// control is something to press, on the whole page or in a part of it.
type control struct {
	role, name string
	area       area
}

func link(name string) control   { return control{role: "link", name: name} }
func button(name string) control { return control{role: "button", name: name} }

func menuLink(name string) control {
	return control{role: "link", name: name, area: area{"navigation", "Main"}}
}

func text(name, value string) entry { return entry{role: "textbox", name: name, text: value} }

func textNotKept(name, value string) entry {
	return entry{role: "textbox", name: name, text: value, notKept: true}
}

func choice(name, value string) entry { return entry{role: "combobox", name: name, text: value} }

func tick(name string) entry { return entry{role: "checkbox", name: name} }

// fillEntries fills in what a step wants to be filled in.
func (p *testPage) fillEntries(entries []entry) {
	p.t.Helper()
	for _, e := range entries {
		switch e.role {
		case "checkbox":
			p.press(e.role, e.name)
		case "combobox":
			p.selectOption(e.name, e.text)
		default:
			p.focus(e.role, e.name)
			p.replaceText(e.text)
		}
	}
}

// expectEntries waits for the fields to hold what was put into them. ticked are the checkboxes that were ticked when
// it was.
func (p *testPage) expectEntries(entries []entry, ticked map[string]bool) {
	p.t.Helper()
	for _, e := range entries {
		if e.notKept {
			continue
		}
		p.waitUntil(func() (bool, string) {
			field := p.find(e.role, e.name)
			if e.role == "checkbox" {
				return field.is("checked") == ticked[e.name], fmt.Sprintf("for the tick at %q to be %v", e.name, ticked[e.name])
			}
			return field.value() == e.text, fmt.Sprintf("for %q in %s %q: it is %q", e.text, e.role, e.name, field.value())
		})
	}
}

// tickedBoxes are the checkboxes among the entries that are ticked now.
func (p *testPage) tickedBoxes(entries []entry) map[string]bool {
	p.t.Helper()
	ticked := map[string]bool{}
	for _, e := range entries {
		if e.role == "checkbox" {
			ticked[e.name] = p.find(e.role, e.name).is("checked")
		}
	}
	return ticked
}

// inAreaOf is the person, looking where the control is.
func (p *testPage) inAreaOf(c control) *testPage {
	if c.area == (area{}) {
		return p
	}
	return p.inArea(c.area.role, c.area.name)
}

// begin signs somebody in, at the first page of a job.
func (j scenario) begin(p *testPage) *testPage {
	p.t.Helper()
	if j.setup != nil {
		j.setup(p)
	}
	p.signInAs(j.role, j.path(p))
	p.expectPage(j.firstPage)
	return p
}

// expectPage waits for a place, and for what it has whenever one looks.
func (p *testPage) expectPage(page expectedPage) {
	p.t.Helper()
	p.expectHeading(page.heading)
	p.expectText(page.texts...)
}

// expectDone fails the walk unless the job is: at the vendor, and in the record.
func (j scenario) expectDone(p *testPage) {
	p.t.Helper()
	p.expectWrites(j.totalWrites())
	if j.check != nil {
		j.check(p)
	}
	p.expectAuditLog(j.operations...)
}

// totalWrites are how many the whole job makes at the vendor.
func (j scenario) totalWrites() int { return j.steps[len(j.steps)-1].writes }
