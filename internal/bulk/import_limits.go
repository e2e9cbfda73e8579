package bulk

import (
	"fmt"
	"strings"
)

// The limits of one line of an imported file. They keep the memory for a file of MaxFileBytes below 50 MiB, whatever it
// contains.
const (
	maxColumns   = 50
	maxLineBytes = 64 << 10
	maxLineRoles = 200
	// maxQuotedProblems is the number of sentences about the roles of one line.
	maxQuotedProblems = 5
)

// checkNextLine returns a *FileProblem when the next line that is not blank has too many columns or bytes. encoding/csv
// has no such limits: it would build all cells of a line of four million commas first, which takes 300 MB.
func (r tableReader) checkNextLine() error {
	rest := r.text[r.csv.InputOffset():]
	begin := len(rest) - len(strings.TrimLeft(rest, "\n"))
	line := lineScanner{separator: r.csv.Comma, columns: 1}
	for i, c := range rest[begin:] {
		switch {
		case line.ends(c):
			return nil
		case line.columns > maxColumns:
			return r.lineProblem(begin, tooManyColumns())
		case i >= maxLineBytes:
			return r.lineProblem(
				begin,
				fmt.Sprintf("The line is longer than %d KiB. A quotation mark may be missing.", maxLineBytes>>10),
			)
		}
	}
	return nil
}

func tooManyColumns() string {
	return fmt.Sprintf("The line has more than %d columns. Remove the others.", maxColumns)
}

// lineProblem returns a problem of the line that begins begin bytes after the last one that was read.
func (r tableReader) lineProblem(begin int, text string) error {
	return &FileProblem{Line: 1 + strings.Count(r.text[:int(r.csv.InputOffset())+begin], "\n"), Text: text}
}

// lineScanner finds the columns and the end of a line as encoding/csv does, character by character.
type lineScanner struct {
	separator rune
	columns   int
	state     lineState
}

// lineState is the position within a cell.
type lineState int

const (
	cellStart lineState = iota
	bareCell
	quotedCell
	afterQuote
)

// ends reads a character and reports whether the line ends with it. encoding/csv stops at a quotation mark that is out
// of place, so there the line counts as ended.
func (s *lineScanner) ends(c rune) bool {
	switch {
	case s.state == quotedCell:
		if c == '"' {
			s.state = afterQuote
		}
	case c == '\n':
		return true
	case c == s.separator:
		s.state = cellStart
		s.columns++
	case c == '"' && s.state != bareCell: // begins a cell, or is the second of two within one
		s.state = quotedCell
	case c == '"' || s.state == afterQuote:
		return true
	default:
		s.state = bareCell
	}
	return false
}
