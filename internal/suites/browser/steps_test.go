package browser

import (
	"fmt"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// scenario is a job of an operator, as the steps that lead to its result.
type scenario struct {
	role       policy.DashboardRole
	setup      func(*testPage) // what happened before; may be nil
	path       func(*testPage) string
	firstPage  expectedPage // the page at path
	steps      []step
	check      func(*testPage) // checks the vendor's state at the end; may be nil
	operations []string        // in the audit log at the end, newest first
}

// step fills in fields, presses a control and expects a page.
type step struct {
	entries      []entry // filled in first
	press        control // pressed then, except in a live search with JavaScript
	liveSearch   bool    // with JavaScript the page searches while the operator types, and stays
	fileContains string  // a text in the file that pressing saves; the page stays
	slowMethod   string  // the vendor method that is slowed down, so that a second click comes before its response
	next         expectedPage

	isSearch    bool   // the form only asks for something
	goneHeading string // the heading that is afterwards at the address of the form, if its object is gone
	writes      int    // changes that the console has made at the vendor from the first step to this one
}

// expectedPage is a page, and what reload, back and forward show in its place.
type expectedPage struct {
	heading      string
	texts        []string // visible whenever the page is opened
	arrivalTexts []string // visible only after the step that leads to the page

	// secretField is a field with a secret, which the page shows once; secretName is its name while it is hidden. When
	// the page is opened again, its place is taken by the page of the operation, with the heading operationHeading, and
	// nextControl leads on from there. Without a secret, nextControl leads from the operation to this page.
	secretField, secretName string
	operationHeading        string
	nextControl             control

	// isResponse marks a response to a form that has no address of its own. The browser asks before it sends the form
	// again. With JavaScript, going back to the response shows the page at the form's address, with formHeading.
	isResponse  bool
	formHeading string
}

// entry is what is put into a field. A checkbox is toggled.
type entry struct {
	role, name, text string
	notKept          bool // the form asks the browser not to keep the text, so it must be typed again on a new page
}

// control is an element to press, on the whole page or in a part of it.
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

// fillEntries fills in the fields of a step.
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

// expectEntries waits until the fields have the values that fillEntries gave them. ticked holds the state of the
// checkboxes at that time.
func (p *testPage) expectEntries(entries []entry, ticked map[string]bool) {
	p.t.Helper()
	for _, e := range entries {
		if e.notKept {
			continue
		}
		p.waitUntil(func() (bool, string) {
			field := p.find(e.role, e.name)
			if e.role == "checkbox" {
				want := ticked[e.name]
				return field.is("checked") == want, fmt.Sprintf("for %q to be checked: %v", e.name, want)
			}
			return field.value() == e.text, fmt.Sprintf("for %q in %s %q: it is %q", e.text, e.role, e.name, field.value())
		})
	}
}

// tickedBoxes returns the current state of the checkboxes among the entries, by name.
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

// inAreaOf returns p limited to the area of a control.
func (p *testPage) inAreaOf(c control) *testPage {
	if c.area == (area{}) {
		return p
	}
	return p.inArea(c.area.role, c.area.name)
}

// begin prepares the scenario, signs in and opens its first page.
func (j scenario) begin(p *testPage) *testPage {
	p.t.Helper()
	if j.setup != nil {
		j.setup(p)
	}
	p.signInAs(j.role, j.path(p))
	p.expectPage(j.firstPage)
	return p
}

// expectPage waits for a page with the texts that it always has.
func (p *testPage) expectPage(page expectedPage) {
	p.t.Helper()
	p.expectHeading(page.heading)
	p.expectText(page.texts...)
}

// expectDone fails the test unless the job is done at the vendor and in the audit log.
func (j scenario) expectDone(p *testPage) {
	p.t.Helper()
	p.expectWrites(j.totalWrites())
	if j.check != nil {
		j.check(p)
	}
	p.expectAuditLog(j.operations...)
}

// totalWrites returns the number of changes that the scenario makes at the vendor.
func (j scenario) totalWrites() int { return j.steps[len(j.steps)-1].writes }
