package bulk

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// importTable is the content of an imported file.
type importTable struct {
	subusers       []newSubuser
	ignoredColumns []string
	hasRoles       bool // a column is for the roles
}

// column is the meaning of a column of the file.
type column int

const (
	unused column = iota
	loginColumn
	descriptionColumn
	rolesColumn
)

// readFile reads a table with the columns login, description and roles, in any order and with any separator that
// spreadsheet programs write. A problem with one line is reported in that line's newSubuser. It returns a *FileProblem
// when the file is not such a table.
func readFile(file []byte) (importTable, error) {
	text, err := decode(file)
	if err != nil {
		return importTable{}, err
	}
	text, named := cutSeparatorLine(text)
	separator, err := separatorOf(text, named)
	if err != nil {
		return importTable{}, err
	}
	reader := newTableReader(text, separator)
	head, at, _ := reader.next() // separatorOf has read it without an error
	columns, err := columnsOf(head, at)
	if err != nil {
		return importTable{}, err
	}
	table := importTable{hasRoles: slices.Contains(columns, rolesColumn)}
	filled := make([]bool, len(columns)) // some line has a text in this column
	for {
		cells, line, err := reader.next()
		if problem, ok := errors.AsType[*FileProblem](err); ok {
			return importTable{}, problem
		}
		switch {
		case errors.Is(err, io.EOF) && len(table.subusers) == 0:
			return importTable{}, &FileProblem{Text: "The file has column names, but no lines below them."}
		case errors.Is(err, io.EOF):
			table.ignoredColumns = ignoredColumns(head, columns, filled)
			return table, nil
		case errors.Is(err, errOpenQuote):
			return importTable{}, &FileProblem{
				Line: line,
				Text: "A quotation mark in this line is never closed. The rest of the file cannot be read.",
			}
		case len(table.subusers) == MaxItems:
			return importTable{}, &FileProblem{
				Line: line,
				Text: fmt.Sprintf("The file has more than %d lines below the column names. Split it.", MaxItems),
			}
		case err != nil:
			problem := fmt.Sprintf(
				"A quotation mark in line %d is out of place. Put the whole cell in quotation marks and double the one in it.",
				line,
			)
			table.subusers = append(table.subusers, newSubuser{line: line, problem: problem})
		default:
			table.subusers = append(table.subusers, parseLine(cells, columns, line))
			for i, cell := range cells[:min(len(cells), len(filled))] {
				filled[i] = filled[i] || isFilled(cell)
			}
		}
	}
}

// separatorLine is a first line that names the separator: Excel writes, obeys and hides it. Another program that opened
// and saved the file adds separators behind it.
var separatorLine = regexp.MustCompile(`^\s*"?(?i:sep)=(\\t|[^"\n])?"?[,;|\t ]*$`)

// cutSeparatorLine returns the text without the content of a first line such as sep=; and the separator that it names,
// 0 for none. The line end stays, so that the numbers of the lines do.
func cutSeparatorLine(text string) (rest string, named rune) {
	begin := len(text) - len(strings.TrimLeft(text, "\n"))
	first, rest, _ := strings.Cut(text[begin:], "\n")
	found := separatorLine.FindStringSubmatch(first)
	if found == nil {
		return text, 0
	}
	if found[1] == `\t` {
		found[1] = "\t"
	}
	for _, c := range found[1] {
		named = c
	}
	return text[:begin] + "\n" + strings.TrimLeftFunc(rest, isFormat), named
}

// separatorOf returns the separator with which the first line that is not blank has a column for the login: the named
// one, or the one that gives the most columns.
func separatorOf(text string, named rune) (rune, error) {
	var (
		best     rune
		columns  int
		nonBlank bool
		tooLong  *FileProblem
		names    []string // read with the separator that gives the most of them
		line     = 1
	)
	for _, separator := range []rune{named, ',', ';', '\t', '|'} {
		if separator == 0 {
			continue
		}
		head, at, err := newTableReader(text, separator).next()
		nonBlank = nonBlank || !errors.Is(err, io.EOF)
		if problem, ok := errors.AsType[*FileProblem](err); ok && (tooLong == nil || problem.Text == tooManyColumns()) {
			tooLong = problem
		}
		if err != nil {
			continue
		}
		if len(head) > len(names) {
			names, line = head, at
		}
		if slices.ContainsFunc(head, func(name string) bool { return columnOf(name) == loginColumn }) && len(head) > columns {
			best, columns = separator, len(head)
			if separator == named {
				break
			}
		}
	}
	switch {
	case !nonBlank:
		return 0, &FileProblem{Text: "The file is empty."}
	case best == 0 && tooLong != nil:
		return 0, tooLong
	case best == 0:
		return 0, &FileProblem{
			Line: line,
			Text: "The first line must contain the column names, separated by commas, semicolons or tabs. One column must be " +
				"called login." + namesInFile(names),
		}
	default:
		return best, nil
	}
}

