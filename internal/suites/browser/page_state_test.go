package browser

import (
	"fmt"
	"strconv"

	"github.com/chromedp/chromedp"
)

// evalInt asks the page for one.
func (p *testPage) evalInt(expression string) int {
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
func (p *testPage) scrollTo(y int) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("scrollTo(0, %d)", y)))
	p.expectScroll(y)
}

// expectScroll waits until so much of the page is above the window, give or take a line.
func (p *testPage) expectScroll(y int) {
	p.t.Helper()
	const line = 20
	p.waitUntil(func() (bool, string) {
		now := p.evalInt("scrollY")
		return now > y-line && now < y+line, fmt.Sprintf("for the page to be scrolled to %d: it is at %d", y, now)
	})
}

// expectFocus waits for the focus on the thing with this role and name.
func (p *testPage) expectFocus(role, name string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		current := p.focusedElement()
		return axString(current.Role) == role &&
				axString(current.Name) == name, fmt.Sprintf(
				"for the focus on %s %q: it is on %s %q",
				role,
				name,
				axString(current.Role),
				axString(current.Name),
			)
	})
}

// trackRequestsScript makes the page count what its script asks for, for quiet.
const trackRequestsScript = `window.underWay = 0;
document.addEventListener("htmx:before:request", () => { underWay++; });
document.addEventListener("htmx:finally:request", () => { underWay--; });`

// trackRequests is the same person, on a page whose requests are counted from here on, until the next ordinary page
// load.
func (p *testPage) trackRequests() *testPage {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](trackRequestsScript))
	return p
}

// waitIdle waits until the page waits for no answer.
func (p *testPage) waitIdle() {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		n := p.evalInt("underWay")
		return n == 0, fmt.Sprintf("for %d answers", n)
	})
}
