package house

import (
	"go/ast"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// avoidedWords are words that leave open which person or program a sentence is about, or replace the verbs of Go doc
// comments. "who" is not among them: "the operator who set the expiry" names the person.
var avoidedWords = regexp.MustCompile(
	`(?i)\b(somebody|nobody|anybody|whoever|whomever|whom|whose|says whether|tells whether|answers)\b`,
)

// TestPlainWords looks for avoided words in comments and in all other files in full: documents, templates, SQL, CSS,
// JavaScript and shell. Of Go files it also reads the string literals outside of tests, which pages, errors and logs
// show.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	check := func(path string, line int, text string) {
		for _, word := range avoidedWords.FindAllString(text, -1) {
			t.Errorf("%s:%d: avoid %q: name the person or thing, and write Go doc comments in Go's form", path, line, word)
		}
	}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file.path, "_templ.go") || file.dir == "internal/suites/house" {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING && !file.test {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				check(file.path, file.fset.Position(literal.Pos()).Line, text)
			}
			return true
		})
		for _, group := range file.syntax.Comments {
			check(file.path, file.fset.Position(group.Pos()).Line, allText(group))
		}
	}
	for _, path := range textFiles(t) {
		number := 0
		for line := range strings.Lines(readAll(t, path)) {
			number++
			check(path, number, line)
		}
	}
}

// textFiles returns the paths of the files that people write and that are not Go.
func textFiles(t *testing.T) []string {
	t.Helper()
	kinds := []string{".md", ".templ", ".sql", ".css", ".js", ".sh", ".yml", ".yaml"}
	names := []string{"Makefile", "Dockerfile", "run", ".gitignore"}
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{"node_modules", ".git", ".dev", "lib", "bin", "shots", "testdata"}, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if slices.Contains(kinds, filepath.Ext(path)) || slices.Contains(names, entry.Name()) {
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			paths = append(paths, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 50 {
		t.Fatalf("only %d text files were found: the walk is wrong", len(paths))
	}
	return paths
}

// TestAvoidedWords keeps the pattern from matching parts of other words.
func TestAvoidedWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Nobody was asked":                       true,
		"it says whether a key exists":           true,
		"List answers the subusers":              true,
		"the operator who set the expiry":        false,
		"it says when":                           false,
		"List answered within a second":          false,
		"the vendor's answer":                    false,
		"somebodyElse, an identifier":            false,
		"whosever":                               false,
		"the role whose id":                      true,
		"For whom the assertion must be made":    true,
		"Reports whether the key may be deleted": false,
	} {
		if avoidedWords.MatchString(text) != want {
			t.Errorf("%q: %t, want %t", text, !want, want)
		}
	}
}
