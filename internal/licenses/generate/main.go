// Command generate writes the licences of the console and of its components to internal/licenses/lib/licenses.txt. With
// -sbom it adds the licences to a list of components instead. Run it in the project's folder; "make assets" must have
// run. It fails if a component or a text is missing.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/licenses"
)

// folder is the folder of package licenses.
const folder = "internal/licenses"

func main() {
	sbom := flag.String("sbom", "", "add the licences and the packages from npm to this `file` in CycloneDX's JSON")
	flag.Parse()
	var err error
	if *sbom != "" {
		err = completeSBOM(".", *sbom)
	} else {
		err = writeLicenses(".")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// writeLicenses writes the file with all texts, for the project in the folder root.
func writeLicenses(root string) error {
	text, err := collect(root)
	if err != nil {
		return err
	}
	path := filepath.Join(root, folder, licenses.Path)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // not a secret
		return fmt.Errorf("writing the licences: %w", err)
	}
	return nil
}

// part is a component in the version of this build, with the paths of its texts.
type part struct {
	licenses.Component
	version string
	files   []string
}

// collect returns the list of components and every text once.
func collect(root string) (string, error) {
	parts, err := partsOf(root)
	if err != nil {
		return "", err
	}
	own, err := ownText(root)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString(own + "\nThe program contains these components:\n\n")
	for _, p := range parts {
		fmt.Fprintf(&text, "%s %s: %s\n", p.Name, p.version, p.SPDX)
	}
	if err := writeTexts(&text, parts); err != nil {
		return "", err
	}
	return text.String(), nil
}

// ownText returns the notice and the licence of the console itself.
func ownText(root string) (string, error) {
	text := ""
	for _, name := range []string{"NOTICE", "LICENSE"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return "", fmt.Errorf("reading the licence of the console: %w", err)
		}
		text += string(data) + "\n"
	}
	return text, nil
}

// writeTexts writes each text after the components that it belongs to.
func writeTexts(out io.Writer, parts []part) error {
	var texts []string
	owners := map[string][]string{}
	for _, p := range parts {
		all := ""
		for _, path := range p.files {
			data, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("reading the licence of %s: %w", p.Name, err)
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n"))
			all += text
			if owners[text] == nil {
				texts = append(texts, text)
			}
			if !slices.Contains(owners[text], p.Name) {
				owners[text] = append(owners[text], p.Name)
			}
		}
		if err := checkTexts(p, all); err != nil {
			return err
		}
	}
	line := strings.Repeat("=", 80)
	for _, text := range texts {
		names := strings.Join(owners[text], "\n")
		if _, err := fmt.Fprintf(out, "\n%s\n%s\n%s\n\n%s\n", line, names, line, text); err != nil {
			return err
		}
	}
	return nil
}

// phrases has a phrase of each licence that components may have. Others need a decision first.
func phrases() map[string]string {
	return map[string]string{
		"0BSD":         "with or without fee is hereby granted",
		"Apache-2.0":   "Apache License Version 2.0",
		"BSD-2-Clause": "Redistributions of source code must retain",
		"BSD-3-Clause": "Neither the name",
		"MIT":          "Permission is hereby granted, free of charge",
		"blessing":     "SQLite Is Public Domain",
	}
}

// checkTexts returns an error if the texts of a component are not those of the licence in the table.
func checkTexts(p part, text string) error {
	text = strings.Join(strings.Fields(text), " ")
	for id := range strings.SplitSeq(p.SPDX, " AND ") {
		phrase, known := phrases()[id]
		if !known {
			return fmt.Errorf("%s: the licence %s is not among the accepted ones", p.Name, id)
		}
		if !strings.Contains(text, phrase) {
			return fmt.Errorf("%s: no text of the licence %s was found", p.Name, id)
		}
	}
	return nil
}

