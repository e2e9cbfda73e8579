package house

import (
	"go/ast"
	"io/fs"
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
				environ = append(environ, name+"="+fileFor(name, strings.Trim(value, "'")))
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

// TestDocumentedSettingsCanBePasted: what documents show as a line of a file with settings means the same for systemd,
// compose and a shell, which would run the second word of a value without quotes, or what is behind a |.
func TestDocumentedSettingsCanBePasted(t *testing.T) {
	t.Parallel()
	setting := regexp.MustCompile(`(?m)^(VOXWARDEN_[A-Z_]+)=(.*)$`)
	found := 0
	for _, page := range documents(t) {
		for _, line := range setting.FindAllStringSubmatch(readAll(t, page), -1) {
			found++
			if value := strings.Trim(line[2], "'"); line[2] != config.ShellWord(value) {
				t.Errorf("%s: write %s=%s", page, line[1], config.ShellWord(value))
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d settings were found", found)
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

// documents returns the paths of all documents: those at the top of the project, and those in docs.
func documents(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		paths[i] = filepath.Base(path)
	}
	err = fs.WalkDir(os.DirFS(root), "docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) < 50 {
		t.Fatalf("%d documents were found: %v", len(paths), err)
	}
	return paths
}

// TestDocsNameSettingsThatExist checks that every setting that a document names exists.
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
	for _, page := range documents(t) {
		for _, found := range name.FindAllStringSubmatch(readAll(t, page), -1) {
			if !known[found[1]] && found[0] != "VOXWARDEN_VERSION" { // the one variable of the compose files
				t.Errorf("%s: there is no setting %s", page, found[0])
			}
		}
	}
}

// TestDocsNameMetricsThatExist checks that every metric in a document exists, and that operations.md explains each one.
func TestDocsNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	labels := metricLabels(t)
	quoted := regexp.MustCompile("`(voxwarden_[a-z_]+)[`{]")
	for _, page := range documents(t) {
		for _, found := range quoted.FindAllStringSubmatch(readAll(t, page), -1) {
			if labels[found[1]] == nil && labels[found[1]+"_count"] == nil {
				t.Errorf("%s: there is no metric %s", page, found[1])
			}
		}
	}
	for name := range labels {
		name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")
		if name != "up" && !strings.Contains(readAll(t, "docs/operations.md"), "\n| `"+name+"` | ") {
			t.Errorf("docs/operations.md does not explain %s", name)
		}
	}
}

// TestDocsLinksLead checks that the file and the heading of every relative link exist.
func TestDocsLinksLead(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^()\s]+)\)`)
	for _, page := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(readAll(t, page), -1) {
			if strings.Contains(found[1], ":") {
				continue
			}
			file, anchor, _ := strings.Cut(found[1], "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, found[1])
			} else if anchor != "" && !slices.Contains(anchors(readAll(t, target)), anchor) {
				t.Errorf("%s: %s has no heading #%s", page, target, anchor)
			}
		}
	}
}

// anchors returns the fragments that GitHub gives to the headings of a document.
func anchors(document string) []string {
	heading := regexp.MustCompile("(?m)^#+ (.+)$")
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	var found []string
	for _, match := range heading.FindAllStringSubmatch(document, -1) {
		text := dropped.ReplaceAllString(strings.ToLower(match[1]), "")
		found = append(found, strings.ReplaceAll(text, " ", "-"))
	}
	return found
}

// TestDocsNameCommandsThatExist checks that every command of server that a document or a package names exists, with its
// flags, and every target of make.
func TestDocsNameCommandsThatExist(t *testing.T) {
	t.Parallel()
	commands := serverCommands(t)
	target := regexp.MustCompile(`\bmake ([a-z-]+)`)
	makefile := readAll(t, "Makefile")
	named := 0
	pages := append(documents(t),
		"packaging/compose/compose.yaml",
		"packaging/compose/postgres.yaml",
		"packaging/kubernetes/voxwarden.yaml",
		"packaging/prometheus/rules.yaml",
	)
	for _, page := range pages {
		// In the packages, commands are indented in comments.
		for _, line := range codeLines(strings.ReplaceAll(readAll(t, page), "\n#   ", "\n    ")) {
			for _, found := range target.FindAllStringSubmatch(line, -1) {
				if !strings.Contains(makefile, "\n"+found[1]+":") {
					t.Errorf("%s: make has no target %s", page, found[1])
				}
			}
			arguments, ok := serverArguments(line)
			if !ok {
				continue
			}
			named++
			command := strings.Join(arguments[:min(2, len(arguments))], " ")
			if commands[command] == nil {
				command, _, _ = strings.Cut(command, " ")
			}
			if strings.HasPrefix(command, "-") {
				command = ""
			}
			flags, exists := commands[command]
			if !exists {
				t.Errorf("%s: there is no command %q: %s", page, command, line)
			}
			for _, argument := range arguments {
				name, _, _ := strings.Cut(strings.TrimLeft(argument, "-"), "=")
				if strings.HasPrefix(argument, "-") && name != "h" && !slices.Contains(flags, name) {
					t.Errorf("%s: server %s has no flag %s: %s", page, command, argument, line)
				}
			}
		}
	}
	if named < 60 {
		t.Errorf("only %d commands were recognised", named)
	}
}

// TestTroubleshootingQuotesMessages checks that the table of symptoms quotes messages that exist.
func TestTroubleshootingQuotesMessages(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, file := range goFiles(t) {
		if !file.test {
			source.WriteString(file.source)
		}
	}
	quoted := regexp.MustCompile("[`\"]([^`\"…]+)(?: …)?[`\"]")
	symptoms := 0
	for line := range strings.Lines(readAll(t, "docs/troubleshooting.md")) {
		symptom, isRow := strings.CutPrefix(line, "| ")
		symptom, _, linked := strings.Cut(symptom, " | [")
		if !isRow || !linked {
			continue
		}
		symptoms++
		for _, found := range quoted.FindAllStringSubmatch(symptom, -1) {
			if !strings.Contains(source.String(), found[1]) {
				t.Errorf("no message contains %q", found[1])
			}
		}
	}
	if symptoms < 10 {
		t.Errorf("only %d symptoms were recognised", symptoms)
	}
}

