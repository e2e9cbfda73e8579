package bulk

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	stdunicode "unicode"
	"unicode/utf8"

	"github.com/voxwarden/voxwarden/internal/csvsafe"
)

// decode returns the text of a file, with \n at the end of each line, and its encoding. It returns a *FileProblem for
// anything that is not text.
func decode(imported ImportFile) (text string, encoding Encoding, err error) {
	file := imported.Content
	if format := binaryFormat(file); format != "" {
		return "", "", wrongFormat(format)
	}
	if len(file) > MaxFileBytes {
		return "", "", &FileProblem{Text: "The file is too large: at most 4 MiB can be imported. Split it."}
	}
	if encoding = imported.Encoding; encoding == "" {
		encoding = detectEncoding(file)
	}
	decoded, lossless, err := encoding.decode(file)
	if err != nil {
		return "", "", err
	}
	text = strings.TrimLeftFunc(csvsafe.LineFeeds(decoded), isFormat)
	if format := textFormat(text); format != "" {
		return "", "", wrongFormat(format)
	}
	for line, rest, more := 1, text, true; more; line++ {
		var current string
		current, rest, more = strings.Cut(rest, "\n")
		if strings.ContainsRune(current, 0) ||
			!lossless && (strings.ContainsRune(current, utf8.RuneError) || strings.ContainsFunc(current, isBinary)) {
			return "", "", &FileProblem{
				Line: line,
				Text: "The file is not text in a known encoding. Save it as CSV (UTF-8) and try again.",
			}
		}
	}
	return withoutEndOfFile(text), encoding, nil
}

// isFormat reports whether a character is not printed and is neither a space nor a control character, such as a byte
// order mark.
func isFormat(c rune) bool {
	return csvsafe.IsInvisible(c) && !stdunicode.IsSpace(c) && !stdunicode.IsControl(c)
}

// withoutEndOfFile removes the Ctrl-Z that some programs write behind the last line, from when it ended a file.
func withoutEndOfFile(text string) string {
	lines := strings.TrimRight(text, "\n")
	rest := strings.TrimRight(lines, "\x1a")
	if len(lines) == len(text) || rest == "" || strings.HasSuffix(rest, "\n") {
		return rest
	}
	return text // a Ctrl-Z before a line end belongs to the cell
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
		if slices.ContainsFunc(cells, isFilled) {
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

// isFilled reports whether a cell contains something that is visible.
func isFilled(cell string) bool { return visible(cell) != "" }

// visible returns the text without the spaces and the characters that are not printed around it.
func visible(text string) string { return strings.TrimFunc(text, csvsafe.IsInvisible) }
