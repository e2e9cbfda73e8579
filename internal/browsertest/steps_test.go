package browsertest

import (
	"fmt"

	"github.com/voxwarden/voxwarden/internal/policy"
)

// job is something that somebody wants to get done, as the steps that lead there.
type job struct {
	as    policy.DashboardRole
	begun func(*person) // what happened before, if anything did
	from  place         // where it begins
	path  func(*person) string
	steps []step
	// What is true when the job is done: what holds at the vendor, and the operations in the record, newest first.
	holds  func(*person)
	record []string
}

// step is one thing that is done, and where it leads.
type step struct {
	enter []entry // what is put into the page before going on
	press control // what is pressed then; with JavaScript, a list that is searched as one types needs nothing
	live  bool    // the page searches as one types: with JavaScript it only changes, and its address with it
	file  string  // pressing saves a file with these words in it, and leads nowhere
	slow  string  // the vendor's method that takes long enough for a second click to come in between
	leads place

	search bool   // the form that is sent asks for something, and does nothing
	gone   string // the heading of what is left at the address where this was done
	wrote  int    // how many changes the console has made at the vendor by then
}

// place is a page, and what the browser's own buttons make of it.
type place struct {
	at   string   // its heading
	sees []string // words that it has whenever one looks
	says []string // words that it has only when one arrives

	// once is the field with a secret that is shown only on arriving, hidden under this name, and then what leads on from
	// the operation, which is what one finds here afterwards. Where there is no secret, then leads from the operation to
	// this place.
	once, hidden string
	later        string // the heading of the operation
	then         control

	// answer is said of a page that answers a form and is not at an address of its own. The browser asks before it sends
	// the form again; with JavaScript, one who comes back from further on gets the page that is at the form's address:
	// the one with the heading past.
	answer bool
	past   string
}

// entry is what is put into a field. A checkbox changes to what it was not.
type entry struct {
	role, name, text string
	anew             bool // it is to be typed anew whenever the page is: the form asks the browser not to keep it
}

// control is something to press, on the whole page or in a part of it.
type control struct {
	role, name string
	in         area
}

func link(name string) control   { return control{role: "link", name: name} }
func button(name string) control { return control{role: "button", name: name} }

func inMenu(name string) control {
	return control{role: "link", name: name, in: area{"navigation", "Main"}}
}

func text(name, value string) entry { return entry{role: "textbox", name: name, text: value} }

func anew(name, value string) entry {
	return entry{role: "textbox", name: name, text: value, anew: true}
}

func choice(name, value string) entry { return entry{role: "combobox", name: name, text: value} }

func tick(name string) entry { return entry{role: "checkbox", name: name} }

// put fills in what a step wants to be filled in.
func (p *person) put(entries []entry) {
	p.t.Helper()
	for _, e := range entries {
		switch e.role {
		case "checkbox":
			p.press(e.role, e.name)
		case "combobox":
			p.choose(e.name, e.text)
		default:
			p.focus(e.role, e.name)
			p.typeOver(e.text)
		}
	}
}

// kept waits for the fields to hold what was put into them. ticked are the checkboxes that were ticked when it was.
func (p *person) kept(entries []entry, ticked map[string]bool) {
	p.t.Helper()
	for _, e := range entries {
		if e.anew {
			continue
		}
		p.wait(func() (bool, string) {
			field := p.find(e.role, e.name)
			if e.role == "checkbox" {
				return field.is("checked") == ticked[e.name], fmt.Sprintf("for the tick at %q to be %v", e.name, ticked[e.name])
			}
			return field.value() == e.text, fmt.Sprintf("for %q in %s %q: it is %q", e.text, e.role, e.name, field.value())
		})
	}
}

// ticks are the checkboxes among the entries that are ticked now.
func (p *person) ticks(entries []entry) map[string]bool {
	p.t.Helper()
	ticked := map[string]bool{}
	for _, e := range entries {
		if e.role == "checkbox" {
			ticked[e.name] = p.find(e.role, e.name).is("checked")
		}
	}
	return ticked
}

// within is the person, looking where the control is.
func (p *person) within(c control) *person {
	if c.in == (area{}) {
		return p
	}
	return p.in(c.in.role, c.in.name)
}

// begin signs somebody in, at the first page of a job.
func (j job) begin(p *person) *person {
	p.t.Helper()
	if j.begun != nil {
		j.begun(p)
	}
	p.signedIn(j.as, j.path(p))
	p.shows(j.from)
	return p
}

// shows waits for a place, and for what it has whenever one looks.
func (p *person) shows(at place) {
	p.t.Helper()
	p.at(at.at)
	p.sees(at.sees...)
}

// done fails the walk unless the job is: at the vendor, and in the record.
func (j job) done(p *person) {
	p.t.Helper()
	p.wrote(j.changes())
	if j.holds != nil {
		j.holds(p)
	}
	p.recorded(j.record...)
}

// changes are how many the whole job makes at the vendor.
func (j job) changes() int { return j.steps[len(j.steps)-1].wrote }
