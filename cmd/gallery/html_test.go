package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/views/gallery"
)

const validatePath = "../../node_modules/html-validate/bin/html-validate.mjs"

// validationMessage is what html-validate has to say against the HTML of a page.
type validationMessage struct {
	Rule     string `json:"ruleId"`
	Message  string `json:"message"`
	Line     int    `json:"line"`
	Selector string `json:"selector"`
}

// TestHTML holds the HTML of every page to the standard, by the rules of .htmlvalidate.mjs. One run of the validator
// looks at all pages, since starting it costs more than a page does.
func TestHTML(t *testing.T) {
	t.Parallel()
	requireFile(t, validatePath, "run npm ci")
	folder, states := t.TempDir(), gallery.States()
	for _, s := range states {
		var page bytes.Buffer
		if err := s.Component.Render(t.Context(), &page); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, s.Key()+".html"), page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, complaints := range validate(t, folder) {
		for _, c := range complaints {
			t.Errorf("%s, line %d: %s (%s) at %s", strings.TrimSuffix(file, ".html"), c.Line, c.Message, c.Rule, c.Selector)
		}
	}
}

// TestHTMLValidatorReports makes sure that the validator complains at all, or TestHTML would prove nothing.
func TestHTMLValidatorReports(t *testing.T) {
	t.Parallel()
	requireFile(t, validatePath, "run npm ci")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "wrong.html"), []byte("<p><div></div></p>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := validate(t, folder)["wrong.html"]; len(found) == 0 {
		t.Error("a <div> in a <p> is not noticed")
	}
}

// validate answers what is wrong with the pages in a folder, by file. The validator writes into a file: what it
// writes to a pipe is cut off with its end.
func validate(t *testing.T, folder string) map[string][]validationMessage {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	words, failed := exec.CommandContext(
		t.Context(),
		"node",
		validatePath,
		"--config",
		".htmlvalidate.mjs",
		"--formatter",
		"json="+report,
		folder,
	).
		CombinedOutput()
	answer, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("html-validate: %v: %s", failed, words)
	}
	var results []struct {
		File       string              `json:"filePath"`
		Complaints []validationMessage `json:"messages"`
	}
	if err := json.Unmarshal(answer, &results); err != nil {
		t.Fatal(err)
	}
	found := map[string][]validationMessage{}
	for _, r := range results {
		found[filepath.Base(r.File)] = r.Complaints
	}
	if failed != nil && len(found) == 0 { // complaints make it fail too
		t.Fatalf("html-validate: %v: %s", failed, words)
	}
	return found
}
