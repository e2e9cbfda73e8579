package bulk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// subusers is what a file says: its newcomers, in order, and the names of the columns that were not used.
type importTable struct {
	subusers       []newSubuser
	ignoredColumns []string
}

// column is what a column of the file is for.
type column int

const (
	unused column = iota
	loginColumn
	descriptionColumn
	rolesColumn
)

// readFile reads a table with the columns login, description and roles, in any order and under any separator that
// spreadsheet programs write. What is wrong with one line is said of that line; it fails with FileProblem when the file
// is no such table at all.
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
	head, at, _ := reader.next() // separatorOf has read it
	columns, ignored, err := columnsOf(head, at)
	if err != nil {
		return importTable{}, err
	}
	table := importTable{ignoredColumns: ignored}
	for {
		cells, line, err := reader.next()
		switch {
		case errors.Is(err, io.EOF) && len(table.subusers) == 0:
			return importTable{}, &FileProblem{Text: "The file has a line of column names, and nothing below it."}
		case errors.Is(err, io.EOF):
			return table, nil
		case errors.Is(err, errOpenQuote):
			return importTable{}, &FileProblem{
				Line: line,
				Text: "A quotation mark is opened here and never closed, so that the rest of the file cannot be read.",
			}
		case len(table.subusers) == MaxItems:
			return importTable{}, &FileProblem{
				Line: line,
				Text: fmt.Sprintf("The file has more than %d lines below the column names. Split it.", MaxItems),
			}
		case err != nil:
			table.subusers = append(
				table.subusers,
				newSubuser{
					line: line,
					problem: fmt.Sprintf(
						"A quotation mark in line %d is out of place: a cell that has one is put in quotation marks itself, and the "+
							"mark is doubled.",
						line,
					),
				},
			)
		default:
			table.subusers = append(table.subusers, parseLine(cells, columns, line))
		}
	}
}

// separatorOf finds what separates cells: what makes a column called login of the first line that is not empty. Of
// several, that which makes most columns.
func separatorOf(text string) (rune, error) {
	var (
		best       rune
		maxColumns int
		nonEmpty   bool
	)
	for _, separator := range []rune{',', ';', '\t'} {
		head, _, err := newTableReader(text, separator).next()
		nonEmpty = nonEmpty || !errors.Is(err, io.EOF)
		isLogin := func(cell string) bool { return columnOf(cell) == loginColumn }
		if err == nil && slices.ContainsFunc(head, isLogin) && len(head) > maxColumns {
			best, maxColumns = separator, len(head)
		}
	}
	switch {
	case !nonEmpty:
		return 0, &FileProblem{Text: "The file is empty."}
	case maxColumns == 0:
		return 0, &FileProblem{
			Line: 1,
			Text: "The first line must name the columns, and one of them must be called login. Cells are separated by " +
				"commas, semicolons or tabs.",
		}
	default:
		return best, nil
	}
}

// columnOf says what a column of this name is for. Our own exports call the roles that can be given "direct roles".
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

// columnsOf says what each column is for, and names those that are for nothing.
func columnsOf(head []string, line int) (columns []column, ignored []string, err error) {
	for _, name := range head {
		c := columnOf(name)
		switch {
		case c != unused && slices.Contains(columns, c):
			return nil, nil, &FileProblem{
				Line: line,
				Text: "There is more than one column for the same thing: " + clip(strings.TrimSpace(name)) + ". Leave one of them.",
			}
		case c == unused && strings.TrimSpace(name) != "":
			ignored = append(ignored, clip(strings.TrimSpace(name)))
		}
		columns = append(columns, c)
	}
	return columns, ignored, nil
}

// parseLine reads the cells of one line.
func parseLine(cells []string, columns []column, line int) newSubuser {
	p := newSubuser{line: line}
	for i, c := range columns[:min(len(columns), len(cells))] {
		cell := csvsafe.Unescape(cells[i])
		switch c {
		case loginColumn:
			p.login = cell
		case descriptionColumn:
			p.description = cell
		case rolesColumn:
			p.roles = roleNames(cell)
		}
	}
	for len(cells) > len(columns) && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) != len(columns) {
		p.problem = fmt.Sprintf(
			"Line %d has %d cells where the line of column names has %d. Put cells that contain a separator in quotation marks.",
			line,
			len(cells),
			len(columns),
		)
	}
	return p
}

// roleNames splits a cell of roles.
func roleNames(cell string) []string {
	var names []string
	for _, name := range strings.FieldsFunc(cell, func(c rune) bool { return c == ';' || c == ',' || c == '|' }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// maxQuoted is how much of a text from a file is quoted in a sentence, in characters.
const maxQuoted = 60

// clip shortens a text for a sentence.
func clip(text string) string {
	if characters := []rune(text); len(characters) > maxQuoted {
		return string(characters[:maxQuoted]) + "…"
	}
	return text
}
