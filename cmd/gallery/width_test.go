package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// lengthen appends a word of 300 letters to every text that may come from the vendor or an operator. What it leaves out
// has texts of the console only: buttons, heads of tables, labels, times and results.
const lengthen = `(() => {
	const fixed = ".button, button, thead th, time, .badge, .sr, .label, .mark-word, .nav, .brand, .environment, " +
		"#count, #freshness, .menu-items, .box-choices, .age, .day, .count, .pager, .numbers strong, script, style, title";
	const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
	let changed = 0;
	while (walker.nextNode()) {
		const text = walker.currentNode;
		if (text.data.trim() && !text.parentElement.closest(fixed)) {
			text.data += "_" + "x".repeat(300);
			changed++;
		}
	}
	return changed;
})()`

// widest lists the innermost elements that reach beyond the right edge of the screen, by tag and class.
const widest = `[...document.querySelectorAll("body *")]
	.filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".matrix"))
	.filter((e, _, all) => !all.some((other) => other !== e && e.contains(other)))
	.map((e) => e.parentElement.tagName + "." + e.parentElement.className + " > " + e.tagName + "." + e.className)
	.filter((name, i, all) => all.indexOf(name) === i)`

// TestLongWordsFitTheScreen: a login, name, reason or description without a space does not widen any page.
func TestLongWordsFitTheScreen(t *testing.T) {
	t.Parallel()
	root, url, states := openBrowser(t), serveGallery(t), gallery.States()
	const tabs = 2
	for first := range tabs {
		t.Run(fmt.Sprintf("tab %d", first+1), func(t *testing.T) {
			t.Parallel()
			tab, cancel := chromedp.NewContext(root)
			defer cancel()
			for i := first; i < len(states); i += tabs {
				page := states[i].Key()
				if err := chromedp.Do(tab, chromedp.Navigate(url+gallery.StatePrefix+page)); err != nil {
					t.Fatalf("%s: %v", page, err)
				}
				if n, err := chromedp.Run(tab, chromedp.Evaluate[int64](lengthen)); err != nil || n == 0 {
					t.Fatalf("%s: %d texts changed, %v", page, n, err)
				}
				for _, width := range []int64{1280, 1100, 1000, 900, 800, 390} {
					s := screen{width, 800, "light"}
					if err := s.apply(tab); err != nil {
						t.Fatal(err)
					}
					width, err := chromedp.Run(tab, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
					if err != nil {
						t.Fatalf("%s: %v", page, err)
					}
					if width > s.Width {
						where, err := chromedp.Run(tab, chromedp.Evaluate[[]string](widest))
						t.Errorf("%s: %d px wide on a screen of %d px, %v: %q", page, width, s.Width, err, where)
					}
				}
			}
		})
	}
}

// TestWideScreensAreUsed: on a screen of 1280 px, dates in a list are not broken, and short fields stand side by side.
func TestWideScreensAreUsed(t *testing.T) {
	t.Parallel()
	tab, cancel := chromedp.NewContext(openBrowser(t))
	defer cancel()
	url := serveGallery(t)
	s := screen{1280, 800, "light"}
	if err := s.apply(tab); err != nil {
		t.Fatal(err)
	}
	for state, count := range map[string]string{
		"keys.list.ordinary": `[...document.querySelectorAll("td time")].map((e) => e.getClientRects().length)`,
		"keys.list.outlived": `[...document.querySelectorAll("td time")].map((e) => e.getClientRects().length)`,
		"bulk.reading.doubts": `[...document.querySelectorAll("main form > div:has(select)")].map((div) =>
			new Set([...div.querySelectorAll("select")].map((field) => field.offsetTop)).size)`,
	} {
		runActions(t, tab, chromedp.Navigate(url+gallery.StatePrefix+state))
		lines, err := chromedp.Run(tab, chromedp.Evaluate[[]int64](count))
		if err != nil || len(lines) == 0 {
			t.Fatalf("%s: %v, %v", state, lines, err)
		}
		for _, n := range lines {
			if n != 1 {
				t.Errorf("%s: lines of each: %v, want 1", state, lines)
			}
		}
	}
}
