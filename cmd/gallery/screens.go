package main

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen is a window size in pixels and a theme.
type screen struct {
	Width, Height int64
	Theme         string // "light" or "dark"
}

// screens returns the sizes and themes that every page supports.
func screens() []screen {
	return []screen{{1280, 800, "light"}, {1280, 800, "dark"}, {390, 844, "light"}, {390, 844, "dark"}}
}

// name returns the part of file names that identifies the screen: "1280-dark".
func (s screen) name() string { return fmt.Sprintf("%d-%s", s.Width, s.Theme) }

// apply sets the size and the theme of a tab.
func (s screen) apply(ctx context.Context) error {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(s.Width, s.Height)); err != nil {
		return fmt.Errorf("setting the size: %w", err)
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.Theme}},
	})
	if err != nil {
		return fmt.Errorf("setting the theme: %w", err)
	}
	return nil
}
