package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// root is the project's folder, seen from this package.
const root = "../../.."

// goFile is one parsed Go file of the project.
type goFile struct {
	path    string // from the root, with slashes
	dir     string
	test    bool // a _test.go file
	helper  bool // in a package that only tests import
	imports []string
	syntax  *ast.File
	fset    *token.FileSet
}

// goFiles parses every Go file of the project.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parse(path)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files were found: the walk is wrong", len(files))
	}
	return files
}

func parse(path string) (goFile, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
	if err != nil {
		return goFile{}, err
	}
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return goFile{}, err
	}
	relative = filepath.ToSlash(relative)
	dir := filepath.ToSlash(filepath.Dir(relative))
	file := goFile{path: relative, dir: dir, syntax: syntax, fset: fset, test: strings.HasSuffix(path, "_test.go")}
	file.helper = strings.HasPrefix(dir, "internal/testkit/") || strings.HasPrefix(dir, "internal/suites/")
	for _, spec := range syntax.Imports {
		value, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return goFile{}, err
		}
		file.imports = append(file.imports, value)
	}
	return file, nil
}

// readAll reads a file of the project as text.
func readAll(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
