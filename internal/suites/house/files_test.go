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
	"sync"
	"testing"
)

// root is the path of the project's folder from this package.
const root = "../../.."

// goFile is one parsed Go file of the project.
type goFile struct {
	path    string // relative to root, with slashes
	dir     string
	test    bool // a _test.go file
	helper  bool // in a package that only tests import
	source  string
	imports []string
	syntax  *ast.File
	fset    *token.FileSet
}

// goFiles returns every Go file of the project.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	files, err := parsedFiles()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files were found: the walk is wrong", len(files))
	}
	return files
}

// parsedFiles parses all Go files once for all tests, which only read the result.
var parsedFiles = sync.OnceValues(func() ([]goFile, error) {
	var files []goFile
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		skipped := name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".")
		if entry.IsDir() && path != root && skipped {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parse(path)
		files = append(files, file)
		return err
	})
	return files, err
})

func parse(path string) (goFile, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return goFile{}, err
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, path, source, parser.ParseComments)
	if err != nil {
		return goFile{}, err
	}
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return goFile{}, err
	}
	relative = filepath.ToSlash(relative)
	dir := filepath.ToSlash(filepath.Dir(relative))
	file := goFile{
		path:   relative,
		dir:    dir,
		test:   strings.HasSuffix(path, "_test.go"),
		helper: strings.HasPrefix(dir, "internal/testkit/") || strings.HasPrefix(dir, "internal/suites/"),
		source: string(source),
		syntax: syntax,
		fset:   fset,
	}
	for _, spec := range syntax.Imports {
		value, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return goFile{}, err
		}
		file.imports = append(file.imports, value)
	}
	return file, nil
}

// readAll returns the text of a file of the project.
func readAll(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
