// Package chromium starts the browser in which pages are tested, measured and photographed.
package chromium

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp"
)

// Package is the Debian package that holds the browser: Chromium without windows of its own, from the same source.
const Package = "chromium-headless-shell"

// Path is where that package puts it.
const Path = "/usr/bin/" + Package

// Open starts the browser at a path, with room for 1280 by 900 pixels. Its first tab belongs to the context that is
// answered; end closes it. It must be allowed to run without a sandbox, as the superuser of a build machine does.
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
