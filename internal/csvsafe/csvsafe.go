// Package csvsafe writes tables that spreadsheet programs open without running a cell as a formula, and undoes the
// change for imported tables. It imports no other package of the project.
package csvsafe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape returns the cell with an apostrophe in front of each part that a spreadsheet program would take for a formula.
// A part begins with the cell and after each separator and line end in it: a program that splits at another separator
// than the file's makes a cell of each part. See docs/decisions/0022-formulas-in-exported-tables.md.
func Escape(cell string) string {
	starts := formulaStarts(cell)
	if len(starts) == 0 {
		return cell
	}
	var escaped strings.Builder
	from := 0
	for _, start := range starts {
		escaped.WriteString(cell[from:start] + "'")
		from = start
	}
	return escaped.String() + cell[from:]
}

// Unescape removes the apostrophes that Escape adds: Unescape(Escape(cell)) == cell. It keeps any other apostrophe.
func Unescape(cell string) string {
	starts := formulaStarts(cell)
	if len(starts) == 0 {
		return cell
	}
	var plain strings.Builder
	from := 0
	for _, start := range starts {
		plain.WriteString(cell[from:start])
		from = start + len(cell[start:]) - len(strings.TrimPrefix(cell[start:], "'"))
	}
	return plain.String() + cell[from:]
}

// IsFormula reports whether a spreadsheet program would take the cell as a whole for a formula.
func IsFormula(cell string) bool {
	starts := formulaStarts(cell)
	return len(starts) > 0 && starts[0] == 0
}

// formulaStarts returns the positions at which the parts begin that Escape changes. Apostrophes count as not printed,
// so the positions do not depend on whether the cell is escaped.
func formulaStarts(cell string) []int {
	var starts []int
	if rest := strings.TrimLeft(cell, "'"); rest != "" && strings.ContainsRune("\t\r\n", rune(rest[0])) {
		starts = append(starts, 0) // some programs remove it, and then what follows begins the cell
	}
	start, visible := 0, false // of the current part
	for at, c := range cell {
		switch {
		case visible:
		case strings.ContainsRune(signs, c):
			starts, visible = append(starts, start), true
		default:
			visible = c != '\'' && c != '"' && !IsInvisible(c) && !unicode.Is(unicode.M, c)
		}
		if isSeparator(c) {
			start, visible = at+utf8.RuneLen(c), false
		}
	}
	return starts
}

const (
	// signs begin a formula. The others are the characters that Unicode's compatibility forms make equal to an ASCII
	// sign, and the minus sign, which programs may treat in the same way.
	signs = "=+-@|" + "＝＋－＠｜" + "﹦﹢﹣﹫" + "⁼⁺⁻" + "₌₊₋" + "⩵⩶﬩" + "\u2212"
	// blank characters are printed, but look like nothing.
	blank = "\u2800\ufffc\U0001d159\U00013441\U00013442"
)

// isSeparator reports whether a character ends a part: the separators that programs offer or guess, and everything that
// some program takes for a line end.
func isSeparator(c rune) bool {
	switch c {
	case ',', ';', '|', '\t', '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	default:
		return false
	}
}

// IsInvisible reports whether a character is a space, is not printed, or looks like nothing: spaces, control and format
// characters, characters that are ignored by default, and unassigned ones.
func IsInvisible(c rune) bool {
	return !unicode.IsPrint(c) || c == ' ' || strings.ContainsRune(blank, c) ||
		unicode.In(c, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
