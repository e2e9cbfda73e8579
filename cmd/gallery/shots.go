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

// takeShots writes a screenshot of every state with the key prefix, on every screen, to dir.
func takeShots(ctx context.Context, browser, url, dir, prefix string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the directory: %w", err)
	}
	tab, end, err := chromium.Open(ctx, browser)
	if err != nil {
		return err
	}
	defer end()
	taken := 0
	for _, screen := range screens() {
		if err := screen.apply(tab); err != nil {
			return err
		}
		for _, s := range gallery.States() {
			if !strings.HasPrefix(s.Key(), prefix) {
				continue
			}
			file := filepath.Join(dir, s.Key()+"."+screen.name()+".png")
			if err := takeShot(tab, url+gallery.StatePrefix+s.Key(), file, chromedp.FullScreenshot(100)); err != nil {
				return fmt.Errorf("taking %s: %w", file, err)
			}
			taken++
		}
	}
	fmt.Fprintf(out, "%d screenshots in %s\n", taken, dir)
	return nil
}

// takeShot writes a screenshot of a page to a file.
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
