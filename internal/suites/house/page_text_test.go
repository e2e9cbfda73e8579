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

// exemptTexts are the texts of internal/handlers that no page shows. literal "" stands for all of a file.
var exemptTexts = []struct{ file, literal, why string }{
	{"curl.go", "", "it writes shell"},
	{"export_*.go", "", "heads and cells of files that other programs read"},
	{"middleware.go", "", "values of headers"},
	{"notices.go", "search: ", "the record's own word for what was filtered"},
	{"notices.go", "role: ", "the record's own word for what was filtered"},
	{"overview.go", "Owner", "the vendor's name for a role"},
}

// TestHandlersContainNoPageText keeps what pages say below views: a handler decides what is said and hands over the
// names and numbers for it. Whoever wants to read or mend the words of a page finds them beside its template.
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
				t.Errorf(
					"%s:%d: %q is said by a page: let its package below views say it",
					file.path,
					file.fset.Position(literal.Pos()).Line,
					text,
				)
			}
		}
	}
	for i, e := range exemptTexts {
		if !used[i] {
			t.Errorf("nothing in %s needs to be excused any more: %s", e.file, e.why)
		}
	}
}

// pageTexts are the string literals of a file that may end up on a page: not those of imports, and not what is
// said to the log, in an error, in a header or in an address.
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

// isExemptCall tells calls whose texts no page shows by what is called: errors.New and fmt.Errorf, any method of a
// Logger and App.logSessionEvent, and Set of headers and queries.
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

// What a text looks like that is for people: it begins as a sentence or is a label of one word; it is words in a row;
// or it is a piece that a sentence is put together from.
var (
	sentence       = regexp.MustCompile(`^[A-Z].* |^[A-Z][a-z]+$`)
	lowercaseWords = regexp.MustCompile(`^[a-z']+(,? [a-z']+)+$`)
	textFragment   = regexp.MustCompile(`^ .*[a-z]|[a-z].* $|[a-z].*\.$|[“”]`)
)

func looksLikeText(text string) bool {
	return sentence.MatchString(text) || lowercaseWords.MatchString(text) || textFragment.MatchString(strings.ReplaceAll(
		text,
		"\n",
		" ",
	))
}

// TestLooksLikeText holds the eye of the test above to what was once in a handler, and to what may be there.
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
			t.Errorf("%q is taken for text: %t", text, !want)
		}
	}
}
