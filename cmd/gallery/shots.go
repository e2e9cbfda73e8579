package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/views/gallery"
)

// takeShots writes a picture of every state whose key begins with prefix, in every look, into dir.
func takeShots(ctx context.Context, chromium, url, dir, prefix string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the directory: %w", err)
	}
	tab, end, err := openBrowser(ctx, chromium)
	if err != nil {
		return err
	}
	defer end()
	taken := 0
	for _, l := range looks() {
		if err := l.take(tab); err != nil {
			return err
		}
		for _, s := range gallery.States() {
			if !strings.HasPrefix(s.Key(), prefix) {
				continue
			}
			if err := takeShot(tab, url, dir, s.Key(), l); err != nil {
				return fmt.Errorf("picture of %s, %s: %w", s.Key(), l.name(), err)
			}
			taken++
		}
	}
	fmt.Fprintf(out, "%d pictures in %s\n", taken, dir)
	return nil
}

func takeShot(tab context.Context, url, dir, key string, l look) error {
	if err := chromedp.Do(tab, chromedp.Navigate(url+gallery.StatePrefix+key)); err != nil {
		return err
	}
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, key+"."+l.name()+".png"), picture, 0o644)
}
