package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/bulk"
	"github.com/voxwarden/voxwarden/internal/policy"
	apptest "github.com/voxwarden/voxwarden/internal/testkit/app"
)

// maxReadingPageBytes is the budget of the page about how a file is read, uncompressed.
const maxReadingPageBytes = 100 << 10

// The page about how a file is read shows a part of the largest file, and the file can be imported from it.
func TestReadingPageIsSmall(t *testing.T) {
	t.Parallel()
	site := apptest.NewSite(t, apptest.Options{})
	editor := site.Visit(t, policy.Editor)
	editor.Get("/subusers") // reads the account
	wide := strings.Repeat("\"Ф<&'>", 20)
	for name, line := range map[string]string{
		"two columns": "anna_%d;" + strings.Repeat("Ünï ", 100) + "\n",
		"50 columns":  "anna_%d" + strings.Repeat(";\""+strings.ReplaceAll(wide, `"`, `""`)+"\"", 49) + "\n",
		"odd lines":   "anna_%d;a\"" + strings.Repeat("x", 400) + ";\n",
	} {
		file := []byte("Kennung" + strings.Repeat(";Ф<&'>"+strings.Repeat("ж&", 40), strings.Count(line, ";")) + "\n")
		for n := 0; len(file)+len(line) < bulk.MaxFileBytes && n < 9000; n++ {
			file = fmt.Appendf(file, line, n)
		}
		const path = "/subusers/import"
		page := editor.Upload(path, editor.Get(path).FormValues(t, path), file)
		if page.Status != http.StatusOK || !strings.Contains(page.Body, "No column is called login.") {
			t.Fatalf("%s: status %d", name, page.Status)
		}
		if size := len(page.Body); size > maxReadingPageBytes {
			t.Errorf("%s: the page about a file of %d bytes has %d, at most %d", name, len(file), size, maxReadingPageBytes)
		}
		t.Logf("%s: %d bytes", name, len(page.Body))
		form := page.FormValues(t, path)
		form["encoding"], form["separator"] = form["shown_encoding"], form["shown_separator"]
		form["column"] = slices.Repeat([]string{""}, strings.Count(line, ";")+1)
		form["column"][0] = "login"
		preview := editor.Upload(path, form, nil)
		if preview.Status != http.StatusOK || !strings.HasPrefix(preview.Path, "/bulk/") {
			t.Errorf("%s: the file leads to %s with status %d", name, preview.Path, preview.Status)
		}
	}
}
