package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/a-h/templ"
)

// TestOnce draws a part of pages on several pages at the same time: each shows it, and it is drawn again only after an
// error.
func TestOnce(t *testing.T) {
	t.Parallel()
	draw := func(ctx context.Context, part templ.Component) (string, error) {
		var page bytes.Buffer
		err := Once("part", part).Render(ctx, &page)
		return page.String(), err
	}
	var drawings int
	part := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		drawings++
		if drawings == 1 {
			_, _ = io.WriteString(w, "<p>ha")
			return errors.New("failed")
		}
		_, err := fmt.Fprintf(w, "<p>%s</p>", Path(ctx, "/keys"))
		return err
	})
	ctx := WithDrawn(WithBase(t.Context(), "/base"), &Drawn{})
	if page, err := draw(ctx, part); err == nil || page != "" {
		t.Errorf("a part that failed is shown as %q: %v", page, err)
	}
	first, err := draw(ctx, part)
	if err != nil {
		t.Fatal(err)
	}
	var pages sync.WaitGroup
	for range 20 {
		pages.Go(func() {
			if page, err := draw(ctx, part); page != first || page != "<p>/base/keys</p>" || err != nil {
				t.Errorf("a page shows %q: %v", page, err)
			}
		})
	}
	pages.Wait()
	if drawings != 2 {
		t.Errorf("drawn %d times, want once after the error", drawings)
	}
	other := WithBase(t.Context(), "/other")
	for _, ctx := range []context.Context{other, WithDrawn(other, &Drawn{})} {
		if page, err := draw(ctx, part); page != "<p>/other/keys</p>" || err != nil {
			t.Errorf("another console shows %q: %v", page, err)
		}
	}
}
