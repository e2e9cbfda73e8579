package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
	"github.com/voxwarden/voxwarden/views/gallery"
)

// takeShots writes pictures of all states with this prefix of their key, on every screen, to dir.
func takeShots(ctx context.Context, browser, url, dir, prefix string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("creating the directory: %w", err)
	}
	tab, end, err := chromium.Open(ctx, browser)
	if err != nil {
		return err
	}
	defer end()
	taken := 0
	for _, l := range screens() {
		if err := l.apply(tab); err != nil {
			return err
		}
		for _, s := range gallery.States() {
			if !strings.HasPrefix(s.Key(), prefix) {
				continue
			}
			if err := takeShot(
				tab,
				url+gallery.StatePrefix+s.Key(),
				filepath.Join(dir, s.Key()+"."+l.name()+".png"),
				chromedp.FullScreenshot(100),
			); err != nil {
				return fmt.Errorf("taking a picture of %s, %s: %w", s.Key(), l.name(), err)
			}
			taken++
		}
	}
	fmt.Fprintf(out, "Wrote %d pictures to %s\n", taken, dir)
	return nil
}

// takeShot writes a picture of a page to a file.
func takeShot(tab context.Context, address, file string, shot chromedp.Action[[]byte]) error {
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		return err
	}
	picture, err := chromedp.Run(tab, shot)
	if err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o644)
}
