package house

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

var update = flag.Bool("update", false, "rewrite the generated parts of documents and packages")

// TestConfigurationHasTheSettings compares the table in docs/configuration.md with the settings that the program reads.
func TestConfigurationHasTheSettings(t *testing.T) {
	t.Parallel()
	const (
		page       = "docs/configuration.md"
		begin, end = "<!-- settings -->\n", "<!-- /settings -->"
	)
	before, rest, ok := strings.Cut(readAll(t, page), begin)
	have, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no table of settings", page)
	}
	want := config.SettingsTable()
	if have == want {
		return
	}
	if !*update {
		t.Fatalf("the table of %s is stale: go test ./internal/suites/house -run Configuration -update", page)
	}
	updated := before + begin + want + end + after
	if err := os.WriteFile(filepath.Join(root, page), []byte(updated), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestContributingListsPackages checks that the map of the code lists every package.
func TestContributingListsPackages(t *testing.T) {
	t.Parallel()
	page := readAll(t, "CONTRIBUTING.md")
	for _, file := range goFiles(t) {
		dir := file.dir
		if strings.HasPrefix(dir, "views/") {
			dir = "views"
		}
		if !strings.Contains(page, "| `"+dir+"`") {
			t.Errorf("the map in CONTRIBUTING.md lacks %s", dir)
		}
	}
}

// TestIndexListsDocuments checks that docs/README.md has a row for each document, except decisions and itself.
func TestIndexListsDocuments(t *testing.T) {
	t.Parallel()
	const index = "docs/README.md"
	text := readAll(t, index)
	for _, page := range documents(t) {
		if page == index || page == "README.md" || path.Dir(page) == "docs/decisions" {
			continue
		}
		link, err := filepath.Rel("docs", page)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "]("+filepath.ToSlash(link)+")") {
			t.Errorf("%s lacks %s", index, page)
		}
	}
}
