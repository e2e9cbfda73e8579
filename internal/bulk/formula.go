package bulk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsFormula says whether a spreadsheet would take a text for a formula. Spreadsheets skip what cannot be seen, and take
// the wide forms of the signs as well.
func IsFormula(text string) bool {
	visible := strings.TrimLeftFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || unicode.Is(unicode.Cf, c)
	})
	first, _ := utf8.DecodeRuneInString(visible)
	return strings.ContainsRune("=+-@|＝＋－＠", first) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") ||
		strings.HasPrefix(text, "\n")
}

// unescapeFormula takes off the apostrophe that our exports put in front of what a spreadsheet would take for a
// formula.
func unescapeFormula(text string) string {
	if rest, found := strings.CutPrefix(text, "'"); found && IsFormula(rest) {
		return rest
	}
	return text
}
