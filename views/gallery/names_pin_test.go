package gallery_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/voxwarden/voxwarden/internal/testkit/golden"
	"github.com/voxwarden/voxwarden/views/gallery"
)

// namesFile is the golden file of TestNamesOfEveryState, below testdata.
const namesFile = "names.txt"

// TestNamesOfEveryState compares the role and the accessible name of every heading, disclosure and control of every
// state with the golden file, in document order, without what is hidden from assistive technology. What is outside of
// main takes one line, and only where it differs from that of the state before.
func TestNamesOfEveryState(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	previous := ""
	for _, state := range gallery.States() {
		doc := parse(t, render(t, state))
		var frame, main []string
		each(doc, "h1, h2, h3, h4, h5, h6, summary, "+controlSelector, func(s *goquery.Selection) {
			if s.Closest(`[aria-hidden="true"]`).Length() > 0 {
				return
			}
			line := pinnedRole(s) + ": " + accessibleName(doc, s)
			if s.Closest("main").Length() == 0 {
				frame = append(frame, line)
			} else {
				main = append(main, "  "+line)
			}
		})
		out.WriteString("# " + state.Key() + "\n")
		if outside := strings.Join(frame, " | "); outside != previous {
			out.WriteString("  frame | " + outside + "\n")
			previous = outside
		}
		out.WriteString(strings.Join(append(main, "", ""), "\n"))
	}
	golden.Equal(t, filepath.Join("testdata", namesFile), strings.TrimSuffix(out.String(), "\n"))
}

// pinnedRole returns the role of a control, "heading 2" for a heading of that level and "disclosure" for a summary.
func pinnedRole(s *goquery.Selection) string {
	switch name := goquery.NodeName(s); name {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return "heading " + name[1:]
	case "summary":
		return "disclosure"
	default:
		return roleOf(s)
	}
}
