// Package licenses contains the licences of the console and of its components: the Go modules, the Go standard library
// and the packages from npm. components.tsv lists them; the build adds their texts to lib.
package licenses

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Path is the file with the texts, from this folder. The program in the folder generate writes it.
const Path = "lib/licenses.txt"

//go:embed all:lib components.tsv
var files embed.FS

// errNotBuilt is the error of a program that was built without the texts.
var errNotBuilt = errors.New("this program was built without the licence texts: build it with make build")

// Text returns the licences of this program: a list of its components, and each text.
func Text() (string, error) {
	text, err := files.ReadFile(Path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errNotBuilt
	}
	if err != nil {
		return "", fmt.Errorf("reading the licences: %w", err)
	}
	return string(text), nil
}

// Component is a part of the program that others have written.
type Component struct {
	Source string // "go" or "npm"
	Name   string // path of the module, or name of the package
	SPDX   string // identifier or expression of its licence
}

// Components returns the components with their licences.
func Components() ([]Component, error) {
	table, err := files.ReadFile("components.tsv")
	if err != nil {
		return nil, fmt.Errorf("reading the components: %w", err)
	}
	var components []Component
	for line := range strings.Lines(string(table)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("components.tsv: %q is not source, name and licence, separated by tabs", line)
		}
		components = append(components, Component{Source: fields[0], Name: fields[1], SPDX: fields[2]})
	}
	return components, nil
}