// codeLines returns the quoted texts of a document and the lines of its blocks without a language, without comments.
func codeLines(document string) []string {
	var lines []string
	quoted := regexp.MustCompile("`([^`\n]+)`|\"(server [^\"\n]+)\"")
	inside, language := false, ""
	for line := range strings.Lines(strings.ReplaceAll(document, "\\\n", " ")) {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			inside = !inside
			language = strings.Trim(line, "` \n")
		case inside && language != "":
			continue // the configuration of another program
		case inside || strings.HasPrefix(line, "    "):
			line, _, _ = strings.Cut(line, " #")
			lines = append(lines, strings.TrimSpace(line))
		default:
			for _, found := range quoted.FindAllStringSubmatch(line, -1) {
				lines = append(lines, found[1]+found[2])
			}
		}
	}
	return lines
}

// serverArguments returns the arguments of a call of the program: as server, as the command voxwarden of the packages,
// or in a container. ok is false for every other line, and for the name of the program alone.
func serverArguments(line string) (arguments []string, ok bool) {
	words := strings.Fields(strings.TrimPrefix(strings.TrimPrefix(line, "$ "), "sudo "))
	if line == "voxwarden record chain" { // an input of the key derivation
		return nil, false
	}
	if len(words) > 1 && slices.Contains([]string{"server", "bin/server", "./server", "voxwarden"}, words[0]) {
		return words[1:], true
	}
	if len(words) > 0 && (words[0] == "docker" || words[0] == "kubectl") {
		for i, word := range words {
			image := word == "voxwarden" || strings.Contains(word, "/voxwarden:")
			inImage := image && slices.Contains(words, "run")
			if (inImage || word == "/server") && i+1 < len(words) {
				return words[i+1:], true
			}
		}
	}
	return nil, false
}

// serverCommands returns the flags of each command of server, by its name, which is "" for the console itself.
func serverCommands(t *testing.T) map[string][]string {
	t.Helper()
	flags := map[string][]string{}
	for _, file := range goFiles(t) {
		if file.dir != "cmd/server" || file.test {
			continue
		}
		for _, declaration := range file.syntax.Decls {
			if name, found := flagSet(declaration); name != "" {
				flags[strings.TrimPrefix(strings.TrimPrefix(name, "server"), " ")] = found
			}
		}
	}
	commands := map[string][]string{"": flags[""]}
	_, usage, _ := strings.Cut(readAll(t, "cmd/server/flags.go"), "\nCommands:\n")
	usage, _, _ = strings.Cut(usage, "\nFlags:\n")
	for _, found := range regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z-]+)?)`).FindAllStringSubmatch(usage, -1) {
		name := found[1]
		group, _, _ := strings.Cut(name, " ")
		commands[name] = append(slices.Concat(flags[name], flags[group+" "]), "help")
	}
	if len(commands) < 14 {
		t.Fatalf("the commands are not recognised: %v", commands)
	}
	return commands
}

// flagSet returns the name and the flags of the flag set that a function makes. A name that ends in a space belongs to
// several commands.
func flagSet(declaration ast.Decl) (name string, flags []string) {
	text := func(e ast.Expr) string {
		if sum, ok := e.(*ast.BinaryExpr); ok {
			e = sum.X
		}
		if literal, ok := e.(*ast.BasicLit); ok {
			return strings.Trim(literal.Value, `"`)
		}
		return ""
	}
	ast.Inspect(declaration, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			if receiver, ok := method.X.(*ast.Ident); ok && receiver.Name == "set" && len(n.Args) > 1 {
				flags = append(flags, text(n.Args[0]), text(n.Args[1]))
			}
			if method.Sel.Name == "NewFlagSet" {
				name = text(n.Args[0])
			}
		case *ast.KeyValueExpr:
			flags = append(flags, text(n.Key))
		}
		return true
	})
	return name, flags
}

// TestDocsNameFilesAndTestsThatExist checks that the files and tests that a document names exist. A * and <name> stand
// for any text. A test is named with its package, session.TestLimits, or alone.
func TestDocsNameFilesAndTestsThatExist(t *testing.T) {
	t.Parallel()
	tests := testNames(t)
	quoted := regexp.MustCompile("`([^`\n]+)`")
	anyText := regexp.MustCompile(`<[^>]*>`)
	test := regexp.MustCompile(`(?:\b([a-z]+)\.)?\b((?:Test|Fuzz)[A-Z]\w*)`)
	for _, page := range documents(t) {
		text := readAll(t, page)
		files, named := 0, 0
		for _, found := range quoted.FindAllStringSubmatch(text, -1) {
			if !looksLikeFile(found[1]) {
				continue
			}
			files++
			pattern := anyText.ReplaceAllString(found[1], "*")
			exist, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
			if err != nil || len(exist) == 0 {
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
		evidence := page == "docs/asvs.md" || page == "docs/threat-model.md"
		if evidence && (files < 10 || named < 10) {
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
		".goreleaser.yaml",
		"NOTICE",
		"LICENSE",
		"SECURITY.md",
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
		"packaging",
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
