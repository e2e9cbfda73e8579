package gallery_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/voxwarden/voxwarden/internal/testkit/golden"
	"github.com/voxwarden/voxwarden/views/gallery"
)

// goldenStates lists the states of each page with a golden file of their HTML. One state shows most of a page, so one
// is enough unless two states share little. All other states are covered by the rules in this package, by names.txt,
// html-validate and axe.
func goldenStates() map[string][]string {
	return map[string][]string{
		"account.confirm-first": {"roles"},
		"account.confirmed":     {"ordinary"},
		"account.me":            {"many-sessions"},
		"account.sessions":      {"many"},
		"account.sign-in":       {"error"},
		"account.signed-out":    {"provider"},
		"audit.list":            {"results"},
		"audit.operation":       {"partly", "unknown"},
		"bulk.import":           {"problem"},
		"bulk.list":             {"ordinary"},
		"bulk.new":              {"errors"},
		"bulk.passwords":        {"ordinary"},
		"bulk.reading":          {"doubts"},
		"bulk.show":             {"draft-roles", "draft-privileged", "stopped"},
		"drift.accept":          {"no-reason"},
		"drift.list":            {"many"},
		"keys.created":          {"applied"},
		"keys.delete":           {"ordinary"},
		"keys.edit":             {"ordinary"},
		"keys.list":             {"not-all-read"},
		"keys.new":              {"errors"},
		"keys.show":             {"ordinary", "outlived"},
		"overview.overview":     {"attention", "ordinary"},
		"page.problem":          {"404", "confirm"},
		"roles.finder":          {"covers"},
		"roles.list":            {"ordinary"},
		"roles.matrix":          {"ordinary"},
		"roles.show":            {"privileged"},
		"search.search":         {"results"},
		"subusers.compare":      {"ordinary"},
		"subusers.created":      {"applied", "unknown"},
		"subusers.delete":       {"warnings"},
		"subusers.deleted":      {"keys-left"},
		"subusers.edit":         {"refused"},
		"subusers.force":        {"ordinary"},
		"subusers.list":         {"stale"},
		"subusers.new":          {"errors"},
		"subusers.outcome":      {"partly"},
		"subusers.password":     {"errors"},
		"subusers.re-issue":     {"moved"},
		"subusers.re-issued":    {"half-done"},
		"subusers.review":       {"last-owner"},
		"subusers.roles":        {"conflict", "ordinary"},
		"subusers.show":         {"after-change", "open-operation"},
		"ui.components":         {"all"},
	}
}

// frameState is the state with the whole document in its golden file. The other files hold the title and the main
// element only, so that a change of the frame changes one file.
const frameState = "overview.overview.ordinary"

// TestGolden compares one state of each page, in a few cases two, with its golden file.
func TestGolden(t *testing.T) {
	t.Parallel()
	pages := goldenStates()
	wanted := map[string]bool{namesFile: true}
	for page, names := range pages {
		for _, name := range names {
			key := page + "." + name
			wanted[key+".html"] = true
			t.Run(key, func(t *testing.T) {
				t.Parallel()
				state, found := gallery.Find(key)
				if !found {
					t.Fatal("the gallery has no such state; correct goldenStates")
				}
				golden.Equal(t, filepath.Join("testdata", key+".html"), lines(t, render(t, state), key == frameState))
			})
		}
	}
	for _, s := range gallery.States() {
		if page := s.Area + "." + s.Page; len(pages[page]) == 0 {
			t.Errorf("page %s has no golden file; add its richest state to goldenStates", page)
			pages[page] = []string{s.Name}
		}
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f os.DirEntry) bool { return wanted[f.Name()] })
	for _, f := range files {
		t.Errorf("testdata/%s is not used by goldenStates; delete it", f.Name())
	}
}

// TestFewGoldenFiles keeps a change of a shared component from touching more files than a reviewer reads.
func TestFewGoldenFiles(t *testing.T) {
	t.Parallel()
	const limit = 60
	files := 0
	for _, names := range goldenStates() {
		files += len(names)
	}
	if files > limit {
		t.Errorf("%d golden files, at most %d", files, limit)
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

// lines returns a page with one tag or text to a line, so that a difference is one line. It leaves out the hashes of
// assets and the scripts from npm, which depend on the build, and unless whole is set everything outside of the title
// and the main element.
func lines(t *testing.T, page string, whole bool) string {
	t.Helper()
	hash := regexp.MustCompile(`(/static/[a-z/.]+?)\.[0-9a-f]{12}\.`)
	var out strings.Builder
	within := "" // the element that is written
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
		if kind == html.StartTagToken && within == "" && (token.Data == "main" || token.Data == "title") {
			within = token.Data
		}
		line := hash.ReplaceAllString(strings.Join(strings.Fields(token.String()), " "), "$1.HASH.")
		if (whole || within != "") && line != "" && !strings.Contains(line, "/static/lib/") {
			out.WriteString(line + "\n")
		}
		if kind == html.EndTagToken && token.Data == within {
			within = ""
		}
	}
}
