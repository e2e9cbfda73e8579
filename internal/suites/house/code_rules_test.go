package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestGoLinesAreAtMost120Columns counts a tab as one column. Generated code has its own widths.
func TestGoLinesAreAtMost120Columns(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file.path, "_templ.go") {
			continue
		}
		number := 0
		for line := range strings.Lines(file.source) {
			number++
			if columns := utf8.RuneCountInString(strings.TrimRight(line, "\n")); columns > 120 {
				t.Errorf("%s:%d: %d columns; break it, one field or argument a line", file.path, number, columns)
			}
		}
	}
}

// TestRoleGraphIsWalkedInOnePlace allows the ids of a role's parents and children only in the role graph, in the client
// and the simulator, and in the conversion between them.
func TestRoleGraphIsWalkedInOnePlace(t *testing.T) {
	t.Parallel()
	allowed := []string{"internal/access", "internal/voxapi", "internal/voxsim"}
	conversion := []string{"internal/directory/catalogue.go", "internal/directory/role_index.go"}
	inspectOwnCode(t, func(file goFile, node ast.Node, at string) {
		s, ok := node.(*ast.SelectorExpr)
		if !ok || slices.Contains(allowed, file.dir) || slices.Contains(conversion, file.path) {
			return
		}
		if slices.Contains([]string{"ChildIDs", "ParentIDs", "ParentRoleID", "ChildRoleIDs"}, s.Sel.Name) {
			t.Errorf("%s reads %s: use access.RoleGraph", at, s.Sel.Name)
		}
	})
}

// TestVendorErrorCodesAreInOneTable looks for numbers that are compared with a field Code, listed in a call that has
// one as an argument, or listed in a switch over one. 0 is no code.
func TestVendorErrorCodesAreInOneTable(t *testing.T) {
	t.Parallel()
	inspectOwnCode(t, func(file goFile, node ast.Node, at string) {
		if file.dir == "internal/voxapi" || file.dir == "internal/voxsim" || strings.HasPrefix(file.dir, "views/gallery") {
			return
		}
		var values []ast.Node
		switch n := node.(type) {
		case *ast.BinaryExpr:
			if isCode(n.X) || isCode(n.Y) {
				values = []ast.Node{n.X, n.Y}
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && isCode(n.Tag) {
				for _, clause := range n.Body.List {
					for _, value := range clause.(*ast.CaseClause).List {
						values = append(values, value)
					}
				}
			}
		case *ast.CallExpr:
			if slices.ContainsFunc(n.Args, isCode) {
				for _, argument := range n.Args {
					if list, ok := argument.(*ast.CompositeLit); ok {
						values = append(values, list)
					}
				}
			}
		}
		for _, value := range values {
			ast.Inspect(value, func(inner ast.Node) bool {
				if number, ok := inner.(*ast.BasicLit); ok && number.Kind == token.INT && number.Value != "0" {
					t.Errorf("%s lists code %s: put the question into the table of codes in internal/voxapi", at, number.Value)
				}
				return true
			})
		}
	})
}

// isCode reports whether an expression is a field or variable that holds a vendor's error code.
func isCode(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name == "Code"
	case *ast.Ident:
		return e.Name == "code"
	default:
		return false
	}
}

// likeOnJSON matches a LIKE on a column that holds JSON.
var likeOnJSON = regexp.MustCompile(`(?i)\b(intent|body)\b[\s)]*(NOT\s+)?LIKE\b`)

// TestNoLikeOnJSON keeps queries off the inside of JSON columns, where a pattern finds text in the wrong field: what is
// searched has a table of its own.
func TestNoLikeOnJSON(t *testing.T) {
	t.Parallel()
	inspectOwnCode(t, func(_ goFile, node ast.Node, at string) {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		if found := likeOnJSON.FindString(text); found != "" {
			t.Errorf("%s: %q searches JSON: use operation_targets or operation_roles", at, found)
		}
	})
	for _, path := range textFiles(t) {
		if !strings.HasSuffix(path, ".sql") {
			continue
		}
		if found := likeOnJSON.FindString(readAll(t, path)); found != "" {
			t.Errorf("%s: %q searches JSON", path, found)
		}
	}
}

// inspectOwnCode calls f for each node of each hand-written Go file that is no test and no test helper. at is the place
// of the node.
func inspectOwnCode(t *testing.T, f func(file goFile, node ast.Node, at string)) {
	t.Helper()
	for _, file := range goFiles(t) {
		if file.test || file.helper || strings.HasSuffix(file.path, "_templ.go") {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			if node != nil {
				f(file, node, file.path+":"+strconv.Itoa(file.fset.Position(node.Pos()).Line))
			}
			return true
		})
	}
}
