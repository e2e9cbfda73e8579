package bulk

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// csvReader reads a table line by line, as RFC 4180 has it: a cell in quotation marks may contain the separator, line
// ends, and quotation marks, which are doubled; any other cell contains none of these.
type csvReader struct {
	text      string // with \n at the end of each line
	separator byte
	pos       int // the next byte
	lineEnds  int // how many line ends are before it
}

var (
	// errQuote says that a quotation mark is where none can be. Reading goes on with the next line.
	errQuote = errors.New("a quotation mark is out of place")
	// errOpenQuote says that the text ends within a quoted cell.
	errOpenQuote = errors.New("a quotation mark is never closed")
)

// nextItem reads the next line that is not blank, and says at which line of the text it begins. It fails with errQuote,
// errOpenQuote or io.EOF.
func (l *csvReader) next() (cells []string, line int, err error) {
	for l.pos < len(l.text) {
		line = l.lineEnds + 1
		cells, err = l.read()
		blank := !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
		if err != nil || !blank {
			return cells, line, err
		}
	}
	return nil, l.lineEnds + 1, io.EOF
}

// read reads one line, blank or not.
func (l *csvReader) read() (cells []string, err error) {
	for {
		cell, err := l.cell()
		if err != nil {
			l.skipLine()
			return nil, err
		}
		cells = append(cells, cell)
		if l.pos == len(l.text) {
			return cells, nil
		}
		end := l.text[l.pos] == '\n'
		l.pos++
		if end {
			l.lineEnds++
			return cells, nil
		}
	}
}

// cell reads one cell, up to what ends it: a separator, the end of the line, or that of the text.
func (l *csvReader) cell() (string, error) {
	if strings.HasPrefix(l.text[l.pos:], `"`) {
		return l.quoted()
	}
	begin := l.pos
	for ; l.pos < len(l.text) && !l.atCellEnd(); l.pos++ {
		if l.text[l.pos] == '"' {
			return "", errQuote
		}
	}
	return l.text[begin:l.pos], nil
}

// quoted reads a cell in quotation marks.
func (l *csvReader) quoted() (string, error) {
	var cell strings.Builder
	for l.pos++; ; l.pos++ {
		length := strings.IndexByte(l.text[l.pos:], '"')
		if length < 0 {
			return "", errOpenQuote
		}
		part := l.text[l.pos : l.pos+length]
		cell.WriteString(part)
		l.lineEnds += strings.Count(part, "\n")
		l.pos += length + 1
		if l.pos == len(l.text) || l.atCellEnd() {
			return cell.String(), nil
		}
		if l.text[l.pos] != '"' {
			return "", errQuote
		}
		cell.WriteByte('"')
	}
}

// atCellEnd says whether the next byte ends a cell.
func (l *csvReader) atCellEnd() bool { return l.text[l.pos] == l.separator || l.text[l.pos] == '\n' }

// skipLine goes to the next line.
func (l *csvReader) skipLine() {
	length := strings.IndexByte(l.text[l.pos:], '\n')
	if length < 0 {
		l.pos = len(l.text)
		return
	}
	l.pos += length + 1
	l.lineEnds++
}
