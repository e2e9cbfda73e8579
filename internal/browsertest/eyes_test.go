package browsertest

import (
	"fmt"
	"strconv"

	"github.com/chromedp/chromedp"
)

// number asks the page for one.
func (p *person) number(expression string) int {
	p.t.Helper()
	text, err := chromedp.Run(p.tab, chromedp.Evaluate[string]("String(Math.round("+expression+"))"))
	if err != nil {
		p.t.Fatal(err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// scrollTo turns the wheel until so much of the page is above the window.
func (p *person) scrollTo(y int) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("scrollTo(0, %d)", y)))
	p.scrolledTo(y)
}

// scrolledTo waits until so much of the page is above the window, give or take a line.
func (p *person) scrolledTo(y int) {
	p.t.Helper()
	const line = 20
	p.wait(func() (bool, string) {
		now := p.number("scrollY")
		return now > y-line && now < y+line, fmt.Sprintf("for the page to be scrolled to %d: it is at %d", y, now)
	})
}

// focusOn waits for the focus on the thing with this role and name.
func (p *person) focusOn(role, name string) {
	p.t.Helper()
	p.wait(func() (bool, string) {
		it := p.focused()
		return plain(it.Role) == role &&
				plain(it.Name) == name, fmt.Sprintf(
				"for the focus on %s %q: it is on %s %q",
				role,
				name,
				plain(it.Role),
				plain(it.Name),
			)
	})
}

// countsRequests makes the page count what its script asks for, for quiet.
const countsRequests = `window.underWay = 0;
document.addEventListener("htmx:before:request", () => { underWay++; });
document.addEventListener("htmx:finally:request", () => { underWay--; });`

// watched is the same person, on a page whose requests are counted from here on, until the next ordinary page load.
func (p *person) watched() *person {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](countsRequests))
	return p
}

// quiet waits until the page waits for no answer.
func (p *person) quiet() {
	p.t.Helper()
	p.wait(func() (bool, string) {
		n := p.number("underWay")
		return n == 0, fmt.Sprintf("for %d answers", n)
	})
}
