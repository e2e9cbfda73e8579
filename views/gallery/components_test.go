package gallery_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestComponentsAreAllShown checks that the page of components shows every component of views/ui.
func TestComponentsAreAllShown(t *testing.T) {
	t.Parallel()
	shown, err := os.ReadFile("components.templ")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../ui/*.templ")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?m)^templ ([A-Z]\w*)\(`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(shown), "@ui."+found[1]+"(") {
				t.Errorf("components.templ does not show %s of %s", found[1], filepath.Base(file))
			}
		}
	}
}
