package bulk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decode returns the text of a file, with \n at the end of each line: UTF-8 with or without a byte order mark, or
// UTF-16 with one. It returns a *FileProblem for anything else.
func decode(file []byte) (string, error) {
	if len(file) > MaxFileBytes {
		return "", &FileProblem{Text: "The file is too large: at most 4 MiB can be imported. Split it."}
	}
	if bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return "", &FileProblem{
			Text: "This is a spreadsheet workbook, not a CSV file. Save it as CSV (UTF-8) and choose that file.",
		}
	}
	// The decoder replaces what is no character by U+FFFD, so it does not fail. After a byte order mark of UTF-8 it
	// replaces nothing.
	decoded, _, _ := transform.Bytes(unicode.BOMOverride(unicode.UTF8.NewDecoder()), file)
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(decoded))
	for line, rest, more := 1, text, true; more; line++ {
		var current string
		current, rest, more = strings.Cut(rest, "\n")
		if !utf8.ValidString(current) || strings.ContainsAny(current, "\x00\ufffd") {
			return "", &FileProblem{
				Line: line,
				Text: "The file is not text in UTF-8 (or in UTF-16 with a byte order mark). Save it as CSV (UTF-8) and try again.",
			}
		}
	}
	return text, nil
}

// tableReader reads a decoded table line by line. A quoted cell may contain line ends.
type tableReader struct {
	text string
	csv  *csv.Reader
}

func newTableReader(text string, separator rune) tableReader {
	r := tableReader{text: text, csv: csv.NewReader(strings.NewReader(text))}
	r.csv.Comma, r.csv.FieldsPerRecord = separator, -1
	return r
}

// errOpenQuote is the error for a text that ends within a quoted cell.
var errOpenQuote = errors.New("a quotation mark is never closed")

// next returns the cells of the next line that is not blank, and the number of the line at which it begins. It returns
// a *FileProblem for a line beyond the limits; a *csv.ParseError for a quotation mark that is out of place, after which
// the next line can be read; errOpenQuote; or io.EOF.
func (r tableReader) next() (cells []string, line int, err error) {
	for {
		if err := r.checkNextLine(); err != nil {
			return nil, 0, err
		}
		cells, err := r.csv.Read()
		if problem, ok := errors.AsType[*csv.ParseError](err); ok {
			if r.isOpenQuote(problem) {
				err = errOpenQuote
			}
			return nil, problem.StartLine, err
		}
		if err != nil {
			return nil, 0, err
		}
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			line, _ := r.csv.FieldPos(0)
			return cells, line, nil
		}
	}
}

// isOpenQuote reports whether the error is about a quotation mark that is never closed. encoding/csv reports it as
// ErrQuote behind the last character of the text; a quotation mark out of place has a position within its line.
func (r tableReader) isOpenQuote(problem *csv.ParseError) bool {
	if !errors.Is(problem, csv.ErrQuote) || r.csv.InputOffset() < int64(len(r.text)) {
		return false
	}
	lastLine := r.text[strings.LastIndexByte(strings.TrimSuffix(r.text, "\n"), '\n')+1:]
	return problem.Column > len(lastLine)
}
