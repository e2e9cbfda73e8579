package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"

	"github.com/voxwarden/voxwarden/internal/testkit/chromium"
	"github.com/voxwarden/voxwarden/views/gallery"
)

// picture is one of the pictures that the README shows.
type picture struct {
	name   string // the file's, without the ending
	state  string
	screen screen
}

// pictures are what the README shows, as much as a window of that size does.
func pictures() []picture {
	wide, dark, phone := screen{1280, 760, "light"}, screen{1280, 760, "dark"}, screen{390, 760, "light"}
	return []picture{
		{"subusers", "subusers.list.one-page", wide},
		{"review", "subusers.review.ordinary", wide},
		{"key", "keys.created.applied", wide},
		{"operation", "audit.operation.settled", wide},
		{"run", "bulk.show.running", wide},
		{"overview-dark", "overview.overview.ordinary", dark},
		{"phone", "subusers.show.ordinary", phone},
	}
}

// takePictures writes the README's pictures into dir.
func takePictures(ctx context.Context, browser, url, dir string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the directory: %w", err)
	}
	tab, end, err := chromium.Open(ctx, browser)
	if err != nil {
		return err
	}
	defer end()
	for _, p := range pictures() {
		if err := p.take(tab, url, dir); err != nil {
			return fmt.Errorf("the README's picture %s: %w", p.name, err)
		}
	}
	fmt.Fprintf(out, "%d pictures for the README in %s\n", len(pictures()), dir)
	return nil
}

func (p picture) take(tab context.Context, url, dir string) error {
	if err := p.screen.apply(tab); err != nil {
		return err
	}
	return takeShot(tab, url+gallery.StatePrefix+p.state, filepath.Join(dir, p.name+".png"), chromedp.CaptureScreenshot())
}
