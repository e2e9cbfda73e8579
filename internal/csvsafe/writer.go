package csvsafe

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// ByteOrderMark begins every written file: without it, Excel reads UTF-8 as the code page of the system.
const ByteOrderMark = "\ufeff"

// The separators of columns. Excel splits a file at the list separator of the system only, which is a semicolon where
// numbers have a decimal comma. See docs/decisions/0035-exports-for-excel.md.
const (
	Comma     = ','
	Semicolon = ';'
)

// Writer writes a table for spreadsheet programs: UTF-8 after a byte order mark, lines that end in CR LF, and cells
// changed by Escape. Line ends within a cell become CR LF too.
type Writer struct{ table *csv.Writer }

// NewWriter returns a Writer to out with a separator between the columns. Nothing reaches out before the first Flush,
// unless the table is large.
func NewWriter(out io.Writer, separator rune) *Writer {
	buffer := bufio.NewWriter(out) // the csv.Writer uses it too
	_, _ = buffer.WriteString(ByteOrderMark)
	table := csv.NewWriter(buffer)
	table.Comma, table.UseCRLF = separator, true
	return &Writer{table: table}
}

// Write writes a line.
func (w *Writer) Write(cells []string) error {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = Escape(LineFeeds(cell))
	}
	if err := w.table.Write(escaped); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// Flush writes what is buffered.
func (w *Writer) Flush() error {
	w.table.Flush()
	if err := w.table.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// WriteAll writes lines and flushes.
func (w *Writer) WriteAll(lines [][]string) error {
	for _, cells := range lines {
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// LineFeeds returns the text with CR LF and CR replaced by LF. A csv.Writer that ends lines in CR LF would drop a CR
// alone, a csv.Reader would keep it.
func LineFeeds(text string) string {
	if !strings.Contains(text, "\r") {
		return text // a Replacer copies it
	}
	return lineFeeds.Replace(text)
}

var lineFeeds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