// partsOf returns the components of the program. It returns an error if the table lacks one, or has one too many.
func partsOf(root string) ([]part, error) {
	table, err := licenses.Components()
	if err != nil {
		return nil, err
	}
	found, err := modules(root)
	if err != nil {
		return nil, err
	}
	packages, err := npmPackages(root)
	if err != nil {
		return nil, err
	}
	found = append(found, packages...)
	var problems []error
	for i, p := range found {
		at := slices.IndexFunc(table, func(c licenses.Component) bool { return c.Source == p.Source && c.Name == p.Name })
		if at < 0 {
			problems = append(problems, fmt.Errorf("%s is not in %s/components.tsv", p.Name, folder))
			continue
		}
		found[i].SPDX = table[at].SPDX
	}
	for _, c := range table {
		if !slices.ContainsFunc(found, func(p part) bool { return c.Source == p.Source && c.Name == p.Name }) {
			problems = append(problems, fmt.Errorf("%s/components.tsv lists %s, which the program lacks", folder, c.Name))
		}
	}
	return found, errors.Join(problems...)
}

// modules returns the standard library and the Go modules of the program, for every platform of a release.
func modules(root string) ([]part, error) {
	var found []part
	for _, architecture := range []string{"amd64", "arm64"} {
		packages, err := listPackages(root, architecture)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			if p.Module == nil || p.Module.Main {
				continue
			}
			at := slices.IndexFunc(found, func(known part) bool { return known.Name == p.Module.Path })
			if at < 0 {
				component := licenses.Component{Source: "go", Name: p.Module.Path}
				found = append(found, part{Component: component, version: p.Module.Version})
				at = len(found) - 1
			}
			if err := found[at].addFiles(p.Module.Dir, p.Dir); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(found, func(a, b part) int { return strings.Compare(a.Name, b.Name) })
	standard, err := standardLibrary(root)
	return append(found, standard), err
}

// goPackage is a package as go list prints it.
type goPackage struct {
	Dir    string
	Module *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// listPackages returns the packages of the program on Linux with this architecture.
func listPackages(root, architecture string) ([]goPackage, error) {
	list := exec.Command("go", "list", "-deps", "-json=Dir,Module", "./cmd/server")
	list.Dir = root
	list.Env = append(list.Environ(), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0")
	out, err := runQuietly(list)
	if err != nil {
		return nil, fmt.Errorf("listing the packages of the program: %w", err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, fmt.Errorf("listing the packages of the program: %w", err)
		}
		packages = append(packages, p)
	}
}

// runQuietly returns the standard output of a command. Its error contains what the command wrote to standard error.
func runQuietly(command *exec.Cmd) ([]byte, error) {
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return out, err
}

// standardLibrary returns the Go standard library with the runtime.
func standardLibrary(root string) (part, error) {
	env := exec.Command("go", "env", "GOROOT", "GOVERSION")
	env.Dir = root
	out, err := runQuietly(env)
	if err != nil {
		return part{}, fmt.Errorf("finding the standard library: %w", err)
	}
	goroot, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	p := part{Component: licenses.Component{Source: "go", Name: "std"}, version: version}
	return p, p.addFiles(goroot, goroot)
}

// isLicense matches the names of files with licences, and of the notices that must accompany them.
var isLicense = regexp.MustCompile(`(?i)^(licen[cs]e|copying|copyright|notice|patents|unlicense)([-_.][a-z0-9_.-]*)?$`)

// addFiles adds the licences in a folder and in the folders above it, up to the module's.
func (p *part) addFiles(module, dir string) error {
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("looking for the licence of %s: %w", p.Name, err)
		}
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			isText := isLicense.MatchString(entry.Name()) && filepath.Ext(entry.Name()) != ".go" && entry.Type().IsRegular()
			if isText && !slices.Contains(p.files, path) {
				p.files = append(p.files, path)
			}
		}
		if dir == module || !strings.HasPrefix(dir, module) {
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

// npmPackages returns the packages from npm that the program serves scripts of. "make assets" copies their licences.
func npmPackages(root string) ([]part, error) {
	data, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil {
		return nil, fmt.Errorf("reading the packages: %w", err)
	}
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fmt.Errorf("reading package.json: %w", err)
	}
	var found []part
	for name, version := range manifest.Dependencies {
		path := filepath.Join(root, folder, "lib", name+".txt")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is missing: run make assets", path)
		}
		found = append(found, part{
			Component: licenses.Component{Source: "npm", Name: name},
			version:   version,
			files:     []string{path},
		})
	}
	slices.SortFunc(found, func(a, b part) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}
