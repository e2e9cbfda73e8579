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

// validationMessage is a finding of html-validate.
type validationMessage struct {
	Rule     string `json:"ruleId"`
	Message  string `json:"message"`
	Line     int    `json:"line"`
	Selector string `json:"selector"`
}

// TestHTML validates the HTML of every state with the rules of .htmlvalidate.mjs, in one run of the validator.
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
	for file, messages := range validate(t, folder) {
		for _, m := range messages {
			t.Errorf("%s, line %d: %s (%s) at %s", strings.TrimSuffix(file, ".html"), m.Line, m.Message, m.Rule, m.Selector)
		}
	}
}

// TestHTMLValidatorReports checks that the validator finds an error, on which TestHTML relies.
func TestHTMLValidatorReports(t *testing.T) {
	t.Parallel()
	requireFile(t, validatePath, "run npm ci")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "wrong.html"), []byte("<p><div></div></p>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found := validate(t, folder)["wrong.html"]; len(found) == 0 {
		t.Error("the validator does not report a <div> in a <p>")
	}
}

// validate returns the findings for the pages in a folder, by file. The validator writes them to a file, because it may
// exit before all of its output is in a pipe.
func validate(t *testing.T, folder string) map[string][]validationMessage {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	args := []string{validatePath, "--config", ".htmlvalidate.mjs", "--formatter", "json=" + report, folder}
	output, failed := exec.CommandContext(t.Context(), "node", args...).CombinedOutput()
	content, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("html-validate: %v: %s", failed, output)
	}
	var results []struct {
		File     string              `json:"filePath"`
		Messages []validationMessage `json:"messages"`
	}
	if err := json.Unmarshal(content, &results); err != nil {
		t.Fatal(err)
	}
	found := map[string][]validationMessage{}
	for _, r := range results {
		found[filepath.Base(r.File)] = r.Messages
	}
	if failed != nil && len(found) == 0 { // findings make it fail too
		t.Fatalf("html-validate: %v: %s", failed, output)
	}
	return found
}
