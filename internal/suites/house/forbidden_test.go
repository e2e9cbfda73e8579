package house

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestForbiddenConstructs looks for constructs that are unsafe or hard to follow.
func TestForbiddenConstructs(t *testing.T) {
	t.Parallel()
	environmentFunctions := []string{"os.Getenv", "os.LookupEnv", "os.Environ"}
	for _, file := range goFiles(t) {
		if file.test || strings.HasSuffix(file.path, "_templ.go") {
			continue
		}
		environment := file.dir == "internal/config" || strings.HasPrefix(file.dir, "cmd/") || file.helper
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			at := func(n ast.Node) string { return file.path + ":" + file.fset.Position(n.Pos()).String() }
			switch n := node.(type) {
			case *ast.SelectorExpr:
				switch name := selector(n); {
				case name == "templ.Raw":
					t.Errorf("%s: templ.Raw puts text on the page unescaped", at(n))
				case name == "csv.NewWriter" && file.dir != "internal/csvsafe":
					t.Errorf("%s: use csvsafe.NewWriter, which keeps cells from becoming formulas", at(n))
				case slices.Contains(environmentFunctions, name) && !environment:
					t.Errorf("%s: only internal/config and cmd may read the environment", at(n))
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: init() runs without being called; make it a function", at(n))
				}
			}
			return true
		})
	}
}

// TestNoMutablePackageVariables allows only variables that the program does not change: errors, compiled patterns,
// embedded files, interface checks and the version, which the linker sets.
func TestNoMutablePackageVariables(t *testing.T) {
	t.Parallel()
	constant := []string{
		"errors.New",
		"regexp.MustCompile",
		"template.Must",
		"fmt.Errorf",
		"sync.OnceValue",
		"strings.NewReplacer",
	}
	for _, file := range goFiles(t) {
		if file.test || strings.HasSuffix(file.path, "_templ.go") {
			continue
		}
		for _, declaration := range file.syntax.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				embedded := group.Doc != nil && strings.Contains(allText(group.Doc), "//go:embed") ||
					value.Doc != nil && strings.Contains(allText(value.Doc), "//go:embed")
				fromLinker := file.path == "cmd/server/version.go" && value.Names[0].Name == "release"
				if embedded || fromLinker || value.Names[0].Name == "_" {
					continue
				}
				for _, v := range value.Values {
					call, isCall := v.(*ast.CallExpr)
					flag := isCall && file.helper && selector(call.Fun) == "flag.Bool" // the testing package parses it
					if !flag && (!isCall || !slices.Contains(constant, selector(call.Fun))) {
						t.Errorf(
							"%s: package variable %s can be changed; make it a function or a constant",
							file.path,
							value.Names[0].Name,
						)
					}
				}
				if len(value.Values) == 0 {
					t.Errorf("%s: package variable %s has no value of its own", file.path, value.Names[0].Name)
				}
			}
		}
	}
}

// TestNothingSecretIsCommitted looks for private keys and signed tokens in every file of the project.
func TestNothingSecretIsCommitted(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile(
		`-----BEGIN [A-Z ]*PRIVATE KEY-----\\?n?\s*[A-Za-z0-9+/]{40}` +
			`|eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}`,
	)
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		skip := []string{"node_modules", ".git", "bin", "shots", "lib", ".dev"}
		if entry.IsDir() {
			if slices.Contains(skip, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := secret.Find(data); found != nil {
			t.Errorf("%s contains what looks like a secret", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// selector returns "a.b" for a selector expression a.b, and "" for anything else.
func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + s.Sel.Name
}

// allText returns a comment group with its directives, which CommentGroup.Text leaves out.
func allText(group *ast.CommentGroup) string {
	var text strings.Builder
	for _, comment := range group.List {
		text.WriteString(comment.Text + "\n")
	}
	return text.String()
}
