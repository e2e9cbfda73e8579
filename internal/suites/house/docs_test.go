package house

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voxwarden/voxwarden/internal/config"
)

// signInPages returns the pages with examples of settings that readers copy.
func signInPages(t *testing.T) []string {
	t.Helper()
	more, err := filepath.Glob(filepath.Join(root, "docs/sign-in/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{"docs/sign-in.md"}
	for _, page := range more {
		pages = append(pages, path.Join("docs/sign-in", filepath.Base(page)))
	}
	return pages
}

// TestSignInExamplesSayIfTheyWereTried: below the heading of each example is whether it was tried.
func TestSignInExamplesSayIfTheyWereTried(t *testing.T) {
	t.Parallel()
	heading := regexp.MustCompile(`(?m)^## (.+)\n+(.*)`)
	for _, page := range signInPages(t)[1:] {
		examples := heading.FindAllStringSubmatch(readAll(t, page), -1)
		if len(examples) == 0 {
			t.Errorf("%s has no example", page)
		}
		for _, example := range examples {
			if line := example[2]; !strings.HasPrefix(line, "**Tried**") && !strings.HasPrefix(line, "**Not tried") {
				t.Errorf("%s: the example %q does not say if it was tried: %q", page, example[1], line)
			}
		}
	}
}

// TestSignInExamplesAreAccepted parses every example of an environment in the pages on signing in. The settings that
// all examples share stand once on the page and are added here; the file of a secret is replaced by one that exists.
func TestSignInExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	fileFor := exampleFiles(t)
	blocks := 0
	for _, page := range signInPages(t) {
		for _, block := range fencedBlocks(readAll(t, page), "env") {
			blocks++
			var environ []string
			for _, name := range []string{"CREDENTIALS_FILE", "SECRET_KEY_FILE", "AUDIT_KEY_FILE"} {
				environ = append(environ, config.Prefix+name+"="+fileFor(config.Prefix+name, "any"))
			}
			for line := range strings.Lines(block) {
				name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
				if !ok || !strings.HasPrefix(name, config.Prefix) || value == "" {
					t.Errorf("%s: %q is not a setting with a value", page, line)
				}
				environ = append(environ, name+"="+fileFor(name, value))
			}
			if _, err := config.Parse(environ); err != nil {
				t.Errorf("%s: the example\n%s is refused: %v", page, block, err)
			}
		}
	}
	if blocks < 12 {
		t.Errorf("only %d examples were found: fence them as env", blocks)
	}
}

// exampleFiles returns a function that replaces the path in a variable of an example by that of a file that exists. It
// returns the values of other variables unchanged.
func exampleFiles(t *testing.T) func(variable, value string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"CREDENTIALS_FILE":  "{}\n",
		"AUDIT_KEY_FILE":    "c3b7e2904f6d18a5d0b3f79e6c2a8415\n",
		"DATABASE_URL_FILE": "postgres://voxwarden:secret@postgres/voxwarden?sslmode=disable\n",
		"secret":            "5d8a1f0c7e93b264f1c08e6a2b9d7350\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(variable, value string) string {
		name := strings.TrimPrefix(variable, config.Prefix)
		switch {
		case name == "AUDIT_WITNESS":
			return filepath.Join(dir, "witness")
		case !strings.HasSuffix(name, "_FILE"):
			return value
		}
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			path = filepath.Join(dir, "secret")
		}
		return path
	}
}

// TestDocsNameSettingsThatExist checks that every setting that a page names exists.
func TestDocsNameSettingsThatExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range config.Settings() {
		known[s.Name] = true
		if s.Secret {
			known[s.Name+"_FILE"] = true
		}
	}
	name := regexp.MustCompile(config.Prefix + `([A-Z]+(?:_[A-Z]+)*)`)
	for _, page := range append(signInPages(t), "docs/threat-model.md", "docs/asvs.md", "docs/operations.md") {
		for _, found := range name.FindAllStringSubmatch(readAll(t, page), -1) {
			if !known[found[1]] {
				t.Errorf("%s: there is no setting %s", page, found[0])
			}
		}
	}
}

// TestDocsNameFilesAndTestsThatExist checks that the files and tests that the pages on security name as evidence exist.
// A test is named with its package, session.TestLimits, or alone.
func TestDocsNameFilesAndTestsThatExist(t *testing.T) {
	t.Parallel()
	tests := testNames(t)
	quoted := regexp.MustCompile("`([^`\n]+)`")
	test := regexp.MustCompile(`(?:\b([a-z]+)\.)?\b((?:Test|Fuzz)[A-Z]\w*)`)
	for _, page := range []string{"docs/asvs.md", "docs/threat-model.md"} {
		text := readAll(t, page)
		files, named := 0, 0
		for _, found := range quoted.FindAllStringSubmatch(text, -1) {
			if !looksLikeFile(found[1]) {
				continue
			}
			files++
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(found[1]))); err != nil {
				t.Errorf("%s: there is no %s", page, found[1])
			}
		}
		for _, found := range test.FindAllStringSubmatch(text, -1) {
			named++
			pkg := found[1]
			if !slices.ContainsFunc(tests[found[2]], func(in string) bool { return pkg == "" || pkg == in }) {
				t.Errorf("%s: there is no test %s", page, found[0])
			}
		}
		if files < 10 || named < 10 {
			t.Errorf("%s: only %d files and %d tests were recognised", page, files, named)
		}
	}
}

// testNames returns, by the name of a test or fuzz target, the last parts of the folders that have one.
func testNames(t *testing.T) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	for _, file := range goFiles(t) {
		for _, declaration := range file.syntax.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && file.test && f.Recv == nil {
				tests[f.Name.Name] = append(tests[f.Name.Name], path.Base(file.dir))
			}
		}
	}
	return tests
}

// looksLikeFile reports whether a quoted text is meant as a path of this project: it begins with one of its folders, or
// is one of the files at the top.
func looksLikeFile(text string) bool {
	top := []string{
		"go.mod",
		"go.sum",
		"package.json",
		"package-lock.json",
		"Dockerfile",
		"Makefile",
		"README.md",
		"CONTRIBUTING.md",
		"CHANGELOG.md",
	}
	if slices.Contains(top, text) {
		return true
	}
	folder, _, ok := strings.Cut(text, "/")
	return ok && slices.Contains([]string{
		".ci",
		"cmd",
		"docs",
		"internal",
		"scripts",
		"static",
		"tools",
		"views",
	}, folder)
}

// fencedBlocks returns the contents of the fenced blocks of a language in a page.
func fencedBlocks(page, language string) []string {
	var blocks []string
	for _, rest := range strings.Split(page, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		blocks = append(blocks, block)
	}
	return blocks
}
