package gallery_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/voxwarden/voxwarden/internal/testkit/golden"
	"github.com/voxwarden/voxwarden/views/gallery"
)

// TestGolden compares every state with its golden file: of most states only what differs from page to page,
// of two the whole document.
func TestGolden(t *testing.T) {
	t.Parallel()
	whole := map[string]bool{"overview.overview.ordinary": true, "account.sign-in.ordinary": true}
	wanted := map[string]bool{namesFile: true}
	for _, s := range gallery.States() {
		wanted[s.Key()+".html"] = true
		t.Run(s.Key(), func(t *testing.T) {
			t.Parallel()
			got := lines(t, render(t, s), whole[s.Key()])
			golden.Equal(t, filepath.Join("testdata", s.Key()+".html"), got)
		})
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !wanted[f.Name()] {
			t.Errorf("testdata/%s belongs to no state; delete it", f.Name())
		}
	}
}

// render draws a state in the plain context that a page under "/" has.
func render(t *testing.T, s gallery.State) string {
	t.Helper()
	var page bytes.Buffer
	if err := s.Component.Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// lines writes a page with one tag or text to a line, so that a difference is one line. What depends on the
// build is taken out: the hashes of assets, and the scripts that npm provides.
func lines(t *testing.T, page string, whole bool) string {
	t.Helper()
	hash := regexp.MustCompile(`(/static/[a-z/.]+?)\.[0-9a-f]{12}\.`)
	var out strings.Builder
	inside := whole
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if err := tokens.Err(); !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return out.String()
		}
		token := tokens.Token()
		starts := kind == html.StartTagToken && (token.Data == "main" || token.Data == "title")
		ends := kind == html.EndTagToken && (token.Data == "main" || token.Data == "title")
		inside = inside || starts
		line := hash.ReplaceAllString(strings.Join(strings.Fields(token.String()), " "), "$1.HASH.")
		if inside && line != "" && !strings.Contains(line, "/static/lib/") {
			out.WriteString(line + "\n")
		}
		inside = whole || inside && !ends
	}
}
