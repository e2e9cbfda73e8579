package browser

import (
	"fmt"
	"strconv"

	"github.com/chromedp/chromedp"
)

// evalInt returns the rounded value of a JavaScript expression.
func (p *testPage) evalInt(expression string) int {
	p.t.Helper()
	n, err := strconv.Atoi(p.evalText("String(Math.round(" + expression + "))"))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// evalText returns the text that an expression gives in the page.
func (p *testPage) evalText(expression string) string {
	p.t.Helper()
	text, err := chromedp.Run(p.tab, chromedp.Evaluate[string](expression))
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// scrollTo scrolls the page so that y pixels of it are above the window.
func (p *testPage) scrollTo(y int) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("scrollTo(0, %d)", y)))
	p.expectScroll(y)
}

// expectScroll waits until y pixels of the page are above the window, within the height of a line.
func (p *testPage) expectScroll(y int) {
	p.t.Helper()
	const line = 20
	p.waitUntil(func() (bool, string) {
		now := p.evalInt("scrollY")
		return now > y-line && now < y+line, fmt.Sprintf("for the page to be scrolled to %d: it is at %d", y, now)
	})
}

// expectFocus waits until the element with a role and name has the focus.
func (p *testPage) expectFocus(role, name string) {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		current := p.focusedElement()
		currentRole, currentName := axString(current.Role), axString(current.Name)
		return currentRole == role && currentName == name,
			fmt.Sprintf("for the focus on %s %q: it is on %s %q", role, name, currentRole, currentName)
	})
}

// trackRequestsScript makes the page count the open requests of its script, for waitIdle.
const trackRequestsScript = `window.underWay = 0;
document.addEventListener("htmx:before:request", () => { underWay++; });
document.addEventListener("htmx:finally:request", () => { underWay--; });`

// trackRequests counts the page's open requests until the next page load, and returns p.
func (p *testPage) trackRequests() *testPage {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](trackRequestsScript))
	return p
}

// waitIdle waits until the page has no open request.
func (p *testPage) waitIdle() {
	p.t.Helper()
	p.waitUntil(func() (bool, string) {
		n := p.evalInt("underWay")
		return n == 0, fmt.Sprintf("for %d responses", n)
	})
}
