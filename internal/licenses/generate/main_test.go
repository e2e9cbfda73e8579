package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/licenses"
)

const root = "../../.."

// TestLicensesOfTheProgram compares the collected licences with what the program says about itself: the modules in its
// build information, and the package.json.
func TestLicensesOfTheProgram(t *testing.T) {
	t.Parallel()
	text, err := collect(root)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "server")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/server")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	info, err := exec.CommandContext(t.Context(), "go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(string(info), -1)
	if len(modules) < 20 {
		t.Fatalf("only %d modules are in the build information", len(modules))
	}
	for _, m := range modules {
		if !strings.Contains(text, "\n"+m[1]+" "+m[2]+": ") {
			t.Errorf("%s %s is missing", m[1], m[2])
		}
		if !strings.Contains(text, "\n"+m[1]+"\n") {
			t.Errorf("%s has no text", m[1])
		}
	}
	for _, want := range []string{
		"Copyright 2026 The Voxwarden authors",
		"\nhtmx.org 4.0.1: 0BSD\n",
		"\nhtmx.org\n" + strings.Repeat("=", 80) + "\n\nZero-Clause BSD",
		"Copyright (c) 2012 The Go Authors",             // of go-jose's own folder json
		"Copyright (c) 2013 The Go Authors",             // of a copy inside client_golang
		"Prometheus instrumentation library for Go app", // the NOTICE of client_golang
		"Copyright 2009 The Go Authors",                 // of the standard library
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the licences lack %q", want)
		}
	}
	// The text of klauspost/compress contains those of its parts.
	if strings.Count(text, "END OF TERMS AND CONDITIONS") > 5 {
		t.Error("equal texts are repeated")
	}
}

// TestCompleteSBOM adds what cyclonedx-gomod cannot find in a program, and refuses a component that the table lacks.
func TestCompleteSBOM(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sbom.json")
	sbom := func(module string) error {
		document := `{"metadata":{"component":{"bom-ref":"console"}},"components":[{"name":"` + module + `"}],` +
			`"dependencies":[{"ref":"console","dependsOn":["x"]}]}`
		if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
		return completeSBOM(root, path)
	}
	if err := sbom("example.com/unknown"); err == nil || !strings.Contains(err.Error(), "example.com/unknown") {
		t.Errorf("unknown component: %v", err)
	}
	if err := sbom("modernc.org/sqlite"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type license struct {
		License    struct{ ID string }
		Expression string
	}
	var got struct {
		Metadata   struct{ Component struct{ Licenses []license } }
		Components []struct {
			Name, Version, Purl string
			Licenses            []license
		}
		Dependencies []struct {
			Ref       string
			DependsOn []string
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	const htmx = "pkg:npm/htmx.org@4.0.1"
	if len(got.Components) != 2 || got.Components[0].Licenses[0].Expression != "BSD-3-Clause AND blessing" ||
		got.Components[1].Purl != htmx || got.Components[1].Licenses[0].License.ID != "0BSD" ||
		got.Metadata.Component.Licenses[0].License.ID != "Apache-2.0" ||
		!slices.Contains(got.Dependencies[0].DependsOn, htmx) || got.Dependencies[1].Ref != htmx {
		t.Errorf("the completed list is %s", data)
	}
}

// TestCheckTexts: a component must have the text of the licence that the table names, and only of accepted ones.
func TestCheckTexts(t *testing.T) {
	t.Parallel()
	const mit = "Permission is hereby granted, free\nof charge, to any person"
	for _, tc := range []struct{ id, text, want string }{
		{"MIT", mit, ""},
		{"MIT AND 0BSD", mit, "no text of the licence 0BSD"},
		{"Apache-2.0", mit, "no text of the licence Apache-2.0"},
		{"MIT", "", "no text of the licence MIT"},
		{"GPL-3.0-only", mit, "not among the accepted ones"},
	} {
		err := checkTexts(part{Component: licenses.Component{Name: "x", SPDX: tc.id}}, tc.text)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.id, err, tc.want)
		}
	}
}

// TestAddFiles finds the licences of a package in its folder and above it, and no source file.
func TestAddFiles(t *testing.T) {
	t.Parallel()
	module := t.TempDir()
	inside := filepath.Join(module, "third", "party")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"LICENSE", "notice.txt", "third/COPYING", "third/party/LICENCE-MIT", "license.go", "licenses.md", "x",
	} {
		if err := os.WriteFile(filepath.Join(module, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var p part
	for range 2 { // two packages of a module share files
		if err := p.addFiles(module, inside); err != nil {
			t.Fatal(err)
		}
	}
	var found []string
	for _, path := range p.files {
		relative, err := filepath.Rel(module, path)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, relative)
	}
	const want = "third/party/LICENCE-MIT third/COPYING LICENSE notice.txt"
	if got := strings.Join(found, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
