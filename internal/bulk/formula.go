package bulk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Formula says whether a spreadsheet would take a text for a formula. Spreadsheets skip what cannot be seen, and take
// the wide forms of the signs as well.
func Formula(text string) bool {
	seen := strings.TrimLeftFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || unicode.Is(unicode.Cf, c)
	})
	first, _ := utf8.DecodeRuneInString(seen)
	return strings.ContainsRune("=+-@|＝＋－＠", first) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") ||
		strings.HasPrefix(text, "\n")
}

// unguarded takes off the apostrophe that our exports put in front of what a spreadsheet would take for a formula.
func unguarded(text string) string {
	if rest, found := strings.CutPrefix(text, "'"); found && Formula(rest) {
		return rest
	}
	return text
}
