// Package csvsafe makes the cells of exported tables safe to open in a spreadsheet program, which would otherwise run
// some of them as formulas, and undoes that for imported tables. It imports no other package of the project.
package csvsafe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsFormula reports whether a spreadsheet program would take a cell for a formula. Spreadsheet programs skip invisible
// characters at the start, and accept the full-width forms of the signs too.
func IsFormula(cell string) bool {
	visible := strings.TrimLeftFunc(cell, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || unicode.Is(unicode.Cf, c)
	})
	first, _ := utf8.DecodeRuneInString(visible)
	return strings.ContainsRune("=+-@|＝＋－＠", first) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") ||
		strings.HasPrefix(cell, "\n")
}

// Escape returns the cell with an apostrophe in front when it is a formula, and unchanged otherwise. Spreadsheet
// programs do not show the apostrophe.
func Escape(cell string) string {
	if IsFormula(cell) {
		return "'" + cell
	}
	return cell
}

// Unescape removes the apostrophe that Escape adds. It keeps any other apostrophe.
func Unescape(cell string) string {
	if rest, found := strings.CutPrefix(cell, "'"); found && IsFormula(rest) {
		return rest
	}
	return cell
}
