// Package chromium starts the browser for the browser tests, the benchmarks and the screenshots.
package chromium

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp"
)

// Package is the Debian package that holds the browser: Chromium without windows of its own, from the same source.
const Package = "chromium-headless-shell"

// Path is the path of the browser in that package.
const Path = "/usr/bin/" + Package

// Open starts the browser at a path with a window of 1280 by 900 pixels, and returns the context of its first tab.
// cancel closes the browser. It runs without a sandbox, which Chromium requires of root.
func Open(ctx context.Context, path string) (tab context.Context, cancel context.CancelFunc, err error) {
	options := append(
		chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.WindowSize(1280, 900),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, cancelTab := chromedp.NewContext(allocator)
	cancel = func() { cancelTab(); cancelAllocator() }
	if err := chromedp.Do(tab); err != nil {
		cancel()
		return nil, nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return tab, cancel, nil
}
