package main

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen is a window size and theme.
type screen struct {
	Width, Height int64
	Theme         string // "light" or "dark"
}

// screens returns the sizes and themes in which every page is tested.
func screens() []screen {
	return []screen{{1280, 800, "light"}, {1280, 800, "dark"}, {390, 844, "light"}, {390, 844, "dark"}}
}

// name returns the name of the screen for files, such as "1280-dark".
func (l screen) name() string { return fmt.Sprintf("%d-%s", l.Width, l.Theme) }

// apply sets the size and theme of a tab.
func (l screen) apply(ctx context.Context) error {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(l.Width, l.Height)); err != nil {
		return fmt.Errorf("setting the size: %w", err)
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.Theme}},
	})
	if err != nil {
		return fmt.Errorf("setting the theme: %w", err)
	}
	return nil
}
