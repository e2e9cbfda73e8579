package browser

import (
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// fakeClockScript makes the page's longer timers wait for the walk. A machine that is busy takes longer over a word
// than a person does: what is a pause and what is not, the walk says.
const fakeClockScript = `(() => {
	const [set, clear] = [window.setTimeout, window.clearTimeout];
	const timers = new Map();
	let [now, last] = [0, 1e9];
	window.setTimeout = (run, after, ...rest) => {
		if (!(after >= 100)) return set(run, after, ...rest);
		timers.set(++last, { run, at: now + after });
		return last;
	};
	window.clearTimeout = (id) => {
		if (!timers.delete(id)) clear(id);
	};
	window.passTime = (ms) => {
		now += ms;
		for (const [id, timer] of [...timers].sort((a, b) => a[1].at - b[1].at)) {
			if (timer.at <= now && timers.delete(id)) timer.run();
		}
	};
})()`

// withFakeClock is the same person on a page for which time passes as the walk says, until the next ordinary page load.
func (p *testPage) withFakeClock() *testPage {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fakeClockScript))
	return p
}

// advanceClock lets time pass for a patient page.
func (p *testPage) advanceClock(d time.Duration) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("passTime(%d)", d.Milliseconds())))
}
