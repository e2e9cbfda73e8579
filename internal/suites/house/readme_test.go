package house

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

var update = flag.Bool("update", false, "rewrite the README's table of settings")

// TestReadmeHasTheSettings compares the README's table of settings with the settings that the program reads.
func TestReadmeHasTheSettings(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- settings -->\n", "<!-- /settings -->"
	readme := readAll(t, "README.md")
	before, rest, ok := strings.Cut(readme, begin)
	have, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the README has no table of settings")
	}
	want := config.SettingsTable()
	if have == want {
		return
	}
	if !*update {
		t.Fatal("the README's table of settings is stale: go test ./internal/suites/house -run Readme -update")
	}
	updated := before + begin + want + end + after
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(updated), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeListsPackages checks that the README's map lists every package.
func TestReadmeListsPackages(t *testing.T) {
	t.Parallel()
	readme := readAll(t, "README.md")
	for _, file := range goFiles(t) {
		dir := file.dir
		if strings.HasPrefix(dir, "views/") {
			dir = "views"
		}
		if !strings.Contains(readme, "| `"+dir+"`") {
			t.Errorf("the README's map lacks %s", dir)
		}
	}
}
