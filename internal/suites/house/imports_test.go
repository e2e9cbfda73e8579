// Package house holds the rules of the code base as tests: allowed imports, forbidden constructs, the words of comments
// and documents, and whether documents name what exists.
package house

import (
	"slices"
	"strings"
	"testing"
)

// module is the prefix of our own packages.
const module = "github.com/voxwarden/voxwarden/"

// allowedImports lists the packages of this module that each package may import directly, beside leaves. A folder that
// ends in / stands for all below it. Programs under cmd, test files and test helpers may import everything.
var allowedImports = map[string][]string{
	"internal/access":     {},
	"internal/csvsafe":    {},
	"internal/operator":   {},
	"internal/config":     {},
	"internal/voxapi":     {},
	"internal/voxsim":     {},
	"internal/store":      {},
	"internal/policy":     {},
	"internal/rolefacts":  {},
	"internal/audit":      {"internal/store"},
	"internal/session":    {"internal/store"},
	"internal/identity":   {"internal/session"},
	"internal/licenses":   {},
	"internal/logqueue":   {},
	"internal/metrics":    {"internal/voxapi"},
	"internal/directory":  {"internal/voxapi"},
	"internal/operations": {"internal/policy", "internal/audit", "internal/directory", "internal/voxapi"},
	"internal/bulk": {
		"internal/operations",
		"internal/policy",
		"internal/audit",
		"internal/directory",
		"internal/store",
	},
	"internal/lifecycle": {"internal/operations", "internal/directory", "internal/audit"},
	"internal/drift": {
		"internal/operations",
		"internal/audit",
		"internal/directory",
		"internal/store",
		"internal/voxapi",
	},
	"internal/handlers": {
		"internal/operations", "internal/bulk", "internal/directory", "internal/drift",
		"internal/audit", "internal/identity", "internal/session",
		"internal/policy", "views/", "static",
	},
	"internal/licenses/generate": {"internal/licenses"},

	"static":        {},
	"views/ui":      {"static"},
	"views/page":    {"static", "views/ui"},
	"views/gallery": {"views/", "internal/policy"},
	"views/search":  {"views/page", "views/ui", "internal/policy"},
	"views/":        {"views/page", "views/ui"},
}

// leaves may be imported by every package; internal/config for its Secret.
var leaves = []string{
	"internal/access",
	"internal/csvsafe",
	"internal/operator",
	"internal/config",
	"internal/rolefacts",
}

// allowedModules lists the other modules that a package may import, where that is limited.
var allowedModules = map[string][]string{
	"internal/voxapi": {"github.com/golang-jwt/jwt/v5", "golang.org/x/"},
	"internal/voxsim": {"github.com/golang-jwt/jwt/v5"},
	"internal/policy": {},
	"views/":          {"github.com/a-h/templ"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		if file.test || file.helper || strings.HasPrefix(file.dir, "cmd/") {
			continue
		}
		rules, known := lookup(allowedImports, file.dir)
		if !known {
			t.Errorf("%s: add the folder %s to allowedImports", file.path, file.dir)
			continue
		}
		for _, path := range file.imports {
			own, isOwn := strings.CutPrefix(path, module)
			switch {
			case isOwn && !slices.Contains(leaves, own) && !matches(rules, own):
				t.Errorf("%s must not import %s", file.path, own)
			case !isOwn && strings.Contains(path, "."):
				if limits, limited := lookup(allowedModules, file.dir); limited && !matches(limits, path) {
					t.Errorf("%s must not import %s", file.path, path)
				}
			case strings.HasPrefix(file.dir, "views/") && path == "net/http":
				t.Errorf("%s: a view must not import net/http", file.path)
			}
		}
	}
}

// lookup returns the entry of a folder: its own, else that of the nearest folder above it that ends in /.
func lookup(table map[string][]string, dir string) ([]string, bool) {
	if rules, ok := table[dir]; ok {
		return rules, true
	}
	for at := strings.LastIndex(dir, "/"); at > 0; at = strings.LastIndex(dir[:at], "/") {
		if rules, ok := table[dir[:at+1]]; ok {
			return rules, true
		}
	}
	return nil, false
}

// matches reports whether a path is listed, itself or by a folder above it.
func matches(list []string, path string) bool {
	return slices.ContainsFunc(list, func(rule string) bool {
		return path == rule || strings.HasPrefix(path, strings.TrimSuffix(rule, "/")+"/")
	})
}
