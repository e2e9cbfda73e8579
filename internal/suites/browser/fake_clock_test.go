package browser

import (
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// fakeClockScript makes timers of 100 ms and more wait for advanceClock. On a busy machine typing a word takes longer
// than the pause after which the page searches, so the test decides when a pause has passed.
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

// withFakeClock stops the page's clock until the next page load, and returns p.
func (p *testPage) withFakeClock() *testPage {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fakeClockScript))
	return p
}

// advanceClock advances the clock that withFakeClock stopped.
func (p *testPage) advanceClock(d time.Duration) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("passTime(%d)", d.Milliseconds())))
}
