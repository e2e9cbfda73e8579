package bulk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// people is what a file says: its newcomers, in order, and the names of the columns that were not used.
type people struct {
	people  []newcomer
	ignored []string
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
func readFile(file []byte) (people, error) {
	text, err := decode(file)
	if err != nil {
		return people{}, err
	}
	separator, err := separatorOf(text)
	if err != nil {
		return people{}, err
	}
	lines := lines{text: text, separator: separator}
	head, at, _ := lines.next() // separatorOf has read it
	columns, ignored, err := columnsOf(head, at)
	if err != nil {
		return people{}, err
	}
	found := people{ignored: ignored}
	for {
		cells, line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF) && len(found.people) == 0:
			return people{}, &FileProblem{Text: "The file has a line of column names, and nothing below it."}
		case errors.Is(err, io.EOF):
			return found, nil
		case errors.Is(err, errOpenQuote):
			return people{}, &FileProblem{
				Line: line,
				Text: "A quotation mark is opened here and never closed, so that the rest of the file cannot be read.",
			}
		case len(found.people) == RowsMax:
			return people{}, &FileProblem{
				Line: line,
				Text: fmt.Sprintf("The file has more than %d lines below the column names. Split it.", RowsMax),
			}
		case err != nil:
			found.people = append(
				found.people,
				newcomer{
					line: line,
					problem: fmt.Sprintf(
						"A quotation mark in line %d is out of place: a cell that has one is put in quotation marks itself, and the "+
							"mark is doubled.",
						line,
					),
				},
			)
		default:
			found.people = append(found.people, newcomerOf(cells, columns, line))
		}
	}
}

// separatorOf finds what separates cells: what makes a column called login of the first line that is not empty. Of
// several, that which makes most columns.
func separatorOf(text string) (byte, error) {
	var (
		best byte
		most int
		some bool
	)
	for _, separator := range []byte{',', ';', '\t'} {
		head, _, err := (&lines{text: text, separator: separator}).next()
		some = some || !errors.Is(err, io.EOF)
		isLogin := func(cell string) bool { return use(cell) == loginColumn }
		if err == nil && slices.ContainsFunc(head, isLogin) && len(head) > most {
			best, most = separator, len(head)
		}
	}
	switch {
	case !some:
		return 0, &FileProblem{Text: "The file is empty."}
	case most == 0:
		return 0, &FileProblem{
			Line: 1,
			Text: "The first line must name the columns, and one of them must be called login. Cells are separated by " +
				"commas, semicolons or tabs.",
		}
	default:
		return best, nil
	}
}

// use says what a column of this name is for. Our own exports call the roles that can be given "direct roles".
func use(name string) column {
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
		c := use(name)
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

// newcomerOf reads the cells of one line.
func newcomerOf(cells []string, columns []column, line int) newcomer {
	p := newcomer{line: line}
	for i, c := range columns[:min(len(columns), len(cells))] {
		cell := unguarded(cells[i])
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

// clipped is how much of a text from a file is quoted in a sentence, in characters.
const clipped = 60

// clip shortens a text for a sentence.
func clip(text string) string {
	if characters := []rune(text); len(characters) > clipped {
		return string(characters[:clipped]) + "…"
	}
	return text
}
