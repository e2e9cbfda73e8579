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

// validationMessage is a problem that html-validate reports.
type validationMessage struct {
	Rule     string `json:"ruleId"`
	Message  string `json:"message"`
	Line     int    `json:"line"`
	Selector string `json:"selector"`
}

// TestHTML validates the HTML of every page with the rules in .htmlvalidate.mjs. One run of the validator checks all
// pages, because starting it takes longer than checking a page.
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

// TestHTMLValidatorReports checks that the validator finds invalid HTML: TestHTML relies on it.
func TestHTMLValidatorReports(t *testing.T) {
	t.Parallel()
	requireFile(t, validatePath, "run npm ci")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "wrong.html"), []byte("<p><div></div></p>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := validate(t, folder)["wrong.html"]; len(found) == 0 {
		t.Error("a <div> in a <p> is not reported")
	}
}

// validate returns the problems of the pages in a folder by file. The validator writes its report to a file, because it
// truncates output to a pipe when it exits.
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
	if failed != nil && len(found) == 0 { // it also fails when it reports problems
		t.Fatalf("html-validate: %v: %s", failed, words)
	}
	return found
}
