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
	reading        FileReading
	lines          LineCounts
	subusers       []newSubuser
	ignoredColumns []string
	hasRoles       bool // a column is for the roles
}

// readFile reads a table with the columns login, description and roles, in any order and with any separator that
// spreadsheet programs write. A problem with one line is reported in that line's newSubuser. It returns a *FileProblem
// when the file is not such a table, and a *ReadingDoubt when an operator has to decide how it is read.
func readFile(file ImportFile) (importTable, error) {
	text, encoding, err := decode(file)
	if err != nil {
		return importTable{}, err
	}
	text, named := cutSeparatorLine(text)
	separator, err := separatorOf(text, named, file.Separator)
	if err != nil {
		return importTable{}, err
	}
	reader := newTableReader(text, separator)
	head, at, err := reader.next()
	if problem, ok := errors.AsType[*FileProblem](err); ok {
		return importTable{}, problem
	}
	if err != nil {
		return importTable{}, &FileProblem{Line: at, Text: noColumnNames}
	}
	columns, doubts := columnsOf(head)
	if file.Columns != nil {
		columns, doubts = file.Columns, columnProblems(file.Columns, len(head))
	}
	if len(columns) != len(head) {
		columns = make([]ColumnUse, len(head))
	}
	table := importTable{
		reading:  FileReading{Encoding: encoding, Separator: string(separator), Doubts: doubts},
		hasRoles: slices.Contains(columns, RolesColumn),
	}
	for i, name := range head {
		table.reading.Columns = append(table.reading.Columns, FileColumn{
			Name: clipTo(visible(name), min(maxQuoted, maxShownCells/len(head))),
			Use:  columns[i],
		})
	}
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
			return table, table.doubt(file)
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
			table.lines.add(problem)
			table.subusers = append(table.subusers, newSubuser{line: line, problem: problem})
		default:
			table.reading.addRow(cells, len(columns))
			subuser := parseLine(cells, columns, line)
			table.lines.add(subuser.problem)
			table.subusers = append(table.subusers, subuser)
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

// noColumnNames is the problem of a first line that cannot be read.
const noColumnNames = "The first line must contain the column names, separated by commas, semicolons or tabs."

// separatorOf returns the separator with which the first line that is not blank has a column for the login: the named
// one, or the one that gives the most columns. Without such a column, it returns the one that gives the most columns.
// An operator may have chosen one of these.
func separatorOf(text string, named rune, chosen string) (rune, error) {
	for _, separator := range []rune{named, ',', ';', '\t', '|'} {
		if chosen != "" && chosen == string(separator) {
			return separator, nil
		}
	}
	var (
		best     rune
		widest   rune // gives names
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
			names, line, widest = head, at, separator
		}
		if slices.ContainsFunc(head, func(name string) bool { return columnOf(name) == LoginColumn }) && len(head) > columns {
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
	case best == 0 && widest == 0:
		return 0, &FileProblem{Line: line, Text: noColumnNames}
	case best == 0:
		return widest, nil
	default:
		return best, nil
	}
}

// columnOf returns the meaning of a column by its name. Case, accents, spaces, dashes and such do not count; tabs do,
// because they may be separators. The names are those of the console's exports, and words of English, German, French,
// Spanish and Russian tables.
func columnOf(name string) ColumnUse {
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
		return LoginColumn
	case "description", "beschreibung", "descripcion", "описание":
		return DescriptionColumn
	case "role", "roles", "rolename", "rolenames", "directrole", "directroles",
		"right", "rights", "permission", "permissions",
		"rolle", "rollen", "berechtigung", "berechtigungen", "recht", "rechte",
		"droit", "droits", "rol", "permiso", "permisos", "роль", "роли", "права":
		return RolesColumn
	default:
		return UnusedColumn
	}
}

// columnsOf returns the use of each column by its name, and sentences about what the names leave open.
func columnsOf(head []string) (columns []ColumnUse, doubts []string) {
	for _, name := range head {
		use := columnOf(name)
		if at := slices.Index(columns, use); at >= 0 && use != UnusedColumn {
			doubts = append(doubts, "Two columns have the same meaning: "+quote(head[at])+" and "+quote(name)+".")
			use = UnusedColumn
		}
		columns = append(columns, use)
	}
	if !slices.Contains(columns, LoginColumn) {
		doubts = append(doubts, "No column is called login.")
	}
	return columns, doubts
}

// ignoredColumns returns the names of the UnusedColumn columns. One without a name counts when it is not empty.
func ignoredColumns(head []string, columns []ColumnUse, filled []bool) []string {
	var ignored []string
	for i, name := range head {
		switch {
		case columns[i] != UnusedColumn:
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
func parseLine(cells []string, columns []ColumnUse, line int) newSubuser {
	subuser := newSubuser{line: line}
	for i, c := range columns[:min(len(columns), len(cells))] {
		cell := csvsafe.Unescape(cells[i])
		switch c {
		case LoginColumn:
			subuser.login = visible(cell)
		case DescriptionColumn:
			subuser.description = cell
		case RolesColumn:
			subuser.roles = roleNames(cell)
		}
	}
	if len(subuser.roles) == 0 {
		for i, cell := range cells[:min(len(columns), len(cells))] {
			if columns[i] == UnusedColumn && isFilled(cell) {
				subuser.unused = append(subuser.unused, csvsafe.Unescape(cell))
			}
		}
	}
	for len(cells) > len(columns) && !isFilled(cells[len(cells)-1]) {
		cells = cells[:len(cells)-1]
	}
	if len(subuser.roles) > maxLineRoles {
		subuser.roles, subuser.problem = nil, fmt.Sprintf("Line %d has more than %d role names.", line, maxLineRoles)
	}
	if login := slices.Index(columns, LoginColumn); len(cells) <= login {
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

// maxQuoted is the number of characters of a text from a file that a sentence quotes.
const maxQuoted = 60

// quote returns the start of a text in quotation marks, with an escape sequence for what is not printed.
func quote(text string) string { return strconv.Quote(clip(visible(text))) }

// clip shortens a text to maxQuoted characters.
func clip(text string) string { return clipTo(text, maxQuoted) }

// clipTo shortens a text to a number of characters.
func clipTo(text string, most int) string {
	end, characters := len(text), 0
	for at := range text {
		if characters == most {
			end = at
			break
		}
		characters++
	}
	if end == len(text) {
		return text
	}
	return text[:end] + "…"
}
