package bulk

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// lines reads a table line by line, as RFC 4180 has it: a cell in quotation marks may contain the separator, line
// ends, and quotation marks, which are doubled; any other cell contains none of these.
type lines struct {
	text      string // with \n at the end of each line
	separator byte
	at        int // the next byte
	line      int // how many line ends are before it
}

var (
	// errQuote says that a quotation mark is where none can be. Reading goes on with the next line.
	errQuote = errors.New("a quotation mark is out of place")
	// errOpenQuote says that the text ends within a quoted cell.
	errOpenQuote = errors.New("a quotation mark is never closed")
)

// next reads the next line that is not blank, and says at which line of the text it begins. It fails with errQuote,
// errOpenQuote or io.EOF.
func (l *lines) next() (cells []string, line int, err error) {
	for l.at < len(l.text) {
		line = l.line + 1
		cells, err = l.read()
		blank := !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
		if err != nil || !blank {
			return cells, line, err
		}
	}
	return nil, l.line + 1, io.EOF
}

// read reads one line, blank or not.
func (l *lines) read() (cells []string, err error) {
	for {
		cell, err := l.cell()
		if err != nil {
			l.skip()
			return nil, err
		}
		cells = append(cells, cell)
		if l.at == len(l.text) {
			return cells, nil
		}
		end := l.text[l.at] == '\n'
		l.at++
		if end {
			l.line++
			return cells, nil
		}
	}
}

// cell reads one cell, up to what ends it: a separator, the end of the line, or that of the text.
func (l *lines) cell() (string, error) {
	if strings.HasPrefix(l.text[l.at:], `"`) {
		return l.quoted()
	}
	begin := l.at
	for ; l.at < len(l.text) && !l.ends(); l.at++ {
		if l.text[l.at] == '"' {
			return "", errQuote
		}
	}
	return l.text[begin:l.at], nil
}

// quoted reads a cell in quotation marks.
func (l *lines) quoted() (string, error) {
	var cell strings.Builder
	for l.at++; ; l.at++ {
		length := strings.IndexByte(l.text[l.at:], '"')
		if length < 0 {
			return "", errOpenQuote
		}
		part := l.text[l.at : l.at+length]
		cell.WriteString(part)
		l.line += strings.Count(part, "\n")
		l.at += length + 1
		if l.at == len(l.text) || l.ends() {
			return cell.String(), nil
		}
		if l.text[l.at] != '"' {
			return "", errQuote
		}
		cell.WriteByte('"')
	}
}

// ends says whether the next byte ends a cell.
func (l *lines) ends() bool { return l.text[l.at] == l.separator || l.text[l.at] == '\n' }

// skip goes to the next line.
func (l *lines) skip() {
	length := strings.IndexByte(l.text[l.at:], '\n')
	if length < 0 {
		l.at = len(l.text)
		return
	}
	l.at += length + 1
	l.line++
}
