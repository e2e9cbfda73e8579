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

// picture is a picture in the README.
type picture struct {
	name   string // of the file, without the extension
	state  string
	screen screen
}

// pictures returns the pictures of the README.
func pictures() []picture {
	wide, dark, phone := screen{1280, 760, "light"}, screen{1280, 760, "dark"}, screen{390, 760, "light"}
	return []picture{
		{"overview", "overview.overview.ordinary", wide},
		{"subusers", "subusers.list.one-page", wide},
		{"review", "subusers.review.ordinary", wide},
		{"key", "keys.created.applied", wide},
		{"operation", "audit.operation.resolved", wide},
		{"run", "bulk.show.running", wide},
		{"overview-dark", "overview.overview.ordinary", dark},
		{"phone", "subusers.show.ordinary", phone},
	}
}

// takePictures writes the pictures of the README to dir.
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
