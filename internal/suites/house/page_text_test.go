package house

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exemptTexts lists the texts of internal/handlers that no page shows. An empty literal stands for the whole file.
var exemptTexts = []struct{ file, literal, why string }{
	{"curl.go", "", "it writes shell"},
	{"export_*.go", "", "heads and cells of files that other programs read"},
	{"middleware.go", "", "values of headers"},
	{"notices.go", "search: ", "the audit log's word for the filter"},
	{"notices.go", "role: ", "the audit log's word for the filter"},
	{"notices.go", "owner: ", "the audit log's word for the filter"},
	{"overview.go", "Owner", "the vendor's name for a role"},
}

// TestHandlersContainNoPageText keeps the texts of pages below views, beside their templates. A handler passes the
// names and numbers that a text needs.
func TestHandlersContainNoPageText(t *testing.T) {
	t.Parallel()
	used := map[int]bool{}
	for _, file := range goFiles(t) {
		if file.dir != "internal/handlers" || file.test {
			continue
		}
		for _, literal := range pageTexts(file.syntax) {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !looksLikeText(text) {
				continue
			}
			excused := slices.IndexFunc(exemptTexts, func(e struct{ file, literal, why string }) bool {
				fits, err := path.Match(e.file, path.Base(file.path))
				return err == nil && fits && (e.literal == "" || e.literal == text)
			})
			if used[excused] = true; excused < 0 {
				line := file.fset.Position(literal.Pos()).Line
				t.Errorf("%s:%d: %q is the text of a page: move it to the page's package below views", file.path, line, text)
			}
		}
	}
	for i, e := range exemptTexts {
		if !used[i] {
			t.Errorf("%s needs no exemption any more (%s): remove it from exemptTexts", e.file, e.why)
		}
	}
}

// pageTexts returns the string literals of a file that a page may show: not those of imports, log messages, errors,
// headers and addresses.
func pageTexts(file *ast.File) []*ast.BasicLit {
	var found []*ast.BasicLit
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.FuncDecl:
			return n.Name.Name != "Error"
		case *ast.CallExpr:
			return !isExemptCall(n)
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// isExemptCall reports whether no page shows the arguments of a call: errors.New and fmt.Errorf, any method of a
// Logger, App.logSessionEvent, and Set of headers and queries.
func isExemptCall(call *ast.CallExpr) bool {
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if receiver, ok := fun.X.(*ast.SelectorExpr); ok && receiver.Sel.Name == "Logger" {
		return true
	}
	return fun.Sel.Name == "logSessionEvent" || fun.Sel.Name == "Set" ||
		slices.Contains([]string{"errors.New", "fmt.Errorf"}, selector(fun))
}

// A text for people begins like a sentence or is a label of one word; or it is words in a row; or it is a fragment of a
// sentence.
var (
	sentence       = regexp.MustCompile(`^[A-Z].* |^[A-Z][a-z]+$`)
	lowercaseWords = regexp.MustCompile(`^[a-z']+(,? [a-z']+)+$`)
	textFragment   = regexp.MustCompile(`^ .*[a-z]|[a-z].* $|[a-z].*\.$|[“”]`)
)

func looksLikeText(text string) bool {
	oneLine := strings.ReplaceAll(text, "\n", " ")
	return sentence.MatchString(text) || lowercaseWords.MatchString(text) || textFragment.MatchString(oneLine)
}

// TestLooksLikeText checks looksLikeText with texts that were once in a handler, and with literals that may be there.
func TestLooksLikeText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Nothing was changed.":    true,
		"The roles of ":           true,
		" was deleted":            true,
		"Edit":                    true,
		"done in part":            true,
		"change was":              true,
		" of a subuser":           true,
		"From “":                  true,
		"key ":                    true,
		"Read back at ":           true,
		"under way":               true,
		"subuser":                 false,
		"/subusers/new":           false,
		"Content-Type":            false,
		"text/csv; charset=utf-8": false,
		"; ":                      false,
		"":                        false,
		"last-owner":              false,
		"/audit.csv":              false,
		"&":                       false,
		", ":                      false,
	} {
		if looksLikeText(text) != want {
			t.Errorf("looksLikeText(%q) = %t, want %t", text, !want, want)
		}
	}
}