// namesInFile returns a sentence with the column names that were read, "" when there are none.
func namesInFile(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !isFilled(name) })
	if len(names) == 0 {
		return ""
	}
	var quoted []string
	for _, name := range names[:min(len(names), maxQuotedNames)] {
		quoted = append(quoted, quote(name))
	}
	list := strings.Join(quoted, ", ")
	if more := len(names) - len(quoted); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return " The names in the file are: " + list + "."
}

// columnOf returns the meaning of a column by its name. Case, accents, spaces, dashes and such do not count; tabs do,
// because they may be separators. The names are those of the console's exports, and words of English, German, French,
// Spanish and Russian tables.
func columnOf(name string) column {
	key := strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return c
		case csvsafe.IsInvisible(c), unicode.In(c, unicode.Pd, unicode.Mn), strings.ContainsRune(`_.:*()'’"`, c):
			return -1
		default:
			return unicode.ToLower(c)
		}
	}, norm.NFKD.String(name))
	switch key {
	case "login", "loginname", "username", "user", "account", "accountname", "useraccount",
		"subuser", "subusername", "subuserlogin",
		"benutzer", "benutzername", "anmeldename", "konto", "kontoname",
		"identifiant", "utilisateur", "nomdutilisateur", "compte",
		"usuario", "nombredeusuario", "cuenta",
		"логин", "пользователь", "имяпользователя", "учетнаязапись":
		return loginColumn
	case "description", "beschreibung", "descripcion", "описание":
		return descriptionColumn
	case "role", "roles", "rolename", "rolenames", "directrole", "directroles",
		"right", "rights", "permission", "permissions",
		"rolle", "rollen", "berechtigung", "berechtigungen", "recht", "rechte",
		"droit", "droits", "rol", "permiso", "permisos", "роль", "роли", "права":
		return rolesColumn
	default:
		return unused
	}
}

// columnsOf returns the meaning of each column.
func columnsOf(head []string, line int) ([]column, error) {
	var columns []column
	for _, name := range head {
		c := columnOf(name)
		if at := slices.Index(columns, c); at >= 0 && c != unused {
			return nil, &FileProblem{
				Line: line,
				Text: "Two columns have the same meaning: " + quote(head[at]) + " and " + quote(name) + ". Remove one of them.",
			}
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// ignoredColumns returns the names of the unused columns. One without a name counts when it is not empty.
func ignoredColumns(head []string, columns []column, filled []bool) []string {
	var ignored []string
	for i, name := range head {
		switch {
		case columns[i] != unused:
		case isFilled(name):
			ignored = append(ignored, clip(visible(name)))
		case filled[i]:
			ignored = append(ignored, fmt.Sprintf("column %d (no name)", i+1))
		}
	}
	return ignored
}

// parseLine converts the cells of one line. Excel leaves out the separators of empty last cells, so a line may be short
// once it has a login.
func parseLine(cells []string, columns []column, line int) newSubuser {
	subuser := newSubuser{line: line}
	for i, c := range columns[:min(len(columns), len(cells))] {
		cell := csvsafe.Unescape(cells[i])
		switch c {
		case loginColumn:
			subuser.login = visible(cell)
		case descriptionColumn:
			subuser.description = cell
		case rolesColumn:
			subuser.roles = roleNames(cell)
		}
	}
	for len(cells) > len(columns) && !isFilled(cells[len(cells)-1]) {
		cells = cells[:len(cells)-1]
	}
	if len(subuser.roles) > maxLineRoles {
		subuser.roles, subuser.problem = nil, fmt.Sprintf("Line %d has more than %d role names.", line, maxLineRoles)
	}
	if login := slices.Index(columns, loginColumn); len(cells) <= login {
		subuser.problem = fmt.Sprintf("Line %d ends before the login. The login is in column %d.", line, login+1)
	}
	if len(cells) > len(columns) {
		subuser.problem = fmt.Sprintf(
			"Line %d has %d cells, the column names have %d. Put cells that contain a separator in quotation marks.",
			line,
			len(cells),
			len(columns),
		)
	}
	return subuser
}

// roleNames splits a cell of role names, which may be in lines of their own. Characters that are not printed are
// removed from the names.
func roleNames(cell string) []string {
	var names []string
	for _, name := range strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(roleSeparators, c) }) {
		name = strings.Map(func(c rune) rune {
			if csvsafe.IsInvisible(c) && !unicode.IsSpace(c) {
				return -1
			}
			return c
		}, visible(name))
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// roleSeparators separate role names. All but the first three are line ends to some program.
const roleSeparators = ";,|\n\v\f\u0085\u2028\u2029"

// maxQuoted is the number of characters of a text from a file that a sentence quotes, maxQuotedNames that of names.
const (
	maxQuoted      = 60
	maxQuotedNames = 10
)

// quote returns the start of a text in quotation marks, with an escape sequence for what is not printed.
func quote(text string) string { return strconv.Quote(clip(visible(text))) }

// clip shortens a text to maxQuoted characters.
func clip(text string) string {
	if characters := []rune(text); len(characters) > maxQuoted {
		return string(characters[:maxQuoted]) + "…"
	}
	return text
}
