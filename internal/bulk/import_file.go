package bulk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// importTable is the content of an imported file.
type importTable struct {
	subusers       []newSubuser
	ignoredColumns []string
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
	separator, err := separatorOf(text)
	if err != nil {
		return importTable{}, err
	}
	reader := newTableReader(text, separator)
	head, at, _ := reader.next() // separatorOf has read it without an error
	columns, ignored, err := columnsOf(head, at)
	if err != nil {
		return importTable{}, err
	}
	table := importTable{ignoredColumns: ignored}
	for {
		cells, line, err := reader.next()
		if problem, ok := errors.AsType[*FileProblem](err); ok {
			return importTable{}, problem
		}
		switch {
		case errors.Is(err, io.EOF) && len(table.subusers) == 0:
			return importTable{}, &FileProblem{Text: "The file has column names, but no lines below them."}
		case errors.Is(err, io.EOF):
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
		}
	}
}

// separatorOf returns the separator with which the first line that is not blank has a column called login. Of several
// it returns the one that gives the most columns.
func separatorOf(text string) (rune, error) {
	var (
		best        rune
		bestColumns int
		nonEmpty    bool
		tooLong     *FileProblem
	)
	for _, separator := range []rune{',', ';', '\t'} {
		head, _, err := newTableReader(text, separator).next()
		nonEmpty = nonEmpty || !errors.Is(err, io.EOF)
		if problem, ok := errors.AsType[*FileProblem](err); ok && (tooLong == nil || problem.Text == tooManyColumns()) {
			tooLong = problem
		}
		isLogin := func(cell string) bool { return columnOf(cell) == loginColumn }
		if err == nil && slices.ContainsFunc(head, isLogin) && len(head) > bestColumns {
			best, bestColumns = separator, len(head)
		}
	}
	switch {
	case !nonEmpty:
		return 0, &FileProblem{Text: "The file is empty."}
	case bestColumns == 0 && tooLong != nil:
		return 0, tooLong
	case bestColumns == 0:
		return 0, &FileProblem{
			Line: 1,
			Text: "The first line must contain the column names, separated by commas, semicolons or tabs. One column must be " +
				"called login.",
		}
	default:
		return best, nil
	}
}

// columnOf returns the meaning of a column by its name. "direct roles" is its name in the console's own exports.
func columnOf(name string) column {
	switch strings.Join(strings.Fields(strings.ToLower(name)), " ") {
	case "login":
		return loginColumn
	case "description":
		return descriptionColumn
	case "roles", "direct roles":
		return rolesColumn
	default:
		return unused
	}
}

// columnsOf returns the meaning of each column, and the names of the unused ones.
func columnsOf(head []string, line int) (columns []column, ignored []string, err error) {
	for _, name := range head {
		c := columnOf(name)
		switch {
		case c != unused && slices.Contains(columns, c):
			return nil, nil, &FileProblem{
				Line: line,
				Text: "Two columns have the same meaning: " + clip(strings.TrimSpace(name)) + ". Remove one of them.",
			}
		case c == unused && strings.TrimSpace(name) != "":
			ignored = append(ignored, clip(strings.TrimSpace(name)))
		}
		columns = append(columns, c)
	}
	return columns, ignored, nil
}

// parseLine converts the cells of one line.
func parseLine(cells []string, columns []column, line int) newSubuser {
	subuser := newSubuser{line: line}
	for i, c := range columns[:min(len(columns), len(cells))] {
		cell := csvsafe.Unescape(cells[i])
		switch c {
		case loginColumn:
			subuser.login = cell
		case descriptionColumn:
			subuser.description = cell
		case rolesColumn:
			subuser.roles = roleNames(cell)
		}
	}
	for len(cells) > len(columns) && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(subuser.roles) > maxLineRoles {
		subuser.roles, subuser.problem = nil, fmt.Sprintf("Line %d has more than %d role names.", line, maxLineRoles)
	}
	if len(cells) != len(columns) {
		subuser.problem = fmt.Sprintf(
			"Line %d has %d cells, the column names have %d. Put cells that contain a separator in quotation marks.",
			line,
			len(cells),
			len(columns),
		)
	}
	return subuser
}

// roleNames splits a cell of role names.
func roleNames(cell string) []string {
	var names []string
	for _, name := range strings.FieldsFunc(cell, func(c rune) bool { return c == ';' || c == ',' || c == '|' }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// maxQuoted is the number of characters of a text from a file that a sentence quotes.
const maxQuoted = 60

// clip shortens a text to maxQuoted characters.
func clip(text string) string {
	if characters := []rune(text); len(characters) > maxQuoted {
		return string(characters[:maxQuoted]) + "…"
	}
	return text
}
